//! OAuth clients and authorization codes: only the hashes of their secrets.

use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};

pub(crate) struct ClientRow {
    pub(crate) id: String,
    pub(crate) secret_hash: String,
    pub(crate) redirect_uri: String,
    pub(crate) instance: String,
    pub(crate) project_id: String,
}

pub(crate) struct CodeRow {
    pub(crate) hash: String,
    pub(crate) client_id: String,
    pub(crate) user_id: String,
    pub(crate) session_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) token_id: Option<String>,
}

fn code_row(row: &Row) -> Result<CodeRow, Error> {
    Ok(CodeRow {
        hash: row.text("hash")?,
        client_id: row.text("client_id")?,
        user_id: row.text("user_id")?,
        session_id: row.text("session_id")?,
        redirect_uri: row.text("redirect_uri")?,
        challenge: row.text("challenge")?,
        expires_at: row.time("expires_at")?,
        token_id: row.opt_text("token_id")?,
    })
}

/// Stores a client, also over one of the same id.
pub(crate) async fn put_client(tx: &mut Tx, client: &ClientRow, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO oauth_clients (id, secret_hash, redirect_uri, instance, project_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET secret_hash = excluded.secret_hash, \
         redirect_uri = excluded.redirect_uri, instance = excluded.instance, project_id = excluded.project_id",
        params![&client.id, &client.secret_hash, &client.redirect_uri, &client.instance, &client.project_id, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn client(sql: &mut impl Sql, id: &str) -> Result<Option<ClientRow>, Error> {
    let row = sql.fetch_optional("SELECT * FROM oauth_clients WHERE id = $1", params![id]).await?;
    let read = |row: &Row| -> Result<ClientRow, Error> {
        Ok(ClientRow {
            id: row.text("id")?,
            secret_hash: row.text("secret_hash")?,
            redirect_uri: row.text("redirect_uri")?,
            instance: row.text("instance")?,
            project_id: row.text("project_id")?,
        })
    };
    row.as_ref().map(read).transpose()
}

/// Deletes the clients of a running thing with the codes that were made for them.
pub(crate) async fn delete_clients_of(tx: &mut Tx, instance: &str) -> Result<(), Error> {
    let codes =
        "DELETE FROM oauth_codes WHERE client_id IN (SELECT id FROM oauth_clients WHERE instance = $1)";
    tx.execute(codes, params![instance]).await?;
    tx.execute("DELETE FROM oauth_clients WHERE instance = $1", params![instance]).await?;
    Ok(())
}

pub(crate) async fn insert_code(tx: &mut Tx, code: &CodeRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO oauth_codes (hash, client_id, user_id, session_id, redirect_uri, challenge, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            &code.hash,
            &code.client_id,
            &code.user_id,
            &code.session_id,
            &code.redirect_uri,
            &code.challenge,
            code.expires_at
        ],
    )
    .await?;
    Ok(())
}

/// A code of a client, locked until the end of the transaction.
pub(crate) async fn lock_code(tx: &mut Tx, hash: &str, client: &str) -> Result<Option<CodeRow>, Error> {
    let sql = "UPDATE oauth_codes SET hash = hash WHERE hash = $1 AND client_id = $2 RETURNING *";
    tx.fetch_optional(sql, params![hash, client]).await?.as_ref().map(code_row).transpose()
}

/// Marks a code as used.
pub(crate) async fn use_code(tx: &mut Tx, hash: &str, token: &str) -> Result<(), Error> {
    tx.execute("UPDATE oauth_codes SET token_id = $2 WHERE hash = $1", params![hash, token]).await?;
    Ok(())
}

/// Deletes codes that expired before `before`.
pub(crate) async fn delete_old_codes(tx: &mut Tx, before: Timestamp) -> Result<u64, Error> {
    tx.execute("DELETE FROM oauth_codes WHERE expires_at <= $1", params![before]).await
}
