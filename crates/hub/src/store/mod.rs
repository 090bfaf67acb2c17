//! Rows of workspaces.

use crate::definition::{Definition, Resources};
use crate::model::{ExitView, Health, State};
use castalia_base::{Error, Timestamp};
use castalia_db::{Migration, Migrations, Row, Sql, Tx, params};
use serde_json::Value;

mod boots;
mod change;
mod queue;
mod shares;
mod stages;

pub(crate) use boots::{add_boot, boots};
pub(crate) use change::*;
pub(crate) use queue::{Waiting, admit, lock, position, taken, waiting};
pub(crate) use shares::{level_of, put_share, remove_share, remove_shares, shares};
pub(crate) use stages::{add_stage, remove_stages, stages};

/// The tables of this crate.
pub const MIGRATIONS: Migrations = Migrations {
    capability: "hub",
    steps: &[Migration { name: "0001_init", sql: include_str!("../../migrations/0001_init.sql") }],
};

/// A workspace as stored.
#[derive(Clone, Debug)]
pub(crate) struct WorkspaceRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) project_id: String,
    /// Empty for one that waits to be claimed.
    pub(crate) owner_id: String,
    pub(crate) owner_name: String,
    pub(crate) service: String,
    pub(crate) profile: String,
    pub(crate) node: String,
    pub(crate) run: i64,
    pub(crate) state: State,
    pub(crate) reason: Option<String>,
    pub(crate) reason_code: Option<String>,
    pub(crate) health: Health,
    pub(crate) health_reason: Option<String>,
    pub(crate) definition: Definition,
    pub(crate) resources: Resources,
    pub(crate) options: Value,
    pub(crate) port: Option<u16>,
    pub(crate) sealed_secret: Option<String>,
    pub(crate) secret_hash: Option<String>,
    pub(crate) stop_reason: Option<String>,
    pub(crate) stop_code: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) queued_at: Option<Timestamp>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) ready_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) exit: Option<ExitView>,
    pub(crate) log_lines: Option<i64>,
    pub(crate) last_activity: Option<Timestamp>,
    pub(crate) warned_at: Option<Timestamp>,
    pub(crate) kept_until: Option<Timestamp>,
}

impl WorkspaceRow {
    /// The name of the unit of its newest run.
    pub(crate) fn unit_name(&self) -> String {
        unit_name(&self.id, self.run)
    }
    /// Whether it waits to be claimed.
    pub(crate) fn is_unclaimed(&self) -> bool {
        self.owner_id.is_empty()
    }
}

/// `unit_{ulid}_r{run}` for `ws_{ulid}`.
pub(crate) fn unit_name(workspace: &str, run: i64) -> String {
    format!("unit_{}_r{run}", workspace.trim_start_matches("ws_"))
}

/// The workspace and run of a unit's name.
pub(crate) fn of_unit(unit: &str) -> Option<(String, i64)> {
    let (ulid, run) = unit.strip_prefix("unit_")?.rsplit_once("_r")?;
    Some((format!("ws_{ulid}"), run.parse().ok()?))
}

fn from_row(row: &Row) -> Result<WorkspaceRow, Error> {
    let json = |column: &str| -> Result<Value, Error> { Ok(serde_json::from_str(&row.text(column)?)?) };
    Ok(WorkspaceRow {
        id: row.text("id")?,
        name: row.text("name")?,
        title: row.text("title")?,
        project_id: row.text("project_id")?,
        owner_id: row.text("owner_id")?,
        owner_name: row.text("owner_name")?,
        service: row.text("service")?,
        profile: row.text("profile")?,
        node: row.text("node")?,
        run: row.int("run")?,
        state: row.parse("state")?,
        reason: row.opt_text("reason")?,
        reason_code: row.opt_text("reason_code")?,
        health: row.parse("health")?,
        health_reason: row.opt_text("health_reason")?,
        definition: serde_json::from_value(json("definition")?)?,
        resources: serde_json::from_value(json("resources")?)?,
        options: json("options")?,
        port: row.opt_int("port")?.and_then(|p| u16::try_from(p).ok()),
        sealed_secret: row.opt_text("sealed_secret")?,
        secret_hash: row.opt_text("secret_hash")?,
        stop_reason: row.opt_text("stop_reason")?,
        stop_code: row.opt_text("stop_code")?,
        created_at: row.time("created_at")?,
        queued_at: row.opt_time("queued_at")?,
        started_at: row.opt_time("started_at")?,
        ready_at: row.opt_time("ready_at")?,
        ended_at: row.opt_time("ended_at")?,
        exit: row.opt_text("exit_json")?.map(|t| serde_json::from_str(&t)).transpose()?,
        log_lines: row.opt_int("log_lines")?,
        last_activity: row.opt_time("last_activity")?,
        warned_at: row.opt_time("warned_at")?,
        kept_until: row.opt_time("kept_until")?,
    })
}

