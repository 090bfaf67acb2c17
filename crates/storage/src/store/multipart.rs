//! Multipart uploads and their parts.

use super::objects::Metadata;
use super::size;
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, params};

/// A multipart upload that was begun.
#[derive(Clone, Debug)]
pub(crate) struct Multipart {
    pub(crate) id: String,
    pub(crate) project: String,
    pub(crate) key: String,
    pub(crate) access_key: String,
    pub(crate) content_type: Option<String>,
    pub(crate) metadata: Metadata,
    /// The checksum that its creator chose (`CRC32`, …).
    pub(crate) algorithm: Option<String>,
    pub(crate) created_at: Timestamp,
    /// The object's ETag when it was completed; kept a while for a client that asks again.
    pub(crate) completed_etag: Option<String>,
}

/// One part.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) number: u32,
    /// Its file in the staging folder.
    pub(crate) file: String,
    pub(crate) size: u64,
    /// MD5 in hexadecimal.
    pub(crate) md5: String,
    /// The chosen checksum, base64.
    pub(crate) checksum: Option<String>,
    pub(crate) modified: Timestamp,
}

fn from_row(row: &Row) -> Result<Multipart, Error> {
    Ok(Multipart {
        id: row.text("id")?,
        project: row.text("project_id")?,
        key: row.text("key")?,
        access_key: row.text("access_key")?,
        content_type: row.opt_text("content_type")?,
        metadata: serde_json::from_str(&row.text("metadata")?)?,
        algorithm: row.opt_text("algorithm")?,
        created_at: row.time("created_at")?,
        completed_etag: row.opt_text("completed_etag")?,
    })
}

fn part_from_row(row: &Row) -> Result<Part, Error> {
    Ok(Part {
        number: u32::try_from(row.int("number")?).map_err(Error::internal)?,
        file: row.text("file")?,
        size: size(row, "size")?,
        md5: row.text("md5")?,
        checksum: row.opt_text("checksum")?,
        modified: row.time("modified")?,
    })
}

pub(crate) async fn insert(sql: &mut impl Sql, upload: &Multipart) -> Result<(), Error> {
    sql.execute(
        "INSERT INTO multipart_uploads (id, project_id, key, access_key, content_type, metadata, algorithm, \
         created_at, completed_etag) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)",
        params![
            &upload.id,
            &upload.project,
            &upload.key,
            &upload.access_key,
            upload.content_type.clone(),
            serde_json::to_string(&upload.metadata)?,
            upload.algorithm.clone(),
            upload.created_at
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn find(sql: &mut impl Sql, id: &str) -> Result<Option<Multipart>, Error> {
    sql.fetch_optional("SELECT * FROM multipart_uploads WHERE id = $1", params![id])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

/// The unfinished uploads of one access key, by key.
pub(crate) async fn of_owner(sql: &mut impl Sql, access_key: &str) -> Result<Vec<Multipart>, Error> {
    let mut found = sql
        .fetch_all(
            "SELECT * FROM multipart_uploads WHERE access_key = $1 AND completed_etag IS NULL",
            params![access_key],
        )
        .await?
        .iter()
        .map(from_row)
        .collect::<Result<Vec<_>, _>>()?;
    found.sort_by(|a, b| (&a.key, &a.id).cmp(&(&b.key, &b.id)));
    Ok(found)
}

/// Records a part; returns the file of the part that it replaces.
pub(crate) async fn put_part(sql: &mut impl Sql, upload: &str, part: &Part) -> Result<Option<String>, Error> {
    let old = sql
        .fetch_optional(
            "SELECT file FROM multipart_parts WHERE upload_id = $1 AND number = $2",
            params![upload, part.number],
        )
        .await?;
    sql.execute(
        "INSERT INTO multipart_parts (upload_id, number, file, size, md5, checksum, modified) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (upload_id, number) DO UPDATE SET file = excluded.file, \
         size = excluded.size, md5 = excluded.md5, checksum = excluded.checksum, modified = excluded.modified",
        params![upload, part.number, &part.file, part.size, &part.md5, part.checksum.clone(), part.modified],
    )
    .await?;
    old.map(|row| row.text("file")).transpose()
}

pub(crate) async fn parts(sql: &mut impl Sql, upload: &str) -> Result<Vec<Part>, Error> {
    sql.fetch_all("SELECT * FROM multipart_parts WHERE upload_id = $1 ORDER BY number", params![upload])
        .await?
        .iter()
        .map(part_from_row)
        .collect()
}

/// Bytes in the parts of one access key's unfinished uploads.
pub(crate) async fn staged(sql: &mut impl Sql, access_key: &str) -> Result<u64, Error> {
    let row = sql
        .fetch_one(
            "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS used FROM multipart_parts WHERE upload_id IN \
             (SELECT id FROM multipart_uploads WHERE access_key = $1)",
            params![access_key],
        )
        .await?;
    size(&row, "used")
}

/// Removes the parts and marks the upload as completed.
pub(crate) async fn complete(sql: &mut impl Sql, id: &str, etag: &str) -> Result<(), Error> {
    sql.execute("DELETE FROM multipart_parts WHERE upload_id = $1", params![id]).await?;
    sql.execute("UPDATE multipart_uploads SET completed_etag = $2 WHERE id = $1", params![id, etag]).await?;
    Ok(())
}

pub(crate) async fn delete(sql: &mut impl Sql, id: &str) -> Result<(), Error> {
    sql.execute("DELETE FROM multipart_parts WHERE upload_id = $1", params![id]).await?;
    sql.execute("DELETE FROM multipart_uploads WHERE id = $1", params![id]).await?;
    Ok(())
}

/// The uploads begun before `before`.
pub(crate) async fn begun_before(sql: &mut impl Sql, before: Timestamp) -> Result<Vec<String>, Error> {
    sql.fetch_all("SELECT id FROM multipart_uploads WHERE created_at < $1", params![before])
        .await?
        .iter()
        .map(|row| row.text("id"))
        .collect()
}

/// Whether any upload still needs this part file.
pub(crate) async fn has_file(sql: &mut impl Sql, file: &str) -> Result<bool, Error> {
    Ok(sql
        .fetch_optional("SELECT number FROM multipart_parts WHERE file = $1", params![file])
        .await?
        .is_some())
}
