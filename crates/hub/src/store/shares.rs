//! With whom workspaces are shared.

use crate::model::Level;
use castalia_base::{Error, Timestamp};
use castalia_db::{Sql, Tx, params};

pub(crate) async fn put_share(
    tx: &mut Tx,
    workspace: &str,
    user: &str,
    level: Level,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO workspace_shares (workspace_id, user_id, level, since) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (workspace_id, user_id) DO UPDATE SET level = excluded.level",
        params![workspace, user, level.as_str(), now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn remove_share(tx: &mut Tx, workspace: &str, user: &str) -> Result<bool, Error> {
    let sql = "DELETE FROM workspace_shares WHERE workspace_id = $1 AND user_id = $2";
    Ok(tx.execute(sql, params![workspace, user]).await? > 0)
}

pub(crate) async fn remove_shares(tx: &mut Tx, workspace: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM workspace_shares WHERE workspace_id = $1", params![workspace]).await?;
    Ok(())
}

pub(crate) async fn level_of(
    sql: &mut impl Sql,
    workspace: &str,
    user: &str,
) -> Result<Option<Level>, Error> {
    let text = "SELECT level FROM workspace_shares WHERE workspace_id = $1 AND user_id = $2";
    sql.fetch_optional(text, params![workspace, user]).await?.map(|row| row.parse("level")).transpose()
}

/// User id, level and since when.
pub(crate) async fn shares(
    sql: &mut impl Sql,
    workspace: &str,
) -> Result<Vec<(String, Level, Timestamp)>, Error> {
    let text = "SELECT * FROM workspace_shares WHERE workspace_id = $1 ORDER BY since, user_id";
    let rows = sql.fetch_all(text, params![workspace]).await?;
    rows.iter().map(|row| Ok((row.text("user_id")?, row.parse("level")?, row.time("since")?))).collect()
}