pub(crate) async fn insert(tx: &mut Tx, w: &WorkspaceRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO workspaces (id, name, title, project_id, owner_id, owner_name, service, profile, node, run, state, \
         reason, reason_code, health, health_reason, definition, resources, cpu_millis, memory_mb, options, port, sealed_secret, \
         secret_hash, created_at, queued_at, started_at, ready_at, last_activity) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)",
        params![
            &w.id, &w.name, &w.title, &w.project_id, &w.owner_id, &w.owner_name, &w.service, &w.profile, &w.node, w.run,
            w.state.as_str(), w.reason.clone(), w.reason_code.clone(), w.health.as_str(), w.health_reason.clone(),
            serde_json::to_string(&w.definition)?, serde_json::to_string(&w.resources)?, w.resources.cpu_millis,
            w.resources.memory_mb, &w.options, w.port.map(i64::from), w.sealed_secret.clone(), w.secret_hash.clone(),
            w.created_at, w.queued_at, w.started_at, w.ready_at, w.last_activity
        ],
    )
    .await?;
    Ok(())
}

/// By id or by name: a name never has the form of an id.
pub(crate) async fn find(sql: &mut impl Sql, id_or_name: &str) -> Result<Option<WorkspaceRow>, Error> {
    let row = sql
        .fetch_optional("SELECT * FROM workspaces WHERE id = $1 OR name = $1", params![id_or_name])
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// A workspace, locked until the end of the transaction.
pub(crate) async fn lock_row(tx: &mut Tx, id: &str) -> Result<Option<WorkspaceRow>, Error> {
    let row =
        tx.fetch_optional("UPDATE workspaces SET id = id WHERE id = $1 RETURNING *", params![id]).await?;
    row.as_ref().map(from_row).transpose()
}

/// Those of one owner, newest first.
pub(crate) async fn of_owner(sql: &mut impl Sql, owner: &str) -> Result<Vec<WorkspaceRow>, Error> {
    let sql_text = "SELECT * FROM workspaces WHERE owner_id = $1 ORDER BY created_at DESC, id DESC";
    sql.fetch_all(sql_text, params![owner]).await?.iter().map(from_row).collect()
}

/// Those that are shared with a user.
pub(crate) async fn shared_with(sql: &mut impl Sql, user: &str) -> Result<Vec<WorkspaceRow>, Error> {
    let sql_text = "SELECT w.* FROM workspaces w JOIN workspace_shares s ON s.workspace_id = w.id \
                    WHERE s.user_id = $1 ORDER BY w.created_at DESC, w.id DESC";
    sql.fetch_all(sql_text, params![user]).await?.iter().map(from_row).collect()
}

/// All that are claimed, newest first.
pub(crate) async fn all(sql: &mut impl Sql, limit: usize) -> Result<Vec<WorkspaceRow>, Error> {
    let sql_text = "SELECT * FROM workspaces WHERE owner_id <> '' ORDER BY created_at DESC, id DESC LIMIT $1";
    sql.fetch_all(sql_text, params![limit]).await?.iter().map(from_row).collect()
}

/// Those of which something runs on this node, or may.
pub(crate) async fn active(sql: &mut impl Sql, node: &str) -> Result<Vec<WorkspaceRow>, Error> {
    let sql_text =
        "SELECT * FROM workspaces WHERE state IN ('starting', 'ready', 'stopping') AND node = $1 ORDER BY id";
    sql.fetch_all(sql_text, params![node]).await?.iter().map(from_row).collect()
}

/// Those that wait to be claimed, of one service, that are not about to end; the ready ones first.
pub(crate) async fn unclaimed(
    sql: &mut impl Sql,
    service: Option<&str>,
    node: &str,
) -> Result<Vec<WorkspaceRow>, Error> {
    let sql_text = "SELECT * FROM workspaces WHERE owner_id = '' AND ($1 IS NULL OR service = $1) AND node = $2 \
                    ORDER BY CASE state WHEN 'ready' THEN 0 ELSE 1 END, created_at";
    sql.fetch_all(sql_text, params![service, node]).await?.iter().map(from_row).collect()
}

/// How many there are in each state.
pub(crate) async fn counts(sql: &mut impl Sql) -> Result<Vec<(String, i64)>, Error> {
    let sql_text = "SELECT state, COUNT(*) AS n FROM workspaces WHERE owner_id <> '' GROUP BY state";
    let rows = sql.fetch_all(sql_text, params![]).await?;
    rows.iter().map(|row| Ok((row.text("state")?, row.int("n")?))).collect()
}

/// How many of a project run or wait.
pub(crate) async fn count_wanted(sql: &mut impl Sql, project: &str) -> Result<u64, Error> {
    let sql_text = "SELECT COUNT(*) AS n FROM workspaces WHERE project_id = $1 AND state IN ('queued', 'starting', 'ready', 'stopping')";
    Ok(u64::try_from(sql.fetch_one(sql_text, params![project]).await?.int("n")?).unwrap_or_default())
}

/// Names of the users of whom something waits or starts.
pub(crate) async fn starting_owners(sql: &mut impl Sql) -> Result<Vec<String>, Error> {
    let sql_text = "SELECT DISTINCT owner_name FROM workspaces WHERE state IN ('queued', 'starting')";
    sql.fetch_all(sql_text, params![]).await?.iter().map(|row| row.text("owner_name")).collect()
}
