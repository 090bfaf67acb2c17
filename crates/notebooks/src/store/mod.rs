//! Rows of notebooks. The log of updates is in [`log`].

use crate::model::Notebook;
use castalia_base::{Error, Timestamp};
use castalia_db::{Migration, Migrations, Row, Sql, Tx, params};

pub(crate) mod log;

/// The tables of this crate.
pub const MIGRATIONS: Migrations = Migrations {
    capability: "notebooks",
    steps: &[
        Migration { name: "0001_init", sql: include_str!("../../migrations/0001_init.sql") },
        Migration { name: "0002_files", sql: include_str!("../../migrations/0002_files.sql") },
        Migration { name: "0002_comments", sql: include_str!("../../migrations/0002_comments.sql") },
        Migration { name: "0002_kernels", sql: include_str!("../../migrations/0002_kernels.sql") },
        Migration { name: "0003_credentials", sql: include_str!("../../migrations/0003_credentials.sql") },
        Migration { name: "0003_memo", sql: include_str!("../../migrations/0003_memo.sql") },
        Migration { name: "0004_outputs", sql: include_str!("../../migrations/0004_outputs.sql") },
        Migration { name: "0005_runners", sql: include_str!("../../migrations/0005_runners.sql") },
        Migration { name: "0006_volumes", sql: include_str!("../../migrations/0006_volumes.sql") },
    ],
};

fn from_row(row: &Row) -> Result<Notebook, Error> {
    Ok(Notebook {
        id: row.text("id")?,
        project: row.text("project_id")?,
        name: row.text("name")?,
        title: row.text("title")?,
        kernel: row.opt_text("kernel")?,
        language: row.opt_text("language")?,
        epoch: row.text("epoch")?,
        cells: row.int("cells")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        created_by: row.text("created_by")?,
        created_by_name: row.text("created_by_name")?,
        file: row.opt_text("workspace_id")?.zip(row.opt_text("path")?),
    })
}

/// One notebook.
pub(crate) async fn find(sql: &mut impl Sql, id: &str) -> Result<Option<Notebook>, Error> {
    let row = sql.fetch_optional("SELECT * FROM notebooks WHERE id = $1", params![id]).await?;
    row.as_ref().map(from_row).transpose()
}

/// The id of the notebook whose file lies there in a workspace's volume.
pub(crate) async fn of_file(
    sql: &mut impl Sql,
    workspace: &str,
    path: &str,
) -> Result<Option<String>, Error> {
    let text = "SELECT id FROM notebooks WHERE workspace_id = $1 AND path = $2";
    let row = sql.fetch_optional(text, params![workspace, path]).await?;
    row.map(|row| row.text("id")).transpose()
}

/// Paths and ids of the notebooks whose files lie in a workspace's volume.
pub(crate) async fn in_volume(sql: &mut impl Sql, workspace: &str) -> Result<Vec<(String, String)>, Error> {
    let text = "SELECT path, id FROM notebooks WHERE workspace_id = $1";
    let rows = sql.fetch_all(text, params![workspace]).await?;
    rows.iter().map(|row| Ok((row.text("path")?, row.text("id")?))).collect()
}

/// Lets a notebook's file lie elsewhere: in a workspace's volume, or in the project's storage.
pub(crate) async fn set_file(
    tx: &mut Tx,
    id: &str,
    file: Option<&(String, String)>,
    now: Timestamp,
) -> Result<(), Error> {
    let (workspace, path) = file.map(|(workspace, path)| (workspace.as_str(), path.as_str())).unzip();
    tx.execute(
        "UPDATE notebooks SET workspace_id = $2, path = $3, updated_at = $4 WHERE id = $1",
        params![id, workspace, path, now],
    )
    .await?;
    Ok(())
}

/// Notebooks of a project by id, newest first, those before `before`.
pub(crate) async fn list(
    sql: &mut impl Sql,
    project: &str,
    before: Option<&str>,
    limit: usize,
) -> Result<Vec<Notebook>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT * FROM notebooks WHERE project_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3",
            params![project, before.unwrap_or_default(), limit],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

pub(crate) async fn insert(tx: &mut Tx, n: &Notebook) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notebooks (id, project_id, name, title, kernel, language, epoch, cells, log_seq, log_bytes, \
         created_at, updated_at, created_by, created_by_name, workspace_id, path) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $9, $10, $11, $12, $13)",
        params![
            &n.id,
            &n.project,
            &n.name,
            &n.title,
            n.kernel.as_deref(),
            n.language.as_deref(),
            &n.epoch,
            n.cells,
            n.created_at,
            &n.created_by,
            &n.created_by_name,
            n.file.as_ref().map(|(workspace, _)| workspace.as_str()),
            n.file.as_ref().map(|(_, path)| path.as_str())
        ],
    )
    .await?;
    Ok(())
}

/// Gives a notebook another name or title.
pub(crate) async fn rename(
    tx: &mut Tx,
    id: &str,
    name: &str,
    title: &str,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE notebooks SET name = $2, title = $3, updated_at = $4 WHERE id = $1",
        params![id, name, title, now],
    )
    .await?;
    Ok(())
}

/// Removes a notebook with its log; whether there was one.
pub(crate) async fn delete(tx: &mut Tx, id: &str) -> Result<bool, Error> {
    // The row first: whoever appends to the log holds its lock.
    let gone = tx.execute("DELETE FROM notebooks WHERE id = $1", params![id]).await? > 0;
    tx.execute("DELETE FROM notebook_comments WHERE notebook_id = $1", params![id]).await?;
    tx.execute("DELETE FROM notebook_updates WHERE notebook_id = $1", params![id]).await?;
    tx.execute("DELETE FROM notebook_snapshots WHERE notebook_id = $1", params![id]).await?;
    tx.execute("DELETE FROM notebook_runs WHERE notebook_id = $1", params![id]).await?;
    crate::stored::rows::orphan(tx, id).await?;
    tx.execute("DELETE FROM notebook_comms WHERE notebook_id = $1", params![id]).await?;
    Ok(gone)
}

/// Leads a notebook if nobody else does; whether that is so.
pub(crate) async fn lease(tx: &mut Tx, id: &str, server: &str, now: i64, until: i64) -> Result<bool, Error> {
    let mine = tx
        .execute(
            "UPDATE notebooks SET lease_owner = $2, lease_until = $3 \
             WHERE id = $1 AND (lease_owner IS NULL OR lease_owner = $2 OR lease_until < $4)",
            params![id, server, until, now],
        )
        .await?;
    Ok(mine > 0)
}

/// Who leads a notebook.
pub(crate) async fn leader(sql: &mut impl Sql, id: &str) -> Result<Option<String>, Error> {
    let row = sql.fetch_optional("SELECT lease_owner FROM notebooks WHERE id = $1", params![id]).await?;
    Ok(row.map(|row| row.opt_text("lease_owner")).transpose()?.flatten())
}

/// Leads a notebook no more.
pub(crate) async fn end_lease(tx: &mut Tx, id: &str, server: &str) -> Result<(), Error> {
    tx.execute(
        "UPDATE notebooks SET lease_owner = NULL, lease_until = NULL WHERE id = $1 AND lease_owner = $2",
        params![id, server],
    )
    .await?;
    Ok(())
}

/// Notebooks that were written since then, with the number of their newest row.
pub(crate) async fn changed_since(sql: &mut impl Sql, since: i64) -> Result<Vec<(String, i64)>, Error> {
    let rows =
        sql.fetch_all("SELECT id, log_seq FROM notebooks WHERE updated_at >= $1", params![since]).await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.int("log_seq")?))).collect()
}
