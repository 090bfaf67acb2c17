//! Rows of stored outputs, and of what versions keep of them.
//!
//! `cell_id` is the cell that shows an output now, or nothing when only versions do. `unused_since` is set by the sweep.

use crate::store::log::Statement;
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};

fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn count(row: &Row, column: &str) -> Result<u64, Error> {
    Ok(u64::try_from(row.int(column)?).unwrap_or_default())
}

/// The parts of a stored output: bytes of each, and its type.
pub(crate) async fn parts(
    sql: &mut impl Sql,
    notebook: &str,
    output: &str,
) -> Result<(Vec<(u64, u64)>, String), Error> {
    let rows = sql
        .fetch_all(
            "SELECT part, bytes, media FROM notebook_outputs WHERE notebook_id = $1 AND output_id = $2 ORDER BY part",
            params![notebook, output],
        )
        .await?;
    let media = rows.first().map(|row| row.text("media")).transpose()?.unwrap_or_default();
    let part = |row: &Row| Ok((count(row, "part")?, count(row, "bytes")?));
    Ok((rows.iter().map(part).collect::<Result<_, Error>>()?, media))
}

/// What is stored of one notebook, in bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    /// By the cells that show it.
    pub(crate) cells: Vec<(String, u64)>,
    /// What only versions keep.
    pub(crate) versions: u64,
}

/// Whether a row counts: something shows it, or a version keeps it.
macro_rules! counts {
    () => {
        "(o.cell_id <> '' OR EXISTS (SELECT 1 FROM notebook_version_outputs v \
         WHERE v.notebook_id = o.notebook_id AND v.output_id = o.output_id))"
    };
}

/// Bytes that are stored of a notebook.
pub(crate) async fn held(sql: &mut impl Sql, notebook: &str) -> Result<Held, Error> {
    let rows = sql
        .fetch_all(
            concat!(
                "SELECT o.cell_id, CAST(SUM(o.bytes) AS BIGINT) AS total FROM notebook_outputs o \
                 WHERE o.notebook_id = $1 AND ",
                counts!(),
                " GROUP BY o.cell_id ORDER BY o.cell_id"
            ),
            params![notebook],
        )
        .await?;
    let mut held = Held::default();
    for row in rows {
        match row.text("cell_id")? {
            cell if cell.is_empty() => held.versions = count(&row, "total")?,
            cell => held.cells.push((cell, count(&row, "total")?)),
        }
    }
    Ok(held)
}

/// Bytes that are stored of the other notebooks of a project.
pub(crate) async fn held_beside(sql: &mut impl Sql, project: &str, notebook: &str) -> Result<u64, Error> {
    let row = sql
        .fetch_optional(
            concat!(
                "SELECT CAST(COALESCE(SUM(o.bytes), 0) AS BIGINT) AS total FROM notebook_outputs o \
                 WHERE o.project_id = $1 AND o.notebook_id <> $2 AND ",
                counts!()
            ),
            params![project, notebook],
        )
        .await?;
    row.map_or(Ok(0), |row| count(&row, "total"))
}

/// What of a notebook's outputs only versions without a name keep, and which: version, output, bytes.
pub(crate) async fn held_by_versions(
    sql: &mut impl Sql,
    notebook: &str,
) -> Result<Vec<(String, String, u64)>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT v.version_id, v.output_id, CAST(SUM(o.bytes) AS BIGINT) AS total FROM notebook_version_outputs v \
             JOIN notebook_outputs o ON o.notebook_id = v.notebook_id AND o.output_id = v.output_id \
             WHERE v.notebook_id = $1 AND o.cell_id = '' GROUP BY v.version_id, v.output_id",
            params![notebook],
        )
        .await?;
    rows.iter().map(|row| Ok((row.text("version_id")?, row.text("output_id")?, count(row, "total")?))).collect()
}

/// Where a part of an output lies, and what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) notebook: &'a str,
    pub(crate) project: &'a str,
    pub(crate) cell: &'a str,
    pub(crate) output: &'a str,
    pub(crate) media: &'a str,
    pub(crate) part: u64,
    pub(crate) bytes: u64,
}

/// A part of a stored output is where it belongs.
pub(crate) fn part(p: &Part<'_>) -> Statement {
    Statement {
        sql: "INSERT INTO notebook_outputs (notebook_id, output_id, part, project_id, cell_id, media, bytes) \
              VALUES ($1, $2, $3, $4, $5, $6, $7) \
              ON CONFLICT (notebook_id, output_id, part) DO UPDATE SET bytes = excluded.bytes",
        params: params![p.notebook, p.output, int(p.part), p.project, p.cell, p.media, int(p.bytes)].to_vec(),
    }
}

/// A cell shows nothing any more. Whether somebody else needs it is for the sweep to see.
pub(crate) fn leave_cell(notebook: &str, cell: &str) -> Statement {
    Statement {
        sql: "UPDATE notebook_outputs SET cell_id = '' WHERE notebook_id = $1 AND cell_id = $2",
        params: params![notebook, cell].to_vec(),
    }
}

