//! Rows of processes and versions.

use crate::model::{ExitView, Input, Output, Progress, Resources, State, VersionView};
use castalia_base::{Credits, Error, Timestamp};
use castalia_db::{Migration, Migrations, Row, Sql, Tx, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;

mod admission;
mod change;
mod flow;
mod units;

pub(crate) use admission::{admit, candidates, in_use, lock};
pub(crate) use change::{End, ask_to_stop, cancel_queued, finish, set_progress, set_running};
pub(crate) use flow::flow;
pub(crate) use units::{UnitRow, queue_positions, units};

/// The tables of this crate.
pub const MIGRATIONS: Migrations = Migrations {
    capability: "processes",
    steps: &[
        Migration { name: "0001_init", sql: include_str!("../migrations/0001_init.sql") },
        Migration { name: "0002_indexes", sql: include_str!("../migrations/0002_indexes.sql") },
        Migration { name: "0003_reused", sql: include_str!("../migrations/0003_reused.sql") },
        Migration { name: "0004_project_types", sql: include_str!("../migrations/0004_project_types.sql") },
    ],
};

/// What is run: taken from the type when the version is made, so that it stays what it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Program {
    /// `INTERPRETER -m castalia.runner`, and what the interpreter reads when it runs.
    Python { interpreter: String, paths: Vec<String> },
    /// A program and its arguments.
    Command(Vec<String>),
    /// A program of the platform with a file that a project gave (by its SHA-256), and what else it reads.
    Given { command: Vec<String>, show: Vec<PathBuf>, file: String },
}

/// A process as stored.
#[derive(Clone, Debug)]
pub(crate) struct ProcessRow {
    pub(crate) id: String,
    pub(crate) project_id: String,
    pub(crate) project_name: String,
    pub(crate) name: String,
    pub(crate) type_name: String,
    pub(crate) environment: String,
    pub(crate) created_by: String,
    pub(crate) created_at: Timestamp,
    pub(crate) latest: i64,
}

/// A version as stored.
#[derive(Clone, Debug)]
pub(crate) struct VersionRow {
    pub(crate) process: String,
    pub(crate) version: i64,
    pub(crate) project_id: String,
    pub(crate) bucket: String,
    pub(crate) type_name: String,
    pub(crate) type_version: String,
    pub(crate) program: Program,
    pub(crate) state: State,
    pub(crate) reason: Option<String>,
    pub(crate) reason_code: Option<String>,
    pub(crate) stop_reason: Option<String>,
    pub(crate) priority: i32,
    pub(crate) parameters: Value,
    pub(crate) inputs: Vec<Input>,
    pub(crate) resources: Resources,
    pub(crate) held: Credits,
    pub(crate) cost: Credits,
    pub(crate) created_by: String,
    pub(crate) created_at: Timestamp,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) exit: Option<ExitView>,
    pub(crate) progress: Option<Progress>,
    pub(crate) cache_key: Option<String>,
    pub(crate) reused_from: Option<String>,
    pub(crate) log_lines: Option<i64>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) access_key: Option<String>,
}

impl VersionRow {
    /// The name of its unit: the same for every start of the same version, so it can run only once.
    pub(crate) fn unit_name(&self) -> String {
        unit_name(&self.process, self.version)
    }

    pub(crate) fn view(self, queue_position: Option<i64>) -> VersionView {
        VersionView {
            stopping: self.stop_reason.is_some() && !self.state.is_terminal(),
            process: self.process,
            version: self.version,
            state: self.state,
            reason: self.reason,
            reason_code: self.reason_code,
            type_version: self.type_version,
            parameters: self.parameters,
            inputs: self.inputs,
            resources: self.resources,
            priority: self.priority,
            queue_position,
            progress: self.progress,
            held: if self.state.is_terminal() { Credits::ZERO } else { self.held },
            cost: self.cost,
            created_by: self.created_by,
            created_at: self.created_at,
            started_at: self.started_at,
            ended_at: self.ended_at,
            exit: self.exit,
            log_lines: self.log_lines,
            reused_from: self.reused_from,
            outputs: self.outputs,
        }
    }
}

