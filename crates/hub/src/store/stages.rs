//! The steps of a start.

use castalia_base::{Error, Timestamp};
use castalia_db::{Sql, Tx, params};

/// Adds a step to a run.
pub(crate) async fn add_stage(
    tx: &mut Tx,
    (workspace, run): (&str, i64),
    stage: &str,
    note: Option<&str>,
    at: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO workspace_stages (workspace_id, run, n, stage, note, at) \
         SELECT $1, $2, COALESCE(MAX(n), 0) + 1, $3, $4, $5 FROM workspace_stages WHERE workspace_id = $1 AND run = $2",
        params![workspace, run, stage, note, at],
    )
    .await?;
    Ok(())
}

/// Stage, note and time, in order.
pub(crate) async fn stages(
    sql: &mut impl Sql,
    workspace: &str,
    run: i64,
) -> Result<Vec<(String, Option<String>, Timestamp)>, Error> {
    let text = "SELECT stage, note, at FROM workspace_stages WHERE workspace_id = $1 AND run = $2 ORDER BY n";
    let rows = sql.fetch_all(text, params![workspace, run]).await?;
    rows.iter().map(|row| Ok((row.text("stage")?, row.opt_text("note")?, row.time("at")?))).collect()
}

/// Forgets the steps of runs before `run`.
pub(crate) async fn remove_stages(tx: &mut Tx, workspace: &str, before: i64) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM workspace_stages WHERE workspace_id = $1 AND run < $2",
        params![workspace, before],
    )
    .await?;
    Ok(())
}
