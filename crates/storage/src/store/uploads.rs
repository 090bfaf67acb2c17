//! Uploads, and resumable ones that are not complete.

use super::listing::{Wanted, page_sql};
use super::size;
use crate::model::Upload;
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, params};

/// A resumable upload that is not complete.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) project: String,
    pub(crate) bucket: String,
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) media_type: Option<String>,
    pub(crate) sha256: Option<String>,
    pub(crate) replace: bool,
    pub(crate) created_by: String,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

fn from_row(row: &Row) -> Result<Upload, Error> {
    Ok(Upload {
        id: row.parse("id")?,
        project: row.parse("project_id")?,
        name: row.text("name")?,
        key: row.text("key")?,
        size: size(row, "size")?,
        media_type: row.text("media_type")?,
        sha256: row.text("sha256")?,
        columns: Vec::new(),
        crs: None,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
    })
}

fn session_from_row(row: &Row) -> Result<Session, Error> {
    Ok(Session {
        id: row.text("id")?,
        project: row.text("project_id")?,
        bucket: row.text("bucket")?,
        name: row.text("name")?,
        size: size(row, "size")?,
        media_type: row.opt_text("media_type")?,
        sha256: row.opt_text("sha256")?,
        replace: row.flag("replaces")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}

/// Records a complete upload. One of the same name is replaced and keeps nothing, not even its id: what was
/// computed from the old bytes must not seem to come from the new ones.
pub(crate) async fn put(sql: &mut impl Sql, upload: &Upload) -> Result<(), Error> {
    delete_by_name(sql, upload.project.as_str(), &upload.name).await?;
    sql.execute(
        "INSERT INTO uploads (id, project_id, name, key, size, media_type, sha256, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            upload.id.as_str(),
            upload.project.as_str(),
            &upload.name,
            &upload.key,
            upload.size,
            &upload.media_type,
            &upload.sha256,
            &upload.created_by,
            upload.created_at
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn find(sql: &mut impl Sql, id: &str) -> Result<Option<Upload>, Error> {
    sql.fetch_optional("SELECT * FROM uploads WHERE id = $1", params![id])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

pub(crate) async fn find_by_name(
    sql: &mut impl Sql,
    project: &str,
    name: &str,
) -> Result<Option<Upload>, Error> {
    sql.fetch_optional("SELECT * FROM uploads WHERE project_id = $1 AND name = $2", params![project, name])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

/// A page of a project's uploads.
pub(crate) async fn list(sql: &mut impl Sql, project: &str, wanted: &Wanted) -> Result<Vec<Upload>, Error> {
    let params = wanted.params(project, Vec::new())?;
    sql.fetch_all(page_sql!(wanted.sort, "uploads", "", "$13"), params).await?.iter().map(from_row).collect()
}

pub(crate) async fn delete_by_name(sql: &mut impl Sql, project: &str, name: &str) -> Result<u64, Error> {
    sql.execute("DELETE FROM uploads WHERE project_id = $1 AND name = $2", params![project, name]).await
}

pub(crate) async fn begin_session(sql: &mut impl Sql, session: &Session) -> Result<(), Error> {
    sql.execute(
        "INSERT INTO upload_sessions (id, project_id, bucket, name, size, media_type, sha256, replaces, created_by, \
         created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            &session.id,
            &session.project,
            &session.bucket,
            &session.name,
            session.size,
            session.media_type.clone(),
            session.sha256.clone(),
            session.replace,
            &session.created_by,
            session.created_at,
            session.expires_at
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn find_session(sql: &mut impl Sql, id: &str) -> Result<Option<Session>, Error> {
    sql.fetch_optional("SELECT * FROM upload_sessions WHERE id = $1", params![id])
        .await?
        .as_ref()
        .map(session_from_row)
        .transpose()
}

pub(crate) async fn prolong_session(sql: &mut impl Sql, id: &str, until: Timestamp) -> Result<u64, Error> {
    sql.execute("UPDATE upload_sessions SET expires_at = $2 WHERE id = $1", params![id, until]).await
}

pub(crate) async fn end_session(sql: &mut impl Sql, id: &str) -> Result<u64, Error> {
    sql.execute("DELETE FROM upload_sessions WHERE id = $1", params![id]).await
}

/// Ids of the sessions that expired before `now`.
pub(crate) async fn expired_sessions(sql: &mut impl Sql, now: Timestamp) -> Result<Vec<String>, Error> {
    sql.fetch_all("SELECT id FROM upload_sessions WHERE expires_at < $1", params![now])
        .await?
        .iter()
        .map(|row| row.text("id"))
        .collect()
}

/// Bytes that the unfinished uploads of a project have announced.
pub(crate) async fn announced(sql: &mut impl Sql, project: &str) -> Result<u64, Error> {
    let row = sql
        .fetch_one(
            "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS used FROM upload_sessions WHERE project_id = $1",
            params![project],
        )
        .await?;
    size(&row, "used")
}
