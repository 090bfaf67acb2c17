//! Sessions: only the hash of what the cookie holds.

use crate::model::{Session, SessionId};
use castalia_base::id::UserId;
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};

pub(crate) struct Found {
    pub(crate) session: Session,
    pub(crate) user: UserId,
}

fn from_row(row: &Row) -> Result<Found, Error> {
    let session = Session {
        id: row.parse("id")?,
        created_at: row.time("created_at")?,
        seen_at: row.time("seen_at")?,
        expires_at: row.time("expires_at")?,
        address: row.opt_text("address")?,
        agent: row.opt_text("agent")?,
        current: false,
    };
    Ok(Found { session, user: row.parse("user_id")? })
}

pub(crate) async fn insert(tx: &mut Tx, session: &Session, user: &UserId, hash: &str) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO sessions (id, hash, user_id, created_at, seen_at, expires_at, address, agent) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            session.id.as_str(),
            hash,
            user.as_str(),
            session.created_at,
            session.seen_at,
            session.expires_at,
            session.address.clone(),
            session.agent.clone()
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn by_hash(sql: &mut impl Sql, hash: &str, now: Timestamp) -> Result<Option<Found>, Error> {
    let row = sql
        .fetch_optional("SELECT * FROM sessions WHERE hash = $1 AND expires_at > $2", params![hash, now])
        .await?;
    row.as_ref().map(from_row).transpose()
}

pub(crate) async fn touch(
    tx: &mut Tx,
    id: &SessionId,
    now: Timestamp,
    expires: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE id = $1",
        params![id.as_str(), now, expires],
    )
    .await?;
    Ok(())
}

/// Newest first.
pub(crate) async fn of_user(
    sql: &mut impl Sql,
    user: &UserId,
    now: Timestamp,
) -> Result<Vec<Session>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT * FROM sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY id DESC LIMIT 500",
            params![user.as_str(), now],
        )
        .await?;
    rows.iter().map(|row| from_row(row).map(|found| found.session)).collect()
}

pub(crate) async fn delete(tx: &mut Tx, user: &UserId, id: &SessionId) -> Result<bool, Error> {
    let params = params![id.as_str(), user.as_str()];
    Ok(tx.execute("DELETE FROM sessions WHERE id = $1 AND user_id = $2", params).await? > 0)
}

/// Ends all sessions of the user, but for `keep`.
pub(crate) async fn delete_all(tx: &mut Tx, user: &UserId, keep: Option<&SessionId>) -> Result<(), Error> {
    let keep = keep.map_or("", |id| id.as_str());
    tx.execute("DELETE FROM sessions WHERE user_id = $1 AND id <> $2", params![user.as_str(), keep]).await?;
    Ok(())
}

pub(crate) async fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, Error> {
    tx.execute("DELETE FROM sessions WHERE expires_at <= $1", params![now]).await
}
