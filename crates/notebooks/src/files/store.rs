//! Rows of files and versions.

use crate::document::Notebook;
use crate::model::Person;
use crate::stored::rows;
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

/// Whether a notebook of the project has this file, or may have: of one that is just being written it is not known yet.
pub(crate) async fn is_ours(sql: &mut impl Sql, project: &str, name: &str) -> Result<bool, Error> {
    let text = "SELECT f.notebook_id FROM notebook_files f JOIN notebooks n ON n.id = f.notebook_id \
                WHERE n.project_id = $1 AND (f.file_name = $2 OR f.file_name IS NULL) LIMIT 1";
    Ok(sql.fetch_optional(text, params![project, name]).await?.is_some())
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

/// A version is kept, with the stored outputs that it refers to.
pub(crate) async fn add_version(
    tx: &mut Tx,
    notebook: &str,
    v: &VersionRow,
    outputs: &[String],
) -> Result<(), Error> {
    for output in outputs {
        rows::keep(tx, &v.id, notebook, output).await?;
    }
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
    rows::release(tx, id).await
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Cell, CellKind};
    use castalia_testkit::both_engines;

    both_engines!(what_is_noted_is_found, &[crate::MIGRATIONS], |db| async move {
        let mut tx = db.begin().await.expect("begins");
        tx.execute(
            "INSERT INTO notebooks (id, project_id, name, title, epoch, cells, log_seq, log_bytes, created_at, updated_at, \
             created_by, created_by_name) VALUES ('nb_1', 'p', 'a', 'a', 'e', 0, 0, 0, 0, 10000, 'u', 'u')",
            params![],
        )
        .await
        .expect("a notebook");
        tx.commit().await.expect("commits");
        assert_eq!(unsaved(&mut db.read()).await.expect("asked"), ["nb_1"], "it has no file");
        assert!(baseline(&mut db.read(), "nb_1").await.expect("asked").sha256.is_none());

        let base = Notebook { cells: vec![Cell::new("a", CellKind::Code, "x")], ..Notebook::new() };
        let mut tx = db.begin().await.expect("begins");
        intend(&mut tx, "nb_1", "one", &base).await.expect("noted");
        tx.commit().await.expect("commits");
        let found = baseline(&mut db.read(), "nb_1").await.expect("asked");
        assert_eq!((found.sha256, found.next), (None, Some(("one".to_owned(), base.clone()))));

        let mut tx = db.begin().await.expect("begins");
        settle(&mut tx, "nb_1", "a.ipynb", "one", &base, Timestamp(9_000)).await.expect("noted");
        tx.commit().await.expect("commits");
        let found = baseline(&mut db.read(), "nb_1").await.expect("asked");
        assert_eq!((found.name.as_deref(), found.sha256.as_deref()), (Some("a.ipynb"), Some("one")));
        assert_eq!((found.base, found.next), (Some(base), None));
        assert!(unsaved(&mut db.read()).await.expect("asked").is_empty(), "it was written a second ago");

        let by = Person { id: "u".into(), name: "Ada".into() };
        for (id, at, label) in [("v1", 1, None), ("v2", 2, Some("paper"))] {
            let row = VersionRow {
                id: id.into(),
                at: Timestamp(at),
                label: label.map(str::to_owned),
                sha256: "x".into(),
                cells: 1,
                bytes: 2,
                created_by: by.clone(),
            };
            let mut tx = db.begin().await.expect("begins");
            add_version(&mut tx, "nb_1", &row, &["out".into()]).await.expect("kept");
            tx.commit().await.expect("commits");
        }
        let found = versions(&mut db.read(), "nb_1").await.expect("asked");
        let short: Vec<_> = found.iter().map(|row| (row.id.as_str(), row.label.as_deref())).collect();
        assert_eq!(short, [("v2", Some("paper")), ("v1", None)]);
        let mut tx = db.begin().await.expect("begins");
        drop_version(&mut tx, "v2").await.expect("dropped");
        tx.commit().await.expect("commits");
        assert_eq!(versions(&mut db.read(), "nb_1").await.expect("asked").len(), 1);
        let mut tx = db.begin().await.expect("begins");
        forget(&mut tx, "nb_1").await.expect("forgotten");
        tx.commit().await.expect("commits");
        assert!(versions(&mut db.read(), "nb_1").await.expect("asked").is_empty());
        assert!(baseline(&mut db.read(), "nb_1").await.expect("asked").sha256.is_none());
    });
}
