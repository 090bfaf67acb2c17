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

/// Stands in `unused_since` while the objects are being deleted.
const GOING: i64 = 0;

/// The parts of a stored output: bytes of each, and its type.
///
/// # Errors
/// `not_found` for one that is being deleted.
pub(crate) async fn parts(
    sql: &mut impl Sql,
    notebook: &str,
    output: &str,
) -> Result<(Vec<(u64, u64)>, String), Error> {
    let rows = sql
        .fetch_all(
            "SELECT part, bytes, media, unused_since FROM notebook_outputs WHERE notebook_id = $1 AND output_id = $2 ORDER BY part",
            params![notebook, output],
        )
        .await?;
    if rows.first().is_some_and(|row| matches!(row.opt_int("unused_since"), Ok(Some(GOING)))) {
        return Err(Error::not_found("output", output));
    }
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
    rows.iter()
        .map(|row| Ok((row.text("version_id")?, row.text("output_id")?, count(row, "total")?)))
        .collect()
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

/// An output is shown by no cell any more.
pub(crate) fn leave_output(notebook: &str, output: &str) -> Statement {
    Statement {
        sql: "UPDATE notebook_outputs SET cell_id = '' WHERE notebook_id = $1 AND output_id = $2",
        params: params![notebook, output].to_vec(),
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

/// An output's objects are about to be deleted: nobody gets it any more.
pub(crate) async fn going(tx: &mut Tx, notebook: &str, output: &str) -> Result<(), Error> {
    tx.execute(
        "UPDATE notebook_outputs SET unused_since = $3 \
         WHERE notebook_id = $1 AND output_id = $2 AND unused_since IS NOT NULL",
        params![notebook, output, GOING],
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

#[cfg(test)]
mod tests {
    use super::*;
    use castalia_db::Db;
    use castalia_testkit::both_engines;

    async fn act(db: &Db, statement: Statement) {
        let mut tx = db.begin().await.expect("begins");
        tx.execute(statement.sql, statement.params).await.expect("is carried out");
        tx.commit().await.expect("commits");
    }

    async fn one(db: &Db, notebook: &str, output: &str, cell: &str, part: u64, bytes: u64) {
        let media = "text/plain";
        act(db, super::part(&Part { notebook, project: "p", cell, output, media, part, bytes })).await;
    }

    both_engines!(what_counts_is_what_is_shown_or_kept, &[crate::MIGRATIONS], |db| async move {
        for (part, bytes) in [(0, 10), (1, 5), (1, 7)] {
            one(&db, "a", "x", "c", part, bytes).await;
        }
        // The same picture in two notebooks is two.
        one(&db, "a", "y", "d", 0, 100).await;
        one(&db, "b", "y", "c", 0, 1000).await;
        let (parts, media) = parts(&mut db.read(), "a", "x").await.expect("asked");
        assert_eq!(
            (parts, media.as_str()),
            (vec![(0, 10), (1, 7)], "text/plain"),
            "written twice, there once"
        );
        assert_eq!(held_beside(&mut db.read(), "p", "a").await.expect("asked"), 1000);

        let mut tx = db.begin().await.expect("begins");
        for _ in 0..2 {
            keep(&mut tx, "v1", "a", "x").await.expect("kept");
        }
        tx.commit().await.expect("commits");
        act(&db, leave_cell("a", "c")).await;
        act(&db, leave_cell("a", "d")).await;
        let held = held(&mut db.read(), "a").await.expect("asked");
        assert_eq!((held.cells.len(), held.versions), (0, 17), "what nothing needs does not count");
        let by = held_by_versions(&mut db.read(), "a").await.expect("asked");
        assert_eq!(by, [("v1".to_owned(), "x".to_owned(), 17)]);
        let all = notebooks(&mut db.read()).await.expect("asked");
        assert_eq!((all.len(), all[0].parts, all[0].kept, all[0].seq), (2, 3, 1, None));
        let known = outputs(&mut db.read(), "a").await.expect("asked");
        assert!(known.iter().all(|known| known.kept == (known.output == "x") && known.cell.is_empty()));
    });

    both_engines!(
        a_sweep_can_be_done_twice_and_what_goes_is_not_handed_out,
        &[crate::MIGRATIONS],
        |db| async move {
            one(&db, "a", "x", "c", 0, 10).await;
            assert_eq!(known(&mut db.read(), "a", "x").await.expect("asked"), Some(true));
            assert_eq!(known(&mut db.read(), "a", "z").await.expect("asked"), None);
            let mut tx = db.begin().await.expect("begins");
            // Nobody may take away what was found in use meanwhile.
            going(&mut tx, "a", "x").await.expect("asked");
            gone(&mut tx, "a", "x").await.expect("asked");
            tx.commit().await.expect("commits");
            assert_eq!(known(&mut db.read(), "a", "x").await.expect("asked"), Some(true));
            for _server in 0..2 {
                let mut tx = db.begin().await.expect("begins");
                seen(&mut tx, "a", "x", "", Some(Timestamp(5))).await.expect("noted");
                tx.commit().await.expect("commits");
                assert_eq!(known(&mut db.read(), "a", "x").await.expect("asked"), Some(false));
                assert!(parts(&mut db.read(), "a", "x").await.is_ok());
                let mut tx = db.begin().await.expect("begins");
                going(&mut tx, "a", "x").await.expect("noted");
                tx.commit().await.expect("commits");
                assert!(parts(&mut db.read(), "a", "x").await.is_err());
            }
            for _server in 0..2 {
                let mut tx = db.begin().await.expect("begins");
                gone(&mut tx, "a", "x").await.expect("noted");
                tx.commit().await.expect("commits");
            }
            assert_eq!(known(&mut db.read(), "a", "x").await.expect("asked"), None);
        }
    );
}
