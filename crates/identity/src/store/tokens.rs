//! API tokens: only the hash of the secret.

use super::{to_json, words};
use crate::model::{IssuedToken, SessionId, Token};
use castalia_base::id::{TokenId, UserId};
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};

pub(crate) struct Found {
    pub(crate) token: Token,
    pub(crate) run: bool,
    pub(crate) session: Option<SessionId>,
}

/// What a token hangs on besides its user.
#[derive(Default)]
pub(crate) struct Ties<'a> {
    /// The only running thing that it reaches.
    pub(crate) instance: Option<&'a str>,
    /// The OAuth client for which it was made.
    pub(crate) client: Option<&'a str>,
    /// The session in which it was made, and with which it ends.
    pub(crate) session: Option<&'a str>,
}

fn from_row(row: &Row) -> Result<Found, Error> {
    let token = Token {
        id: row.parse("id")?,
        name: row.text("name")?,
        user: row.parse("user_id")?,
        user_name: row.text("user_name")?,
        scopes: row.opt_text("scopes")?.as_deref().map(words).transpose()?,
        project: row.opt_text("project_id")?.map(|id| id.parse()).transpose()?,
        expires_at: row.opt_time("expires_at")?,
        created_at: row.time("created_at")?,
        used_at: row.opt_time("used_at")?,
        instance: row.opt_text("instance")?,
    };
    let session = row.opt_text("session_id")?.map(|id| id.parse()).transpose()?;
    Ok(Found { token, run: row.text("kind")? != "named", session })
}

pub(crate) async fn insert(
    tx: &mut Tx,
    token: &IssuedToken,
    user: &UserId,
    kind: &'static str,
    now: Timestamp,
) -> Result<(), Error> {
    let hash = crate::crypto::digest(token.secret.expose());
    insert_tied(tx, token, &hash, user, (kind, &Ties::default()), now).await
}

pub(crate) async fn insert_tied(
    tx: &mut Tx,
    token: &IssuedToken,
    hash: &str,
    user: &UserId,
    (kind, ties): (&'static str, &Ties<'_>),
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO api_tokens (id, hash, user_id, kind, name, scopes, project_id, created_at, expires_at, \
         instance, client_id, session_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            token.id.as_str(),
            hash,
            user.as_str(),
            kind,
            &token.name,
            token.scopes.as_deref().map(to_json),
            token.project.as_ref().map(|p| p.as_str()),
            now,
            token.expires_at,
            ties.instance,
            ties.client,
            ties.session
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn by_hash(sql: &mut impl Sql, hash: &str, now: Timestamp) -> Result<Option<Found>, Error> {
    let row = sql
        .fetch_optional(
            "SELECT t.*, u.name AS user_name FROM api_tokens t JOIN users u ON u.id = t.user_id \
             WHERE t.hash = $1 AND (t.expires_at IS NULL OR t.expires_at > $2) AND (t.session_id IS NULL \
             OR EXISTS (SELECT 1 FROM sessions s WHERE s.id = t.session_id AND s.expires_at > $2))",
            params![hash, now],
        )
        .await?;
    row.as_ref().map(from_row).transpose()
}

pub(crate) async fn by_id(sql: &mut impl Sql, id: &str, now: Timestamp) -> Result<Option<Found>, Error> {
    let row = sql
        .fetch_optional(
            "SELECT t.*, u.name AS user_name FROM api_tokens t JOIN users u ON u.id = t.user_id \
             WHERE t.id = $1 AND (t.expires_at IS NULL OR t.expires_at > $2) AND (t.session_id IS NULL \
             OR EXISTS (SELECT 1 FROM sessions s WHERE s.id = t.session_id AND s.expires_at > $2))",
            params![id, now],
        )
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// Named tokens after the id `after`, of one user or (`None`) of all.
pub(crate) async fn list(
    sql: &mut impl Sql,
    user: Option<&UserId>,
    after: &str,
    limit: usize,
) -> Result<Vec<Token>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT t.*, u.name AS user_name FROM api_tokens t JOIN users u ON u.id = t.user_id \
             WHERE t.kind = 'named' AND ($1 = '' OR t.user_id = $1) AND t.id > $2 ORDER BY t.id LIMIT $3",
            params![user.map_or("", |u| u.as_str()), after, limit],
        )
        .await?;
    rows.iter().map(|row| from_row(row).map(|found| found.token)).collect()
}

pub(crate) async fn set_used(tx: &mut Tx, id: &TokenId, now: Timestamp) -> Result<(), Error> {
    tx.execute("UPDATE api_tokens SET used_at = $2 WHERE id = $1", params![id.as_str(), now]).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &mut Tx, id: &TokenId) -> Result<bool, Error> {
    Ok(tx.execute("DELETE FROM api_tokens WHERE id = $1", params![id.as_str()]).await? > 0)
}

pub(crate) async fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64, Error> {
    tx.execute("DELETE FROM api_tokens WHERE expires_at <= $1", params![now]).await
}

/// Ends every token that reaches only `instance`, or was made for its programs.
pub(crate) async fn delete_of_instance(tx: &mut Tx, instance: &str) -> Result<u64, Error> {
    tx.execute("DELETE FROM api_tokens WHERE instance = $1 OR client_id = $1", params![instance]).await
}

/// Tokens that were made for the programs of `client` and still hold do so until `until`.
pub(crate) async fn renew_of_client(
    tx: &mut Tx,
    client: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE api_tokens SET expires_at = $3 WHERE client_id = $1 AND kind = 'run' \
         AND (expires_at IS NULL OR expires_at > $2)",
        params![client, now, until],
    )
    .await?;
    Ok(())
}

/// What tokens for programs were made for, as far as it begins with `prefix`.
pub(crate) async fn clients(sql: &mut impl Sql, prefix: &str) -> Result<Vec<String>, Error> {
    let length = i64::try_from(prefix.len()).unwrap_or(i64::MAX);
    let rows = sql
        .fetch_all(
            "SELECT DISTINCT client_id FROM api_tokens WHERE kind = 'run' \
             AND substr(client_id, 1, CAST($2 AS INTEGER)) = $1",
            params![prefix, length],
        )
        .await?;
    rows.iter().map(|row| row.text("client_id")).collect()
}
