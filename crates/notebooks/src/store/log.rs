//! The log of updates of a document: rows with a number each, and a snapshot that stands for the oldest of them.
//!
//! A row's number is taken under the lock of the notebook's row, so that whoever has read up to `n` never finds a
//! smaller one later, also with several writers.

use castalia_base::{Error, Timestamp};
use castalia_db::{Engine, Param, Sql, Tx, params};

/// What a document is made of.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    /// The snapshot and the rows behind it, oldest first.
    pub(crate) updates: Vec<Vec<u8>>,
    /// Number of the newest row.
    pub(crate) seq: i64,
    /// Rows behind the snapshot, and their bytes.
    pub(crate) rows: usize,
    /// Bytes of these rows.
    pub(crate) row_bytes: usize,
    /// Bytes of the snapshot.
    pub(crate) snapshot_bytes: usize,
}

/// A statement that is carried out together with an update.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Portable SQL.
    pub sql: &'static str,
    /// Its parameters.
    pub params: Vec<Param>,
}

/// All of a document.
pub(crate) async fn load(sql: &mut impl Sql, id: &str) -> Result<Stored, Error> {
    let mut stored = Stored::default();
    // A compaction between the two statements takes rows away that the snapshot read here has not; so the rows are
    // read first, and the snapshot then has at least what they had before them.
    let rows = sql
        .fetch_all("SELECT seq, data FROM notebook_updates WHERE notebook_id = $1 ORDER BY seq", params![id])
        .await?;
    let snapshot = sql
        .fetch_optional("SELECT seq, data FROM notebook_snapshots WHERE notebook_id = $1", params![id])
        .await?;
    if let Some(row) = snapshot {
        stored.seq = row.int("seq")?;
        let data = row.bytes("data")?;
        stored.snapshot_bytes = data.len();
        stored.updates.push(data);
    }
    for row in rows {
        let (seq, data) = (row.int("seq")?, row.bytes("data")?);
        stored.seq = stored.seq.max(seq);
        stored.rows += 1;
        stored.row_bytes += data.len();
        stored.updates.push(data);
    }
    Ok(stored)
}

/// Rows behind `after`; `None` when some of them are in the snapshot already.
pub(crate) async fn after(
    sql: &mut impl Sql,
    id: &str,
    after: i64,
) -> Result<Option<Vec<(i64, Vec<u8>)>>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT seq, data FROM notebook_updates WHERE notebook_id = $1 AND seq > $2 ORDER BY seq LIMIT 1000",
            params![id, after],
        )
        .await?;
    let rows: Vec<(i64, Vec<u8>)> =
        rows.iter().map(|row| Ok((row.int("seq")?, row.bytes("data")?))).collect::<Result<_, Error>>()?;
    if rows.first().is_some_and(|(seq, _)| *seq == after + 1) {
        return Ok(Some(rows));
    }
    let newest = sql.fetch_optional("SELECT log_seq FROM notebooks WHERE id = $1", params![id]).await?;
    match newest {
        Some(row) if row.int("log_seq")? > after && rows.is_empty() => Ok(None),
        Some(_) if !rows.is_empty() => Ok(None),
        _ => Ok(Some(rows)),
    }
}

/// Appends updates, a row each, and carries out what belongs to them; the newest row's number, or `None` when the
/// notebook is gone.
pub(crate) async fn append(
    tx: &mut Tx,
    id: &str,
    updates: &[Vec<u8>],
    cells: i64,
    with: &[Statement],
    now: Timestamp,
) -> Result<Option<i64>, Error> {
    let bytes: usize = updates.iter().map(Vec::len).sum();
    let row = tx
        .fetch_optional(
            "UPDATE notebooks SET log_seq = log_seq + $2, log_bytes = log_bytes + $3, cells = $4, updated_at = $5 \
             WHERE id = $1 RETURNING log_seq",
            params![id, updates.len(), bytes, cells, now],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let newest = row.int("log_seq")?;
    let first = newest - updates.len() as i64 + 1;
    for (seq, update) in (first..).zip(updates) {
        tx.execute(
            "INSERT INTO notebook_updates (notebook_id, seq, data, at) VALUES ($1, $2, $3, $4)",
            params![id, seq, update.clone(), now],
        )
        .await?;
    }
    for statement in with {
        tx.execute(statement.sql, statement.params.clone()).await?;
    }
    if tx.engine() == Engine::Postgres {
        let notice = format!("{id} {newest}");
        tx.execute("SELECT pg_notify('castalia_notebooks', $1)", params![notice]).await?;
    }
    Ok(Some(newest))
}

/// Puts a snapshot in the place of all rows up to `seq`.
pub(crate) async fn compact(
    tx: &mut Tx,
    id: &str,
    seq: i64,
    snapshot: Vec<u8>,
    now: Timestamp,
) -> Result<bool, Error> {
    let bytes = snapshot.len();
    let there = tx.execute("UPDATE notebooks SET log_bytes = $2 WHERE id = $1", params![id, bytes]).await?;
    if there == 0 {
        return Ok(false);
    }
    // Another replica may have been here with more.
    tx.execute(
        "INSERT INTO notebook_snapshots (notebook_id, seq, data, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (notebook_id) DO UPDATE SET seq = excluded.seq, data = excluded.data, at = excluded.at \
         WHERE notebook_snapshots.seq <= excluded.seq",
        params![id, seq, snapshot, now],
    )
    .await?;
    tx.execute("DELETE FROM notebook_updates WHERE notebook_id = $1 AND seq <= $2", params![id, seq]).await?;
    Ok(true)
}
