//! Signing keys; the secret half is sealed.

use castalia_base::{Error, Timestamp};
use castalia_db::{Sql, Tx, params};

pub(crate) struct Stored {
    pub(crate) id: String,
    /// base64url, as in a JWK.
    pub(crate) public: String,
    pub(crate) sealed: String,
    pub(crate) created_at: Timestamp,
}

/// Newest first.
pub(crate) async fn list(sql: &mut impl Sql) -> Result<Vec<Stored>, Error> {
    let rows = sql.fetch_all("SELECT * FROM signing_keys ORDER BY id DESC", params![]).await?;
    rows.iter()
        .map(|row| {
            Ok(Stored {
                id: row.text("id")?,
                public: row.text("public_key")?,
                sealed: row.text("sealed_secret")?,
                created_at: row.time("created_at")?,
            })
        })
        .collect()
}

pub(crate) async fn insert(tx: &mut Tx, key: &Stored) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO signing_keys (id, public_key, sealed_secret, created_at) VALUES ($1, $2, $3, $4)",
        params![&key.id, &key.public, &key.sealed, key.created_at],
    )
    .await?;
    Ok(())
}

pub(crate) async fn delete(tx: &mut Tx, id: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM signing_keys WHERE id = $1", params![id]).await?;
    Ok(())
}
