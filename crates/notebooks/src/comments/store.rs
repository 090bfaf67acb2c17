//! Rows of comments.

use super::Comment;
use crate::model::Person;
use castalia_base::Error;
use castalia_db::{Row, Sql, Tx, params};

fn from_row(row: &Row) -> Result<Comment, Error> {
    let mentions: Vec<(String, String)> = serde_json::from_str(&row.text("mentions")?)?;
    let resolved_by = match (row.opt_text("resolved_by")?, row.opt_text("resolved_by_name")?) {
        (Some(id), Some(name)) => Some(Person { id, name }),
        _ => None,
    };
    Ok(Comment {
        id: row.text("id")?,
        thread: row.text("thread_id")?,
        cell: row.opt_text("cell_id")?,
        body: row.text("body")?,
        mentions: mentions.into_iter().map(|(id, name)| Person { id, name }).collect(),
        author: Person { id: row.text("author_id")?, name: row.text("author_name")? },
        created_at: row.time("created_at")?,
        edited_at: row.opt_time("edited_at")?,
        resolved_at: row.opt_time("resolved_at")?,
        resolved_by,
    })
}

fn mentions(comment: &Comment) -> Result<String, Error> {
    let pairs: Vec<(&str, &str)> =
        comment.mentions.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
    Ok(serde_json::to_string(&pairs)?)
}

pub(super) async fn list(sql: &mut impl Sql, notebook: &str) -> Result<Vec<Comment>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT * FROM notebook_comments WHERE notebook_id = $1 ORDER BY thread_id, id",
            params![notebook],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

pub(super) async fn find(sql: &mut impl Sql, notebook: &str, id: &str) -> Result<Option<Comment>, Error> {
    let row = sql
        .fetch_optional(
            "SELECT * FROM notebook_comments WHERE notebook_id = $1 AND id = $2",
            params![notebook, id],
        )
        .await?;
    row.as_ref().map(from_row).transpose()
}

pub(super) async fn insert(tx: &mut Tx, notebook: &str, comment: &Comment) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notebook_comments (id, notebook_id, thread_id, cell_id, body, mentions, author_id, author_name, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &comment.id,
            notebook,
            &comment.thread,
            comment.cell.as_deref(),
            &comment.body,
            mentions(comment)?,
            &comment.author.id,
            &comment.author.name,
            comment.created_at
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn update(tx: &mut Tx, comment: &Comment) -> Result<(), Error> {
    tx.execute(
        "UPDATE notebook_comments SET body = $2, mentions = $3, edited_at = $4, resolved_at = $5, resolved_by = $6, \
         resolved_by_name = $7 WHERE id = $1",
        params![
            &comment.id,
            &comment.body,
            mentions(comment)?,
            comment.edited_at,
            comment.resolved_at,
            comment.resolved_by.as_ref().map(|p| p.id.as_str()),
            comment.resolved_by.as_ref().map(|p| p.name.as_str())
        ],
    )
    .await?;
    Ok(())
}

/// Removes a comment, and with a thread's first one all of the thread.
pub(super) async fn delete(tx: &mut Tx, notebook: &str, id: &str) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM notebook_comments WHERE notebook_id = $1 AND (id = $2 OR thread_id = $2)",
        params![notebook, id],
    )
    .await?;
    Ok(())
}
