//! Failed sign-ins per user and per address.

use castalia_base::{Error, Timestamp};
use castalia_db::{Sql, Tx, params};

/// Until when the subject rests, in milliseconds; `None` when nothing is known of it.
pub(crate) async fn blocked_until(sql: &mut impl Sql, subject: &str) -> Result<Option<Timestamp>, Error> {
    let row = sql
        .fetch_optional("SELECT blocked_until FROM sign_in_brakes WHERE subject = $1", params![subject])
        .await?;
    row.map(|row| row.time("blocked_until")).transpose()
}

/// Counts a failure, from one again when the last is older than `forget_before`. Returns the count.
pub(crate) async fn count(
    tx: &mut Tx,
    subject: &str,
    now: Timestamp,
    forget_before: Timestamp,
) -> Result<i64, Error> {
    let row = tx
        .fetch_one(
            "INSERT INTO sign_in_brakes (subject, failures, last_at, blocked_until) VALUES ($1, 1, $2, 0) \
             ON CONFLICT (subject) DO UPDATE SET last_at = excluded.last_at, failures = \
             CASE WHEN sign_in_brakes.last_at < $3 THEN 1 ELSE sign_in_brakes.failures + 1 END RETURNING failures",
            params![subject, now, forget_before],
        )
        .await?;
    row.int("failures")
}

pub(crate) async fn block(tx: &mut Tx, subject: &str, until: Timestamp) -> Result<(), Error> {
    tx.execute("UPDATE sign_in_brakes SET blocked_until = $2 WHERE subject = $1", params![subject, until])
        .await?;
    Ok(())
}

pub(crate) async fn clear(tx: &mut Tx, subject: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM sign_in_brakes WHERE subject = $1", params![subject]).await?;
    Ok(())
}

pub(crate) async fn delete_old(tx: &mut Tx, before: Timestamp) -> Result<u64, Error> {
    tx.execute("DELETE FROM sign_in_brakes WHERE last_at < $1 AND blocked_until < $1", params![before]).await
}
