//! Rows of files and versions.

use crate::document::Notebook;
use crate::model::Person;
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{Read, Write};

/// The file as it was last seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Baseline {
    /// The name that it had.
    pub(crate) name: Option<String>,
    /// The digest of its bytes.
    pub(crate) sha256: Option<String>,
    /// What it held, with digests in the place of outputs.
    pub(crate) base: Option<Notebook>,
    /// What was about to be written; it was, if the file has this digest.
    pub(crate) next: Option<(String, Notebook)>,
}

/// The baseline of a notebook; empty when its file was never seen.
pub(crate) async fn baseline(sql: &mut impl Sql, id: &str) -> Result<Baseline, Error> {
    let row = sql.fetch_optional("SELECT * FROM notebook_files WHERE notebook_id = $1", params![id]).await?;
    let Some(row) = row else {
        return Ok(Baseline::default());
    };
    let base = match row.opt_text("sha256")? {
        Some(_) => Some(unpack(&row.bytes("base")?)?),
        None => None,
    };
    let next = match row.opt_text("next_sha256")? {
        Some(sha256) => Some((sha256, unpack(&row.bytes("next_base")?)?)),
        None => None,
    };
    Ok(Baseline { name: row.opt_text("file_name")?, sha256: row.opt_text("sha256")?, base, next })
}

/// Notes what is about to be written.
pub(crate) async fn intend(tx: &mut Tx, id: &str, sha256: &str, base: &Notebook) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notebook_files (notebook_id, next_sha256, next_base) VALUES ($1, $2, $3) \
         ON CONFLICT (notebook_id) DO UPDATE SET next_sha256 = excluded.next_sha256, next_base = excluded.next_base",
        params![id, sha256, pack(base)?],
    )
    .await?;
    Ok(())
}

/// Notes what the file holds now.
pub(crate) async fn settle(
    tx: &mut Tx,
    id: &str,
    name: &str,
    sha256: &str,
    base: &Notebook,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notebook_files (notebook_id, file_name, sha256, base, saved_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (notebook_id) DO UPDATE SET file_name = excluded.file_name, sha256 = excluded.sha256, \
         base = excluded.base, saved_at = excluded.saved_at, next_sha256 = NULL, next_base = NULL",
        params![id, name, sha256, pack(base)?, now],
    )
    .await?;
    Ok(())
}

/// The ids of notebooks that were changed well after their files were written; at most 500.
pub(crate) async fn unsaved(sql: &mut impl Sql) -> Result<Vec<String>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT n.id FROM notebooks n LEFT JOIN notebook_files f ON f.notebook_id = n.id \
             WHERE f.saved_at IS NULL OR n.updated_at > f.saved_at + $1 ORDER BY n.updated_at DESC LIMIT 500",
            params![SETTLED_MS],
        )
        .await?;
    rows.iter().map(|row| row.text("id")).collect()
}

/// What a checkpoint writes about itself comes within this time after it.
const SETTLED_MS: i64 = 3_000;

/// What a notebook was once.
#[derive(Clone, Debug)]
pub(crate) struct VersionRow {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    pub(crate) label: Option<String>,
    pub(crate) sha256: String,
    pub(crate) cells: i64,
    pub(crate) bytes: i64,
    pub(crate) created_by: Person,
}

fn version_of(row: &Row) -> Result<VersionRow, Error> {
    Ok(VersionRow {
        id: row.text("id")?,
        at: row.time("at")?,
        label: row.opt_text("label")?,
        sha256: row.text("sha256")?,
        cells: row.int("cells")?,
        bytes: row.int("bytes")?,
        created_by: Person { id: row.text("created_by")?, name: row.text("created_by_name")? },
    })
}

/// All versions of a notebook, newest first.
pub(crate) async fn versions(sql: &mut impl Sql, id: &str) -> Result<Vec<VersionRow>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT * FROM notebook_versions WHERE notebook_id = $1 ORDER BY at DESC, id DESC",
            params![id],
        )
        .await?;
    rows.iter().map(version_of).collect()
}

pub(crate) async fn add_version(tx: &mut Tx, notebook: &str, v: &VersionRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notebook_versions (id, notebook_id, at, label, sha256, cells, bytes, created_by, created_by_name) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &v.id,
            notebook,
            v.at,
            v.label.as_deref(),
            &v.sha256,
            v.cells,
            v.bytes,
            &v.created_by.id,
            &v.created_by.name
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn drop_version(tx: &mut Tx, id: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM notebook_versions WHERE id = $1", params![id]).await?;
    Ok(())
}

/// Forgets a notebook's file and versions.
pub(crate) async fn forget(tx: &mut Tx, id: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM notebook_files WHERE notebook_id = $1", params![id]).await?;
    tx.execute("DELETE FROM notebook_versions WHERE notebook_id = $1", params![id]).await?;
    Ok(())
}

fn pack(notebook: &Notebook) -> Result<Vec<u8>, Error> {
    squeeze(&serde_json::to_vec(notebook).map_err(Error::internal)?)
}

fn unpack(bytes: &[u8]) -> Result<Notebook, Error> {
    serde_json::from_slice(&unsqueeze(bytes)?).map_err(Error::internal)
}

/// Gzip.
pub(crate) fn squeeze(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).and_then(|()| out.finish()).map_err(Error::internal)
}

/// The other way.
pub(crate) fn unsqueeze(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut out).map_err(Error::internal)?;
    Ok(out)
}