/// `unit_{ulid}_v{n}` for `proc_{ulid}`.
pub(crate) fn unit_name(process: &str, version: i64) -> String {
    format!("unit_{}_v{version}", process.trim_start_matches("proc_"))
}

/// The process and version of a unit's name.
pub(crate) fn of_unit(unit: &str) -> Option<(String, i64)> {
    let (ulid, version) = unit.strip_prefix("unit_")?.rsplit_once("_v")?;
    Some((format!("proc_{ulid}"), version.parse().ok()?))
}

pub(crate) async fn insert_process(tx: &mut Tx, p: &ProcessRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO processes (id, project_id, project_name, name, type_name, environment, created_by, created_at, latest) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![&p.id, &p.project_id, &p.project_name, &p.name, &p.type_name, &p.environment, &p.created_by, p.created_at, p.latest],
    )
    .await?;
    Ok(())
}

/// Takes the next version number of a process; the row stays locked until the commit.
pub(crate) async fn next_version(tx: &mut Tx, process: &str) -> Result<i64, Error> {
    let sql = "UPDATE processes SET latest = latest + 1 WHERE id = $1 RETURNING latest";
    let row = tx.fetch_optional(sql, params![process]).await?;
    row.ok_or_else(|| Error::not_found("process", process))?.int("latest")
}

/// The number of the newest version, which stays the newest until the commit; `None` when the process is gone.
pub(crate) async fn lock_latest(tx: &mut Tx, process: &str) -> Result<Option<i64>, Error> {
    let sql = "UPDATE processes SET latest = latest WHERE id = $1 RETURNING latest";
    tx.fetch_optional(sql, params![process]).await?.map(|row| row.int("latest")).transpose()
}

pub(crate) async fn insert_version(tx: &mut Tx, v: &VersionRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO versions (process_id, version, project_id, bucket, type_name, type_version, program, state, reason, priority, \
         parameters, inputs, resources, cpu_millis, memory_mb, gpu, held, cost, created_by, created_at, started_at, ended_at, \
         cache_key, reused_from, log_lines, outputs) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)",
        params![
            &v.process, v.version, &v.project_id, &v.bucket, &v.type_name, &v.type_version, serde_json::to_string(&v.program)?,
            v.state.as_str(), v.reason.clone(), v.priority, &v.parameters, serde_json::to_string(&v.inputs)?,
            serde_json::to_string(&v.resources)?, v.resources.cpu_millis, v.resources.memory_mb, v.resources.gpu, v.held, v.cost,
            &v.created_by, v.created_at, v.started_at, v.ended_at, v.cache_key.clone(), v.reused_from.clone(), v.log_lines,
            serde_json::to_string(&v.outputs)?
        ],
    )
    .await?;
    for input in &v.inputs {
        tx.execute(
            "INSERT INTO version_inputs (process_id, version, path, input_id, source_process, source_version) VALUES ($1, $2, $3, $4, $5, $6)",
            params![&v.process, v.version, &input.path, &input.id, input.process.clone(), input.version],
        )
        .await?;
    }
    Ok(())
}

fn process_row(row: &Row) -> Result<ProcessRow, Error> {
    Ok(ProcessRow {
        id: row.text("id")?,
        project_id: row.text("project_id")?,
        project_name: row.text("project_name")?,
        name: row.text("name")?,
        type_name: row.text("type_name")?,
        environment: row.text("environment")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        latest: row.int("latest")?,
    })
}

fn progress(row: &Row) -> Result<Option<Progress>, Error> {
    let Some(ppm) = row.opt_int("progress_ppm")? else { return Ok(None) };
    let message = row.opt_text("progress_message")?.unwrap_or_default();
    Ok(Some(Progress { fraction: ppm as f64 / 1e6, message }))
}

