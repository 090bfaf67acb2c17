//! Which server looks after what. Clocks of servers may differ, so only the database's is asked.

use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};

/// Who looks after a node, as the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) holder: String,
    pub(crate) url: String,
    /// When it was last heard of.
    pub(crate) seen_at: Timestamp,
    /// Whether it still has the right.
    pub(crate) live: bool,
}

fn from_row(row: &Row, now: i64) -> Result<Server, Error> {
    Ok(Server {
        holder: row.text("holder")?,
        url: row.text("url")?,
        seen_at: row.time("seen_at")?,
        live: row.int("expires_at")? > now,
    })
}

/// The database's time, in milliseconds UTC, to the second: both engines begin it with `2026-11-21 14:02:07`.
async fn now(sql: &mut impl Sql) -> Result<i64, Error> {
    let row = sql.fetch_one("SELECT CAST(CURRENT_TIMESTAMP AS TEXT) AS now", params![]).await?;
    let text = row.text("now")?;
    let (day, time) = (text.get(..10).unwrap_or_default(), text.get(11..19).unwrap_or_default());
    Ok(format!("{day}T{time}Z").parse::<Timestamp>()?.0)
}

/// Who looks after a node.
pub(crate) async fn server(sql: &mut impl Sql, node: &str) -> Result<Option<Server>, Error> {
    let now = now(sql).await?;
    let text = "SELECT * FROM workspace_servers WHERE node = $1";
    sql.fetch_optional(text, params![node]).await?.map(|row| from_row(&row, now)).transpose()
}

/// Takes a node, or goes on having it, for `ms`. Returns who has it instead if somebody does; `is_gone` says whether a
/// holder whose time is not over has ended nevertheless.
pub(crate) async fn take_server(
    tx: &mut Tx,
    (node, holder, url): (&str, &str, &str),
    ms: i64,
    is_gone: impl Fn(&str) -> bool,
) -> Result<Option<Server>, Error> {
    // The row first, locked: of two who come at once the second sees what the first wrote.
    let row = tx
        .fetch_one(
            "INSERT INTO workspace_servers (node, holder, url, seen_at, expires_at) VALUES ($1, $2, $3, 0, 0) \
             ON CONFLICT (node) DO UPDATE SET node = excluded.node RETURNING *",
            params![node, holder, url],
        )
        .await?;
    let now = now(tx).await?;
    let there = from_row(&row, now)?;
    if there.live && there.holder != holder && !is_gone(&there.holder) {
        return Ok(Some(there));
    }
    tx.execute(
        "UPDATE workspace_servers SET holder = $2, url = $3, seen_at = $4, expires_at = $5 WHERE node = $1",
        params![node, holder, url, now, now + ms],
    )
    .await?;
    Ok(None)
}

/// Whether a node is still this holder's; the row stays locked until the end of the transaction.
pub(crate) async fn has_server(tx: &mut Tx, node: &str, holder: &str) -> Result<bool, Error> {
    let text = "UPDATE workspace_servers SET node = node WHERE node = $1 AND holder = $2";
    Ok(tx.execute(text, params![node, holder]).await? > 0)
}

/// Gives a node back, so that nobody need wait for the time to be over.
pub(crate) async fn leave_server(tx: &mut Tx, node: &str, holder: &str) -> Result<(), Error> {
    let text = "UPDATE workspace_servers SET expires_at = 0 WHERE node = $1 AND holder = $2";
    tx.execute(text, params![node, holder]).await?;
    Ok(())
}
