//! The one token that makes the first administrator.

use castalia_base::{Error, Timestamp};
use castalia_db::{Sql, Tx, params};

/// Replaces the token.
pub(crate) async fn put(tx: &mut Tx, hash: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute("DELETE FROM setup_tokens", params![]).await?;
    tx.execute("INSERT INTO setup_tokens (hash, created_at) VALUES ($1, $2)", params![hash, now]).await?;
    Ok(())
}

/// Uses the token up; of two who try, one gets `true`.
pub(crate) async fn take(tx: &mut Tx, hash: &str) -> Result<bool, Error> {
    Ok(tx.execute("DELETE FROM setup_tokens WHERE hash = $1", params![hash]).await? > 0)
}
