//! Who belongs to which project with which role. The rows live here because they decide what a caller may
//! do; `castalia-projects` is who changes them, in transactions of its own.
//!
//! After the commit of a change call [`crate::Service::forget`], so that it holds at once.

use castalia_base::id::{ProjectId, UserId};
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};
use schemars::JsonSchema;
use serde::Serialize;

/// One member of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Member {
    /// The user.
    pub user: UserId,
    /// The user's name.
    pub name: String,
    /// The name that people read.
    pub display_name: String,
    /// The role in the project.
    pub role: String,
    /// When the user became a member.
    pub since: Timestamp,
}

fn from_row(row: &Row) -> Result<Member, Error> {
    Ok(Member {
        user: row.parse("user_id")?,
        name: row.text("name")?,
        display_name: row.text("display_name")?,
        role: row.text("role")?,
        since: row.time("since")?,
    })
}

/// Members of a project by name, after the name `after`.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    sql: &mut impl Sql,
    project: &ProjectId,
    after: &str,
    limit: usize,
) -> Result<Vec<Member>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT m.*, u.name, u.display_name FROM memberships m JOIN users u ON u.id = m.user_id \
             WHERE m.project_id = $1 AND u.name > $2 ORDER BY u.name LIMIT $3",
            params![project.as_str(), after, limit],
        )
        .await?;
    rows.iter().map(from_row).collect()
}

/// One member by user id or name.
///
/// # Errors
/// Whatever the database says.
pub async fn find(sql: &mut impl Sql, project: &ProjectId, user: &str) -> Result<Option<Member>, Error> {
    let row = sql
        .fetch_optional(
            "SELECT m.*, u.name, u.display_name FROM memberships m JOIN users u ON u.id = m.user_id \
             WHERE m.project_id = $1 AND (u.id = $2 OR u.name = $2)",
            params![project.as_str(), user],
        )
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// Makes the user a member, or gives a member another role.
///
/// # Errors
/// Whatever the database says.
pub async fn put(
    tx: &mut Tx,
    project: &ProjectId,
    user: &UserId,
    role: &str,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO memberships (project_id, user_id, role, since) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role",
        params![project.as_str(), user.as_str(), role, now],
    )
    .await?;
    Ok(())
}

/// Ends the membership. Returns whether there was one.
///
/// # Errors
/// Whatever the database says.
pub async fn remove(tx: &mut Tx, project: &ProjectId, user: &UserId) -> Result<bool, Error> {
    let params = params![project.as_str(), user.as_str()];
    Ok(tx.execute("DELETE FROM memberships WHERE project_id = $1 AND user_id = $2", params).await? > 0)
}

/// How many members of the project have the role.
///
/// # Errors
/// Whatever the database says.
pub async fn count(sql: &mut impl Sql, project: &ProjectId, role: &str) -> Result<i64, Error> {
    let row = sql
        .fetch_one(
            "SELECT COUNT(*) AS n FROM memberships WHERE project_id = $1 AND role = $2",
            params![project.as_str(), role],
        )
        .await?;
    row.int("n")
}

/// The projects of a user with the role in each.
pub(crate) async fn of_user(sql: &mut impl Sql, user: &UserId) -> Result<Vec<(String, String)>, Error> {
    let rows = sql
        .fetch_all("SELECT project_id, role FROM memberships WHERE user_id = $1", params![user.as_str()])
        .await?;
    rows.iter().map(|row| Ok((row.text("project_id")?, row.text("role")?))).collect()
}
