//! What contents say of their own structure. Contents never change, so what was found stays true; a new way of
//! finding it has a new revision.

use crate::preview::Structure;
use castalia_base::Error;
use castalia_db::{Sql, Tx, params};

/// Grows when the way of finding the structure changes.
const REVISION: i64 = 1;

pub(crate) async fn find(
    sql: &mut impl Sql,
    sha256: &str,
    media_type: &str,
) -> Result<Option<Structure>, Error> {
    let row = sql
        .fetch_optional(
            "SELECT structure FROM structures WHERE sha256 = $1 AND media_type = $2 AND revision = $3",
            params![sha256, media_type, REVISION],
        )
        .await?;
    let text = row.map(|row| row.text("structure")).transpose()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

pub(crate) async fn put(
    tx: &mut Tx,
    sha256: &str,
    media_type: &str,
    structure: &Structure,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO structures (sha256, media_type, revision, structure) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (sha256, media_type) DO UPDATE SET revision = excluded.revision, structure = excluded.structure",
        params![sha256, media_type, REVISION, serde_json::to_string(structure)?],
    )
    .await?;
    Ok(())
}

/// Forgets what is said of contents that are nowhere any more.
pub(crate) async fn sweep(sql: &mut impl Sql) -> Result<u64, Error> {
    let text = "DELETE FROM structures WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.sha256 = structures.sha256)";
    sql.execute(text, params![]).await
}
