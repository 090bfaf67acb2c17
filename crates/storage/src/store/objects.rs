//! Objects: the truth for HEAD, LIST and quotas.

use super::size;
use crate::key::{sort_end, sort_key};
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a writer said about an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// `x-amz-meta-*`, without the prefix.
    #[serde(default)]
    pub meta: BTreeMap<String, String>,
    /// Headers to be given back: `cache-control`, `content-disposition`, `content-encoding`, `content-language`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// MD5 in hexadecimal, or the S3 form for several parts; without quotes.
    pub etag: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its media type.
    pub content_type: String,
    /// What its writer said about it.
    pub metadata: Metadata,
    /// When it was written.
    pub modified: Timestamp,
    /// Who wrote it: an access key, a user or `system`.
    pub written_by: String,
}

fn from_row(row: &Row) -> Result<Object, Error> {
    Ok(Object {
        key: row.text("key")?,
        size: size(row, "size")?,
        etag: row.text("etag")?,
        sha256: row.text("sha256")?,
        content_type: row.text("content_type")?,
        metadata: serde_json::from_str(&row.text("metadata")?)?,
        modified: row.time("modified")?,
        written_by: row.text("written_by")?,
    })
}

pub(crate) async fn find(sql: &mut impl Sql, project: &str, key: &str) -> Result<Option<Object>, Error> {
    let statement = "SELECT * FROM objects WHERE project_id = $1 AND sort_key = $2";
    sql.fetch_optional(statement, params![project, sort_key(key)]).await?.as_ref().map(from_row).transpose()
}

/// Takes the lock under which a project's objects change, until the transaction ends. It makes quotas and
/// conditions exact where several servers write.
pub(crate) async fn lock(sql: &mut impl Sql, project: &str) -> Result<(), Error> {
    count(sql, project, 0).await
}

async fn count(sql: &mut impl Sql, project: &str, bytes: i64) -> Result<(), Error> {
    sql.execute(
        "INSERT INTO bucket_usage (project_id, bytes) VALUES ($1, $2) \
         ON CONFLICT (project_id) DO UPDATE SET bytes = bucket_usage.bytes + excluded.bytes",
        params![project, bytes],
    )
    .await?;
    Ok(())
}

/// Bytes of a whole project.
pub(crate) async fn used_by(sql: &mut impl Sql, project: &str) -> Result<u64, Error> {
    let found =
        sql.fetch_optional("SELECT bytes FROM bucket_usage WHERE project_id = $1", params![project]).await?;
    found.map_or(Ok(0), |row| size(&row, "bytes"))
}

/// Records an object; call [`lock`] before.
pub(crate) async fn upsert(
    sql: &mut impl Sql,
    project: &str,
    bucket: &str,
    object: &Object,
) -> Result<(), Error> {
    let old = find(sql, project, &object.key).await?.map_or(0, |old| old.size);
    count(sql, project, object.size.cast_signed() - old.cast_signed()).await?;
    sql.execute(
        "INSERT INTO objects (project_id, sort_key, bucket, key, size, etag, sha256, content_type, metadata, \
         modified, written_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (project_id, sort_key) DO UPDATE SET bucket = excluded.bucket, size = excluded.size, \
         etag = excluded.etag, sha256 = excluded.sha256, content_type = excluded.content_type, \
         metadata = excluded.metadata, modified = excluded.modified, written_by = excluded.written_by",
        params![
            project,
            sort_key(&object.key),
            bucket,
            &object.key,
            object.size,
            &object.etag,
            &object.sha256,
            &object.content_type,
            serde_json::to_string(&object.metadata)?,
            object.modified,
            &object.written_by
        ],
    )
    .await?;
    Ok(())
}

/// Forgets an object; says whether there was one.
pub(crate) async fn delete(sql: &mut impl Sql, project: &str, key: &str) -> Result<bool, Error> {
    let statement = "DELETE FROM objects WHERE project_id = $1 AND sort_key = $2 RETURNING size";
    match sql.fetch_optional(statement, params![project, sort_key(key)]).await? {
        Some(row) => count(sql, project, -row.int("size")?).await.map(|()| true),
        None => Ok(false),
    }
}

/// Objects with sort keys in `from..to`, in order, at most `limit`.
pub(crate) async fn range(
    sql: &mut impl Sql,
    project: &str,
    from: &str,
    to: &str,
    limit: usize,
) -> Result<Vec<Object>, Error> {
    sql.fetch_all(
        "SELECT * FROM objects WHERE project_id = $1 AND sort_key >= $2 AND sort_key < $3 ORDER BY sort_key LIMIT $4",
        params![project, from, to, limit],
    )
    .await?
    .iter()
    .map(from_row)
    .collect()
}

/// Every object below a prefix, in order.
pub(crate) async fn all_below(sql: &mut impl Sql, project: &str, prefix: &str) -> Result<Vec<Object>, Error> {
    range(sql, project, &sort_key(prefix), &sort_end(prefix), i32::MAX as usize).await
}

/// Bytes below a prefix.
pub(crate) async fn used(sql: &mut impl Sql, project: &str, prefix: &str) -> Result<u64, Error> {
    let row = sql
        .fetch_one(
            "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS used FROM objects \
             WHERE project_id = $1 AND sort_key >= $2 AND sort_key < $3",
            params![project, sort_key(prefix), sort_end(prefix)],
        )
        .await?;
    size(&row, "used")
}

/// Whether a key is another object's folder, or one of its folders is an object.
pub(crate) async fn clashes(sql: &mut impl Sql, project: &str, key: &str) -> Result<bool, Error> {
    let below = format!("{key}/");
    if !range(sql, project, &sort_key(&below), &sort_end(&below), 1).await?.is_empty() {
        return Ok(true);
    }
    for (at, _) in key.match_indices('/') {
        if find(sql, project, &key[..at]).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
