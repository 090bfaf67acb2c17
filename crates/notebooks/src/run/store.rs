//! Rows of kernels and runs.

use super::model::{Run, RunState};
use crate::store::log::Statement;
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};
use castalia_kernel::KernelSpec;

/// The kernel of a notebook: what should run.
#[derive(Clone, Debug)]
pub(crate) struct KernelRow {
    pub(crate) notebook: String,
    pub(crate) project: String,
    /// Counts its units.
    pub(crate) run: i64,
    pub(crate) spec: KernelSpec,
    /// Whether its unit has not ended for us.
    pub(crate) active: bool,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) stop_reason: Option<String>,
    /// Lives of earlier units.
    pub(crate) base: i64,
    /// The newest life.
    pub(crate) incarnation: i64,
    /// Up to here the unit's journal is in the document.
    pub(crate) journal: u64,
    pub(crate) node: String,
    /// What the driver of the unit remembers.
    pub(crate) memo: Option<String>,
}

impl KernelRow {
    /// The name of its unit.
    pub(crate) fn unit_name(&self) -> String {
        format!("{UNIT}{}_k{}", self.notebook.trim_start_matches("nb_"), self.run)
    }
}

/// What the names of units begin with.
pub(crate) const UNIT: &str = "unit_";

/// Notebook and number of a unit's name.
pub(crate) fn of_unit(unit: &str) -> Option<(String, i64)> {
    let (ulid, run) = unit.strip_prefix(UNIT)?.rsplit_once("_k")?;
    Some((format!("nb_{ulid}"), run.parse().ok()?))
}

fn kernel_of(row: &Row) -> Result<KernelRow, Error> {
    Ok(KernelRow {
        notebook: row.text("notebook_id")?,
        project: row.text("project_id")?,
        run: row.int("run")?,
        spec: serde_json::from_str(&row.text("spec")?)?,
        active: row.int("active")? != 0,
        started_at: row.opt_time("started_at")?,
        stop_reason: row.opt_text("stop_reason")?,
        base: row.int("base")?,
        incarnation: row.int("incarnation")?,
        journal: u64::try_from(row.int("journal")?).unwrap_or_default(),
        node: row.text("node")?,
        memo: row.opt_text("memo")?,
    })
}

pub(crate) async fn kernel(sql: &mut impl Sql, notebook: &str) -> Result<Option<KernelRow>, Error> {
    let row = sql
        .fetch_optional("SELECT * FROM notebook_kernels WHERE notebook_id = $1", params![notebook])
        .await?;
    row.as_ref().map(kernel_of).transpose()
}

/// Kernels of this installation whose units have not ended.
pub(crate) async fn active(sql: &mut impl Sql, node: &str) -> Result<Vec<KernelRow>, Error> {
    let rows =
        sql.fetch_all("SELECT * FROM notebook_kernels WHERE node = $1 AND active = 1", params![node]).await?;
    rows.iter().map(kernel_of).collect()
}

/// Wants a new unit: its number. None when one is active already.
pub(crate) async fn start(
    tx: &mut Tx,
    k: &KernelRow,
    by: &crate::Person,
    now: Timestamp,
) -> Result<Option<i64>, Error> {
    let spec = serde_json::to_string(&k.spec)?;
    let row = tx
        .fetch_optional(
            "INSERT INTO notebook_kernels (notebook_id, project_id, run, node, spec, active, base, incarnation, \
             journal, by_id, by_name, asked_at) VALUES ($1, $2, 1, $3, $4, 1, 0, 0, 0, $5, $6, $7) \
             ON CONFLICT (notebook_id) DO UPDATE SET run = notebook_kernels.run + 1, node = excluded.node, \
             spec = excluded.spec, active = 1, started_at = NULL, stop_reason = NULL, \
             base = notebook_kernels.incarnation, journal = 0, memo = NULL, by_id = excluded.by_id, by_name = excluded.by_name, \
             asked_at = excluded.asked_at WHERE notebook_kernels.active = 0 RETURNING run",
            params![&k.notebook, &k.project, &k.node, spec, &by.id, &by.name, now],
        )
        .await?;
    row.map(|row| row.int("run")).transpose()
}

pub(crate) async fn set_started(tx: &mut Tx, k: &KernelRow, since: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE notebook_kernels SET started_at = $3 WHERE notebook_id = $1 AND run = $2 AND started_at IS NULL",
        params![&k.notebook, k.run, since],
    )
    .await?;
    Ok(())
}

pub(crate) async fn set_stop(tx: &mut Tx, notebook: &str, reason: &str) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE notebook_kernels SET stop_reason = $2 WHERE notebook_id = $1 AND active = 1 AND stop_reason IS NULL",
            params![notebook, reason],
        )
        .await?;
    Ok(changed > 0)
}

pub(crate) async fn finish(tx: &mut Tx, notebook: &str, run: i64) -> Result<(), Error> {
    tx.execute(
        "UPDATE notebook_kernels SET active = 0 WHERE notebook_id = $1 AND run = $2",
        params![notebook, run],
    )
    .await?;
    Ok(())
}

/// As [`finish`], together with a change of the document.
pub(crate) fn finished(notebook: &str, run: i64) -> Statement {
    Statement {
        sql: "UPDATE notebook_kernels SET active = 0 WHERE notebook_id = $1 AND run = $2",
        params: params![notebook, run].to_vec(),
    }
}

/// The kernel of a notebook that is gone.
pub(crate) async fn forget(tx: &mut Tx, notebook: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM notebook_kernels WHERE notebook_id = $1", params![notebook]).await?;
    Ok(())
}