fn version_row(row: &Row) -> Result<VersionRow, Error> {
    let json = |column: &str| -> Result<Value, Error> { Ok(serde_json::from_str(&row.text(column)?)?) };
    Ok(VersionRow {
        process: row.text("process_id")?,
        version: row.int("version")?,
        project_id: row.text("project_id")?,
        bucket: row.text("bucket")?,
        type_name: row.text("type_name")?,
        type_version: row.text("type_version")?,
        program: serde_json::from_str(&row.text("program")?)?,
        state: row.text("state")?.parse()?,
        reason: row.opt_text("reason")?,
        reason_code: row.opt_text("reason_code")?,
        stop_reason: row.opt_text("stop_reason")?,
        priority: i32::try_from(row.int("priority")?).unwrap_or_default(),
        parameters: json("parameters")?,
        inputs: serde_json::from_value(json("inputs")?)?,
        resources: serde_json::from_value(json("resources")?)?,
        held: row.credits("held")?,
        cost: row.credits("cost")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        started_at: row.opt_time("started_at")?,
        ended_at: row.opt_time("ended_at")?,
        exit: row.opt_text("exit_json")?.map(|t| serde_json::from_str(&t)).transpose()?,
        progress: progress(row)?,
        cache_key: row.opt_text("cache_key")?,
        reused_from: row.opt_text("reused_from")?,
        log_lines: row.opt_int("log_lines")?,
        outputs: serde_json::from_value(json("outputs")?)?,
        access_key: row.opt_text("access_key")?,
    })
}

pub(crate) async fn process(sql: &mut impl Sql, id: &str) -> Result<Option<ProcessRow>, Error> {
    sql.fetch_optional("SELECT * FROM processes WHERE id = $1", params![id])
        .await?
        .as_ref()
        .map(process_row)
        .transpose()
}

pub(crate) async fn version(
    sql: &mut impl Sql,
    process: &str,
    version: i64,
) -> Result<Option<VersionRow>, Error> {
    sql.fetch_optional(
        "SELECT * FROM versions WHERE process_id = $1 AND version = $2",
        params![process, version],
    )
    .await?
    .as_ref()
    .map(version_row)
    .transpose()
}

pub(crate) async fn versions(sql: &mut impl Sql, process: &str) -> Result<Vec<VersionRow>, Error> {
    let rows = sql
        .fetch_all("SELECT * FROM versions WHERE process_id = $1 ORDER BY version", params![process])
        .await?;
    rows.iter().map(version_row).collect()
}

/// Which processes to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) project: String,
    pub(crate) state: Option<String>,
    pub(crate) type_name: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) limit: usize,
}

/// Processes with their newest version, newest first.
pub(crate) async fn list(sql: &mut impl Sql, f: &Filter) -> Result<Vec<(ProcessRow, VersionRow)>, Error> {
    // Behind every id there is, so that the first page, too, begins at a place in the index.
    let before = f.before.as_deref().unwrap_or("proc_zzzzzzzz");
    let rows = sql
        .fetch_all(
            "SELECT p.id, p.project_name, p.name, p.environment, p.latest, p.created_by AS process_by, p.created_at AS process_at, v.* \
             FROM processes p JOIN versions v ON v.process_id = p.id AND v.version = p.latest \
             WHERE p.project_id = $1 AND ($2 IS NULL OR v.state = $2) AND ($3 IS NULL OR p.type_name = $3) AND p.id < $4 \
             ORDER BY p.id DESC LIMIT $5",
            params![&f.project, f.state.clone(), f.type_name.clone(), before, f.limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let version = version_row(row)?;
            let process = ProcessRow {
                id: row.text("id")?,
                project_id: version.project_id.clone(),
                project_name: row.text("project_name")?,
                name: row.text("name")?,
                type_name: version.type_name.clone(),
                environment: row.text("environment")?,
                created_by: row.text("process_by")?,
                created_at: row.time("process_at")?,
                latest: row.int("latest")?,
            };
            Ok((process, version))
        })
        .collect()
}

