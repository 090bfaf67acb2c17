//! The tables of this crate and the statements on projects.

use crate::model::{Limits, Project};
use castalia_base::id::ProjectId;
use castalia_base::{Error, Timestamp};
use castalia_db::{Migration, Migrations, Row, Sql, Tx, params};

/// The tables of this crate.
pub const MIGRATIONS: Migrations = Migrations {
    capability: "projects",
    steps: &[
        Migration { name: "0001_init", sql: include_str!("0001_init.sql") },
        Migration { name: "0002_saved", sql: include_str!("0002_saved.sql") },
        Migration {
            name: "0003_names",
            // The process's name when the hold was made.
            sql: "ALTER TABLE ledger_transfers ADD COLUMN process_name TEXT",
        },
    ],
};

fn limit(row: &Row, column: &str) -> Result<Option<u64>, Error> {
    Ok(row.opt_int(column)?.and_then(|n| u64::try_from(n).ok()))
}

fn from_row(row: &Row) -> Result<Project, Error> {
    Ok(Project {
        id: row.parse("id")?,
        name: row.text("name")?,
        title: row.text("title")?,
        description: row.text("description")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        limits: Limits {
            max_running: limit(row, "max_running")?,
            max_queued: limit(row, "max_queued")?,
            cpu_millis: limit(row, "cpu_millis")?,
            memory_mb: limit(row, "memory_mb")?,
            storage_mb: limit(row, "storage_mb")?,
        },
        archived: row.opt_int("archived_at")?.is_some(),
    })
}

pub(crate) async fn insert(tx: &mut Tx, p: &Project) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO projects (id, name, title, description, created_by, created_at, max_running, max_queued, \
         cpu_millis, memory_mb, storage_mb, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)",
        params![
            p.id.as_str(),
            &p.name,
            &p.title,
            &p.description,
            &p.created_by,
            p.created_at,
            p.limits.max_running,
            p.limits.max_queued,
            p.limits.cpu_millis,
            p.limits.memory_mb,
            p.limits.storage_mb
        ],
    )
    .await?;
    Ok(())
}

/// Stores what may change; `archived_at` is set when `archive` says so, cleared or left alone.
pub(crate) async fn update(tx: &mut Tx, p: &Project, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE projects SET title = $2, description = $3, max_running = $4, max_queued = $5, cpu_millis = $6, \
         memory_mb = $7, storage_mb = $8, \
         archived_at = CASE WHEN $9 = 0 THEN NULL ELSE COALESCE(archived_at, $10) END WHERE id = $1",
        params![
            p.id.as_str(),
            &p.title,
            &p.description,
            p.limits.max_running,
            p.limits.max_queued,
            p.limits.cpu_millis,
            p.limits.memory_mb,
            p.limits.storage_mb,
            p.archived,
            now
        ],
    )
    .await?;
    Ok(())
}

/// Lets one change at a time look at all members.
pub(crate) async fn lock(tx: &mut Tx, id: &ProjectId) -> Result<(), Error> {
    tx.execute("UPDATE projects SET revision = revision + 1 WHERE id = $1", params![id.as_str()]).await?;
    Ok(())
}

/// By id or name: a name never has the form of an id.
pub(crate) async fn find(sql: &mut impl Sql, id_or_name: &str) -> Result<Option<Project>, Error> {
    let row =
        sql.fetch_optional("SELECT * FROM projects WHERE id = $1 OR name = $1", params![id_or_name]).await?;
    row.as_ref().map(from_row).transpose()
}

/// Projects by name, after the name `after`: all, or those whose ids are in the JSON list `ids`.
pub(crate) async fn list(
    sql: &mut impl Sql,
    ids: Option<&[String]>,
    archived: bool,
    after: &str,
    limit: usize,
) -> Result<Vec<Project>, Error> {
    let all = ids.is_none();
    // A text search in a list of ids of one length is portable; neither engine shares a way to unpack JSON.
    let list = ids.unwrap_or_default().join(",");
    let rows = sql
        .fetch_all(
            "SELECT * FROM projects WHERE ($1 = 1 OR REPLACE($2, id, '') <> $2) \
             AND ($3 = 1 OR archived_at IS NULL) AND name > $4 ORDER BY name LIMIT $5",
            params![all, list, archived, after, limit],
        )
        .await?;
    rows.iter().map(from_row).collect()
}