/// Whether an output is known, and if so whether something referred to it when the sweep looked last.
pub(crate) async fn known(sql: &mut impl Sql, notebook: &str, output: &str) -> Result<Option<bool>, Error> {
    let row = sql
        .fetch_optional(
            "SELECT COUNT(*) AS parts, COUNT(unused_since) AS unused FROM notebook_outputs \
             WHERE notebook_id = $1 AND output_id = $2",
            params![notebook, output],
        )
        .await?;
    let Some(row) = row.filter(|row| row.int("parts").is_ok_and(|parts| parts > 0)) else { return Ok(None) };
    Ok(Some(row.int("unused")? == 0))
}

/// A version keeps an output.
pub(crate) async fn keep(tx: &mut Tx, version: &str, notebook: &str, output: &str) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notebook_version_outputs (version_id, notebook_id, output_id) VALUES ($1, $2, $3) \
         ON CONFLICT (version_id, output_id) DO NOTHING",
        params![version, notebook, output],
    )
    .await?;
    Ok(())
}

/// A version keeps nothing any more.
pub(crate) async fn release(tx: &mut Tx, version: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM notebook_version_outputs WHERE version_id = $1", params![version]).await?;
    Ok(())
}

/// The notebook is deleted; its rows say what is to be swept.
pub(crate) async fn orphan(tx: &mut Tx, notebook: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM notebook_version_outputs WHERE notebook_id = $1", params![notebook]).await?;
    tx.execute("UPDATE notebook_outputs SET cell_id = '' WHERE notebook_id = $1", params![notebook]).await?;
    Ok(())
}

/// Everything that was stored of a notebook is gone.
pub(crate) async fn forget_notebook(tx: &mut Tx, notebook: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM notebook_outputs WHERE notebook_id = $1", params![notebook]).await?;
    Ok(())
}

/// A notebook with stored outputs, as the sweep sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) notebook: String,
    pub(crate) project: String,
    /// Number of its newest change; `None` when the notebook is gone.
    pub(crate) seq: Option<i64>,
    pub(crate) parts: i64,
    pub(crate) unused: i64,
    /// How many outputs versions keep.
    pub(crate) kept: i64,
}

/// Every notebook that has stored outputs.
pub(crate) async fn notebooks(sql: &mut impl Sql) -> Result<Vec<Summary>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT o.notebook_id, MAX(o.project_id) AS project, COUNT(*) AS parts, COUNT(o.unused_since) AS unused, \
             (SELECT n.log_seq FROM notebooks n WHERE n.id = o.notebook_id) AS seq, \
             (SELECT COUNT(*) FROM notebook_version_outputs v WHERE v.notebook_id = o.notebook_id) AS kept \
             FROM notebook_outputs o GROUP BY o.notebook_id ORDER BY o.notebook_id",
            params![],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Summary {
                notebook: row.text("notebook_id")?,
                project: row.text("project")?,
                seq: row.opt_int("seq")?,
                parts: row.int("parts")?,
                unused: row.int("unused")?,
                kept: row.int("kept")?,
            })
        })
        .collect()
}

/// A stored output, as the sweep sees it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) output: String,
    pub(crate) cell: String,
    pub(crate) unused_since: Option<Timestamp>,
    /// A version keeps it.
    pub(crate) kept: bool,
}

/// The stored outputs of a notebook.
pub(crate) async fn outputs(sql: &mut impl Sql, notebook: &str) -> Result<Vec<Known>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT o.output_id, MAX(o.cell_id) AS cell, MAX(o.unused_since) AS unused_since, \
             (SELECT COUNT(*) FROM notebook_version_outputs v \
              WHERE v.notebook_id = $1 AND v.output_id = o.output_id) AS kept \
             FROM notebook_outputs o WHERE o.notebook_id = $1 GROUP BY o.output_id",
            params![notebook],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Known {
                output: row.text("output_id")?,
                cell: row.text("cell")?,
                unused_since: row.opt_time("unused_since")?,
                kept: row.int("kept")? > 0,
            })
        })
        .collect()
}

/// The sweep saw an output in this cell (or none), and in use or not.
pub(crate) async fn seen(
    tx: &mut Tx,
    notebook: &str,
    output: &str,
    cell: &str,
    unused_since: Option<Timestamp>,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE notebook_outputs SET cell_id = $3, unused_since = $4 WHERE notebook_id = $1 AND output_id = $2",
        params![notebook, output, cell, unused_since],
    )
    .await?;
    Ok(())
}

/// An output's objects are deleted.
pub(crate) async fn gone(tx: &mut Tx, notebook: &str, output: &str) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM notebook_outputs WHERE notebook_id = $1 AND output_id = $2 AND unused_since IS NOT NULL",
        params![notebook, output],
    )
    .await?;
    Ok(())
}
