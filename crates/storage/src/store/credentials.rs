//! Access keys. Secrets are derived, never stored.

use crate::model::Bucket;
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, params};

/// One access key and what it may do.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    pub(crate) access_key: String,
    pub(crate) bucket: Bucket,
    /// The process and version of a run's key.
    pub(crate) run: Option<(String, u32)>,
    /// Who it was made for.
    pub(crate) owner: String,
    /// The only prefix that it may write; `None` for reading only.
    pub(crate) write_prefix: Option<String>,
    pub(crate) expires_at: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
    pub(crate) quota_bytes: Option<u64>,
}

fn from_row(row: &Row) -> Result<Credential, Error> {
    let version = row.opt_int("version")?.map(u32::try_from).transpose().map_err(Error::internal)?;
    Ok(Credential {
        access_key: row.text("access_key")?,
        bucket: Bucket { project: row.parse("project_id")?, name: row.text("bucket")?, quota_bytes: None },
        run: row.opt_text("process_id")?.zip(version),
        owner: row.text("owner")?,
        write_prefix: row.opt_text("write_prefix")?,
        expires_at: row.time("expires_at")?,
        revoked_at: row.opt_time("revoked_at")?,
        quota_bytes: row.opt_int("quota_bytes")?.and_then(|n| u64::try_from(n).ok()),
    })
}

pub(crate) async fn insert(sql: &mut impl Sql, credential: &Credential, now: Timestamp) -> Result<(), Error> {
    let (process, version) = credential.run.clone().unzip();
    sql.execute(
        "INSERT INTO storage_credentials (access_key, project_id, bucket, process_id, version, owner, write_prefix, \
         expires_at, revoked_at, quota_bytes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9, $10)",
        params![
            &credential.access_key,
            credential.bucket.project.as_str(),
            &credential.bucket.name,
            process,
            version,
            &credential.owner,
            credential.write_prefix.clone(),
            credential.expires_at,
            credential.quota_bytes,
            now
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn find(sql: &mut impl Sql, access_key: &str) -> Result<Option<Credential>, Error> {
    sql.fetch_optional("SELECT * FROM storage_credentials WHERE access_key = $1", params![access_key])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

/// Says whether the key may still write, and holds that answer until the transaction ends: a revocation
/// waits for it, so nothing is recorded after a version's outputs were collected.
pub(crate) async fn hold(sql: &mut impl Sql, access_key: &str, now: Timestamp) -> Result<bool, Error> {
    let statement = "UPDATE storage_credentials SET last_write = $2 \
                     WHERE access_key = $1 AND revoked_at IS NULL AND expires_at > $2";
    Ok(sql.execute(statement, params![access_key, now]).await? > 0)
}

pub(crate) async fn revoke_run(
    sql: &mut impl Sql,
    process: &str,
    version: u32,
    now: Timestamp,
) -> Result<u64, Error> {
    sql.execute(
        "UPDATE storage_credentials SET revoked_at = $3 WHERE process_id = $1 AND version = $2 AND revoked_at IS NULL",
        params![process, version, now],
    )
    .await
}

/// Forgets keys that have been dead since `before`.
pub(crate) async fn prune(sql: &mut impl Sql, before: Timestamp) -> Result<u64, Error> {
    sql.execute("DELETE FROM storage_credentials WHERE expires_at < $1 OR revoked_at < $1", params![before])
        .await
}
