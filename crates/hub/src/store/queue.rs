//! The queue and what is let in.

use crate::admission::{Candidate, Use};
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};

/// What a workspace is let in with.
pub(crate) struct Waiting<'a> {
    pub(crate) id: &'a str,
    pub(crate) port: u16,
    pub(crate) sealed_secret: &'a str,
    pub(crate) secret_hash: &'a str,
}

/// Lets one replica admit at a time.
pub(crate) async fn lock(tx: &mut Tx) -> Result<(), Error> {
    tx.execute("UPDATE workspace_turn SET value = value + 1 WHERE name = 'admission'", params![]).await?;
    Ok(())
}

fn amount(row: &Row, column: &str) -> Result<u64, Error> {
    Ok(u64::try_from(row.opt_int(column)?.unwrap_or_default()).unwrap_or_default())
}

/// What those that were let in use on this node.
pub(crate) async fn taken(sql: &mut impl Sql, node: &str) -> Result<Use, Error> {
    let row = sql
        .fetch_one(
            "SELECT COUNT(*) AS n, CAST(SUM(cpu_millis) AS BIGINT) AS cpu, CAST(SUM(memory_mb) AS BIGINT) AS memory, \
             CAST(SUM(CASE WHEN state = 'starting' THEN 1 ELSE 0 END) AS BIGINT) AS starting \
             FROM workspaces WHERE state IN ('starting', 'ready', 'stopping') AND node = $1",
            params![node],
        )
        .await?;
    Ok(Use {
        running: amount(&row, "n")?,
        starting: amount(&row, "starting")?,
        cpu_millis: amount(&row, "cpu")?,
        memory_mb: amount(&row, "memory")?,
    })
}

/// The ports that were given to those that run on this node, or may.
pub(crate) async fn ports(sql: &mut impl Sql, node: &str) -> Result<Vec<u16>, Error> {
    let text = "SELECT port FROM workspaces WHERE state IN ('starting', 'ready', 'stopping') AND node = $1 AND port IS NOT NULL";
    let rows = sql.fetch_all(text, params![node]).await?;
    rows.iter().map(|row| Ok(u16::try_from(row.int("port")?).unwrap_or_default())).collect()
}

/// Those that wait on this node, the first first; people before what waits for them.
pub(crate) async fn waiting(sql: &mut impl Sql, node: &str, limit: usize) -> Result<Vec<Candidate>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT id, cpu_millis, memory_mb FROM workspaces WHERE state = 'queued' AND node = $1 \
             ORDER BY CASE owner_id WHEN '' THEN 1 ELSE 0 END, queued_at, id LIMIT $2",
            params![node, limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Candidate {
                id: row.text("id")?,
                cpu_millis: amount(row, "cpu_millis")?,
                memory_mb: amount(row, "memory_mb")?,
            })
        })
        .collect()
}

/// The place in the queue, from 1.
pub(crate) async fn position(
    sql: &mut impl Sql,
    node: &str,
    queued_at: Timestamp,
    id: &str,
) -> Result<i64, Error> {
    let row = sql
        .fetch_one(
            "SELECT COUNT(*) AS n FROM workspaces WHERE state = 'queued' AND node = $1 AND owner_id <> '' \
             AND (queued_at < $2 OR (queued_at = $2 AND id <= $3))",
            params![node, queued_at, id],
        )
        .await?;
    row.int("n")
}

/// Lets one in. Returns false when it no longer waits.
pub(crate) async fn admit(tx: &mut Tx, w: &Waiting<'_>, now: Timestamp) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE workspaces SET state = 'starting', admitted_at = $2, port = $3, sealed_secret = $4, secret_hash = $5, \
             health = 'starting' WHERE id = $1 AND state = 'queued'",
            params![w.id, now, i64::from(w.port), w.sealed_secret, w.secret_hash],
        )
        .await?;
    Ok(n > 0)
}
