//! The rows of saved documents.

use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};
use serde_json::Value;

/// A saved document. Layouts have an owner, figures have none (`""`).
pub(super) struct Saved {
    pub(super) id: String,
    pub(super) project: String,
    pub(super) kind: String,
    pub(super) owner: String,
    pub(super) name: String,
    /// JSON.
    pub(super) document: String,
    /// From 1.
    pub(super) revision: i64,
    pub(super) created_by: String,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

impl Saved {
    pub(super) fn value(&self) -> Result<Value, Error> {
        Ok(serde_json::from_str(&self.document)?)
    }
}

fn from_row(row: &Row) -> Result<Saved, Error> {
    Ok(Saved {
        id: row.text("id")?,
        project: row.text("project_id")?,
        kind: row.text("kind")?,
        owner: row.text("owner")?,
        name: row.text("name")?,
        document: row.text("document")?,
        revision: row.int("revision")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn one(row: Option<Row>) -> Result<Option<Saved>, Error> {
    row.as_ref().map(from_row).transpose()
}

/// A layout by its owner and name.
pub(super) async fn layout(
    sql: &mut impl Sql,
    project: &str,
    owner: &str,
    name: &str,
) -> Result<Option<Saved>, Error> {
    one(sql
        .fetch_optional(
            "SELECT * FROM saved_documents WHERE kind = 'layout' AND project_id = $1 AND owner = $2 AND name = $3",
            params![project, owner, name],
        )
        .await?)
}

/// A user's layouts by id, which is by time.
pub(super) async fn layouts(
    sql: &mut impl Sql,
    project: &str,
    owner: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<Saved>, Error> {
    sql.fetch_all(
        "SELECT * FROM saved_documents WHERE kind = 'layout' AND project_id = $1 AND owner = $2 AND id > $3 \
         ORDER BY id LIMIT $4",
        params![project, owner, after, limit],
    )
    .await?
    .iter()
    .map(from_row)
    .collect()
}

/// A figure of a project.
pub(super) async fn figure(sql: &mut impl Sql, project: &str, id: &str) -> Result<Option<Saved>, Error> {
    one(sql
        .fetch_optional(
            "SELECT * FROM saved_documents WHERE kind <> 'layout' AND project_id = $1 AND id = $2",
            params![project, id],
        )
        .await?)
}

/// Figures of a project without their documents, newest first, before the id `before`; of one kind or (`""`) of all.
pub(super) async fn figures(
    sql: &mut impl Sql,
    project: &str,
    kind: &str,
    before: &str,
    limit: usize,
) -> Result<Vec<Saved>, Error> {
    sql.fetch_all(
        "SELECT id, project_id, kind, owner, name, '' AS document, revision, created_by, created_at, updated_at \
         FROM saved_documents WHERE kind <> 'layout' AND project_id = $1 AND ($2 = '' OR kind = $2) AND id < $3 \
         ORDER BY id DESC LIMIT $4",
        params![project, kind, before, limit],
    )
    .await?
    .iter()
    .map(from_row)
    .collect()
}

/// How many layouts an owner has in a project, or how many figures a project has (owner `""`).
pub(super) async fn count(sql: &mut impl Sql, project: &str, owner: &str) -> Result<i64, Error> {
    let sql_text =
        "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM saved_documents WHERE project_id = $1 AND owner = $2";
    sql.fetch_one(sql_text, params![project, owner]).await?.int("n")
}

pub(super) async fn insert(tx: &mut Tx, saved: &Saved) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO saved_documents (id, project_id, kind, owner, name, document, revision, created_by, created_at, \
         updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            &saved.id,
            &saved.project,
            &saved.kind,
            &saved.owner,
            &saved.name,
            &saved.document,
            saved.revision,
            &saved.created_by,
            saved.created_at,
            saved.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// Stores a change of what is at the revision `based_on`; `None` when it is at another one.
pub(super) async fn change(
    tx: &mut Tx,
    id: &str,
    based_on: i64,
    name: &str,
    document: &str,
    now: Timestamp,
) -> Result<Option<Saved>, Error> {
    one(tx
        .fetch_optional(
            "UPDATE saved_documents SET name = $3, document = $4, revision = revision + 1, updated_at = $5 \
             WHERE id = $1 AND revision = $2 RETURNING *",
            params![id, based_on, name, document, now],
        )
        .await?)
}

/// Deletes what is at the revision `based_on`, or at any (0). Returns whether it was there.
pub(super) async fn delete(tx: &mut Tx, id: &str, based_on: i64) -> Result<bool, Error> {
    let sql = "DELETE FROM saved_documents WHERE id = $1 AND ($2 = 0 OR revision = $2)";
    Ok(tx.execute(sql, params![id, based_on]).await? == 1)
}