/// The place in the queue of a queued version, from 1.
pub(crate) async fn queue_position(sql: &mut impl Sql, v: &VersionRow) -> Result<i64, Error> {
    let row = sql
        .fetch_one(
            "SELECT COUNT(*) AS ahead FROM versions WHERE state = 'queued' AND (priority > $1 OR (priority = $1 AND \
             (created_at < $2 OR (created_at = $2 AND process_id < $3))))",
            params![v.priority, v.created_at, &v.process],
        )
        .await?;
    Ok(row.int("ahead")? + 1)
}

pub(crate) async fn count_queued(sql: &mut impl Sql, project: &str) -> Result<i64, Error> {
    sql.fetch_one(
        "SELECT COUNT(*) AS n FROM versions WHERE state = 'queued' AND project_id = $1",
        params![project],
    )
    .await?
    .int("n")
}

/// How many versions of a project have not ended.
pub(crate) async fn count_active(sql: &mut impl Sql, project: &str) -> Result<i64, Error> {
    sql.fetch_one("SELECT COUNT(*) AS n FROM versions WHERE state IN ('queued', 'starting', 'running') AND project_id = $1", params![project])
        .await?
        .int("n")
}

/// Versions that hold a unit now: process, version, whether it is known to run, and why it is to stop.
pub(crate) async fn active(sql: &mut impl Sql) -> Result<Vec<(String, i64, bool, Option<String>)>, Error> {
    let rows = sql
        .fetch_all("SELECT process_id, version, state, stop_reason FROM versions WHERE state IN ('starting', 'running')", params![])
        .await?;
    rows.iter()
        .map(|r| {
            Ok((
                r.text("process_id")?,
                r.int("version")?,
                r.text("state")? == "running",
                r.opt_text("stop_reason")?,
            ))
        })
        .collect()
}

/// A completed version of the project with this key, newest first.
pub(crate) async fn by_cache_key(
    sql: &mut impl Sql,
    project: &str,
    key: &str,
) -> Result<Option<VersionRow>, Error> {
    sql.fetch_optional(
        "SELECT * FROM versions WHERE project_id = $1 AND cache_key = $2 AND state = 'completed' ORDER BY created_at DESC LIMIT 1",
        params![project, key],
    )
    .await?
    .as_ref()
    .map(version_row)
    .transpose()
}

/// The processes whose data the versions of `process` read.
pub(crate) async fn sources(sql: &mut impl Sql, process: &str) -> Result<Vec<String>, Error> {
    let rows = sql
        .fetch_all("SELECT DISTINCT source_process FROM version_inputs WHERE process_id = $1 AND source_process IS NOT NULL", params![process])
        .await?;
    rows.iter().map(|r| r.text("source_process")).collect()
}

/// Versions that read this upload or dataset: all, or only those that have not ended.
pub(crate) async fn readers(
    sql: &mut impl Sql,
    input: &str,
    only_active: bool,
) -> Result<Vec<(String, i64)>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT i.process_id, i.version FROM version_inputs i JOIN versions v ON v.process_id = i.process_id AND v.version = i.version \
             WHERE i.input_id = $1 AND ($2 = 0 OR v.state IN ('queued', 'starting', 'running'))",
            params![input, only_active],
        )
        .await?;
    rows.iter().map(|r| Ok((r.text("process_id")?, r.int("version")?))).collect()
}

/// Versions that took over the result of this one (`PROCESS/N`).
pub(crate) async fn taken_over_by(sql: &mut impl Sql, version: &str) -> Result<Vec<(String, i64)>, Error> {
    let rows = sql
        .fetch_all("SELECT process_id, version FROM versions WHERE reused_from = $1", params![version])
        .await?;
    rows.iter().map(|r| Ok((r.text("process_id")?, r.int("version")?))).collect()
}

/// Counts per state, for status and metrics.
pub(crate) async fn counts(sql: &mut impl Sql) -> Result<Vec<(String, i64)>, Error> {
    let rows = sql
        .fetch_all("SELECT state, COUNT(*) AS n FROM versions WHERE state IN ('queued', 'starting', 'running') GROUP BY state", params![])
        .await?;
    rows.iter().map(|r| Ok((r.text("state")?, r.int("n")?))).collect()
}