/// Notebooks whose kernels nobody has used since `before`.
pub(crate) async fn unused(sql: &mut impl Sql, node: &str, before: Timestamp) -> Result<Vec<String>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT k.notebook_id FROM notebook_kernels k WHERE k.node = $1 AND k.active = 1 AND k.stop_reason IS NULL \
             AND k.started_at < $2 AND NOT EXISTS (SELECT 1 FROM notebook_runs r WHERE r.notebook_id = k.notebook_id \
             AND (r.state IN ('queued', 'running') OR r.ended_at >= $2))",
            params![node, before],
        )
        .await?;
    rows.iter().map(|row| row.text("notebook_id")).collect()
}

/// So far the journal is in the document.
pub(crate) fn position(k: &KernelRow) -> Statement {
    Statement {
        sql: "UPDATE notebook_kernels SET journal = $3, incarnation = $4 WHERE notebook_id = $1 AND run = $2",
        params: params![&k.notebook, k.run, i64::try_from(k.journal).unwrap_or(i64::MAX), k.incarnation]
            .to_vec(),
    }
}

/// What the driver remembers beside that.
pub(crate) fn memo(k: &KernelRow) -> Statement {
    Statement {
        sql: "UPDATE notebook_kernels SET memo = $3 WHERE notebook_id = $1 AND run = $2",
        params: params![&k.notebook, k.run, k.memo.clone()].to_vec(),
    }
}

fn run_of(row: &Row) -> Result<Run, Error> {
    Ok(Run {
        id: row.text("id")?,
        cell: row.text("cell_id")?,
        by: crate::Person { id: row.text("by_id")?, name: row.text("by_name")? },
        state: RunState::parse(&row.text("state")?),
        stop_on_error: row.int("stop_on_error")? != 0,
        scopes: row.opt_text("scopes")?.as_deref().map(serde_json::from_str).transpose()?,
        kernel_run: row.opt_int("kernel_run")?,
        incarnation: row.opt_int("incarnation")?,
        source_sha256: row.opt_text("source_sha256")?,
        queued_at: row.time("queued_at")?,
        started_at: row.opt_time("started_at")?,
        ended_at: row.opt_time("ended_at")?,
    })
}

pub(crate) async fn insert_run(tx: &mut Tx, notebook: &str, run: &Run) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notebook_runs (id, notebook_id, cell_id, by_id, by_name, state, stop_on_error, queued_at, scopes) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &run.id,
            notebook,
            &run.cell,
            &run.by.id,
            &run.by.name,
            run.state.as_str(),
            i64::from(run.stop_on_error),
            run.queued_at,
            run.scopes.as_ref().map(serde_json::to_string).transpose()?
        ],
    )
    .await?;
    Ok(())
}

/// What became of a run.
pub(crate) fn changed(run: &Run) -> Statement {
    Statement {
        sql: "UPDATE notebook_runs SET state = $2, kernel_run = $3, incarnation = $4, source_sha256 = $5, \
              started_at = $6, ended_at = $7 WHERE id = $1",
        params: params![
            &run.id,
            run.state.as_str(),
            run.kernel_run,
            run.incarnation,
            run.source_sha256.clone(),
            run.started_at,
            run.ended_at
        ]
        .to_vec(),
    }
}

/// Runs that have not ended, in the order in which they were asked for.
pub(crate) async fn open_runs(sql: &mut impl Sql, notebook: &str) -> Result<Vec<Run>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT * FROM notebook_runs WHERE notebook_id = $1 AND state IN ('queued', 'running') ORDER BY id",
            params![notebook],
        )
        .await?;
    rows.iter().map(run_of).collect()
}

/// Newest first, those before `before`.
pub(crate) async fn runs(
    sql: &mut impl Sql,
    notebook: &str,
    before: &str,
    limit: usize,
) -> Result<Vec<Run>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT * FROM notebook_runs WHERE notebook_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3",
            params![notebook, before, limit],
        )
        .await?;
    rows.iter().map(run_of).collect()
}

/// Runs of one unit: which cell a request belongs to.
pub(crate) async fn cells_of(sql: &mut impl Sql, k: &KernelRow) -> Result<Vec<(String, String)>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT id, cell_id FROM notebook_runs WHERE notebook_id = $1 AND kernel_run = $2 \
             ORDER BY id DESC LIMIT 2000",
            params![&k.notebook, k.run],
        )
        .await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.text("cell_id")?))).collect()
}

/// How a widget is; none when it was closed.
pub(crate) fn comm(notebook: &str, id: &str, state: Option<String>) -> Statement {
    match state {
        Some(state) => Statement {
            sql: "INSERT INTO notebook_comms (notebook_id, comm_id, state) VALUES ($1, $2, $3) \
                  ON CONFLICT (notebook_id, comm_id) DO UPDATE SET state = excluded.state",
            params: params![notebook, id, state].to_vec(),
        },
        None => Statement {
            sql: "DELETE FROM notebook_comms WHERE notebook_id = $1 AND comm_id = $2",
            params: params![notebook, id].to_vec(),
        },
    }
}

/// A new kernel knows none of the widgets.
pub(crate) fn forget_comms(notebook: &str) -> Statement {
    Statement { sql: "DELETE FROM notebook_comms WHERE notebook_id = $1", params: params![notebook].to_vec() }
}

pub(crate) async fn comms(sql: &mut impl Sql, notebook: &str) -> Result<Vec<(String, String)>, Error> {
    let rows = sql
        .fetch_all("SELECT comm_id, state FROM notebook_comms WHERE notebook_id = $1", params![notebook])
        .await?;
    rows.iter().map(|row| Ok((row.text("comm_id")?, row.text("state")?))).collect()
}