/// Ended versions whose log is older than `before` and still kept.
pub(crate) async fn old_logs(
    sql: &mut impl Sql,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<VersionRow>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT * FROM versions WHERE ended_at < $1 AND log_lines > 0 ORDER BY ended_at LIMIT $2",
            params![before, limit],
        )
        .await?;
    rows.iter().map(version_row).collect()
}

/// Says that a version's log is no longer kept.
pub(crate) async fn forget_log(tx: &mut Tx, process: &str, version: i64) -> Result<(), Error> {
    tx.execute(
        "UPDATE versions SET log_lines = -1 WHERE process_id = $1 AND version = $2",
        params![process, version],
    )
    .await?;
    Ok(())
}

/// Deletes a process with its versions.
pub(crate) async fn delete_process(tx: &mut Tx, process: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM version_inputs WHERE process_id = $1", params![process]).await?;
    tx.execute("DELETE FROM versions WHERE process_id = $1", params![process]).await?;
    tx.execute("DELETE FROM processes WHERE id = $1", params![process]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_units_name_leads_back_to_its_version() {
        assert_eq!(of_unit(&unit_name("proc_01J", 12)), Some(("proc_01J".to_owned(), 12)));
        assert_eq!(of_unit("unit_01J"), None);
    }

    castalia_testkit::both_engines!(
        what_was_admitted_is_not_cancelled_as_queued,
        &[MIGRATIONS],
        |db| async move {
            let mut tx = db.begin().await.expect("begins");
            tx.execute_script(
            "INSERT INTO processes VALUES ('proc_1', 'p', 'p', 'n', 't', 'e', 'ada', 0, 1);
             INSERT INTO versions (process_id, version, project_id, bucket, type_name, type_version, program, state, priority, parameters,
              inputs, resources, cpu_millis, memory_mb, gpu, held, cost, created_by, created_at, outputs)
             VALUES ('proc_1', 1, 'p', 'p', 't', '1', '{\"command\": [\"true\"]}', 'queued', 0, '{}', '[]',
              '{\"cpu_millis\": 1, \"memory_mb\": 1, \"storage_mb\": 1, \"gpu\": 0, \"deadline_s\": 1}', 1, 1, 0, 5, 0, 'ada', 0, '[]')",
        )
        .await
        .expect("inserts");
            let queued = candidates(&mut tx, 10, 0).await.expect("reads");
            assert!(admit(&mut tx, &queued[0], "key").await.expect("admits"));
            let cancelled = cancel_queued(&mut tx, "proc_1", 1, "cancelled by ada", Timestamp(1)).await;
            assert!(!cancelled.expect("asks"));
            let v = version(&mut tx, "proc_1", 1).await.expect("reads").expect("is there");
            assert_eq!((v.state, v.ended_at), (State::Starting, None));
        }
    );

    #[tokio::test]
    async fn what_has_ended_is_not_looked_through_for_what_has_not() {
        let test = castalia_testkit::sqlite(&[MIGRATIONS]).await;
        for query in [
            "EXPLAIN QUERY PLAN SELECT * FROM versions WHERE state = 'queued' ORDER BY priority DESC, created_at, process_id",
            "EXPLAIN QUERY PLAN SELECT COUNT(*) FROM versions WHERE state = 'queued' AND project_id = 'p'",
            "EXPLAIN QUERY PLAN SELECT * FROM versions WHERE state IN ('starting', 'running') GROUP BY project_id",
            "EXPLAIN QUERY PLAN SELECT * FROM versions WHERE state IN ('queued', 'starting', 'running') AND project_id = 'p'",
            "EXPLAIN QUERY PLAN SELECT * FROM versions WHERE ended_at < 1 AND log_lines > 0 ORDER BY ended_at",
        ] {
            let plan = test.db.read().fetch_all(query, params![]).await.expect("explains");
            let plan: Vec<_> = plan.iter().map(|row| row.text("detail").expect("a text")).collect();
            assert!(plan.iter().all(|step| step.contains("INDEX")), "{query}: {plan:?}");
        }
    }
}
