//! Users.

use super::{to_json, words};
use crate::model::User;
use castalia_base::id::UserId;
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};

/// What only this crate sees of a user.
pub(crate) struct Known {
    pub(crate) user: User,
    pub(crate) password_hash: Option<String>,
    pub(crate) epoch: i64,
}

fn from_row(row: &Row) -> Result<Known, Error> {
    let user = User {
        id: row.parse("id")?,
        name: row.text("name")?,
        display_name: row.text("display_name")?,
        email: row.opt_text("email")?,
        roles: words(&row.text("roles")?)?,
        disabled: row.flag("disabled")?,
        created_at: row.time("created_at")?,
        signed_in_at: row.opt_time("signed_in_at")?,
    };
    Ok(Known { user, password_hash: row.opt_text("password_hash")?, epoch: row.int("epoch")? })
}

/// By id or by name: a name never has the form of an id.
pub(crate) async fn find(sql: &mut impl Sql, id_or_name: &str) -> Result<Option<Known>, Error> {
    let row =
        sql.fetch_optional("SELECT * FROM users WHERE id = $1 OR name = $1", params![id_or_name]).await?;
    row.as_ref().map(from_row).transpose()
}

pub(crate) async fn insert(tx: &mut Tx, user: &User, hash: Option<String>) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO users (id, name, display_name, email, password_hash, roles, disabled, epoch, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)",
        params![
            user.id.as_str(),
            &user.name,
            &user.display_name,
            user.email.clone(),
            hash,
            to_json(&user.roles),
            user.disabled,
            user.created_at
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn update(tx: &mut Tx, user: &User) -> Result<(), Error> {
    tx.execute(
        "UPDATE users SET display_name = $2, email = $3, roles = $4, disabled = $5 WHERE id = $1",
        params![
            user.id.as_str(),
            &user.display_name,
            user.email.clone(),
            to_json(&user.roles),
            user.disabled
        ],
    )
    .await?;
    Ok(())
}

/// Stores a new password; JWTs made under the old one are dead.
pub(crate) async fn set_password(tx: &mut Tx, user: &UserId, hash: String) -> Result<(), Error> {
    tx.execute(
        "UPDATE users SET password_hash = $2, epoch = epoch + 1 WHERE id = $1",
        params![user.as_str(), hash],
    )
    .await?;
    Ok(())
}

pub(crate) async fn set_signed_in(tx: &mut Tx, user: &UserId, at: Timestamp) -> Result<(), Error> {
    tx.execute("UPDATE users SET signed_in_at = $2 WHERE id = $1", params![user.as_str(), at]).await?;
    Ok(())
}

/// Deletes the user with everything that lets in.
pub(crate) async fn delete(tx: &mut Tx, user: &UserId) -> Result<(), Error> {
    for statement in [
        "DELETE FROM sessions WHERE user_id = $1",
        "DELETE FROM api_tokens WHERE user_id = $1",
        "DELETE FROM memberships WHERE user_id = $1",
        "DELETE FROM users WHERE id = $1",
    ] {
        tx.execute(statement, params![user.as_str()]).await?;
    }
    Ok(())
}

/// Users by name, after the name `after`.
pub(crate) async fn list(sql: &mut impl Sql, after: &str, limit: usize) -> Result<Vec<User>, Error> {
    let rows = sql
        .fetch_all("SELECT * FROM users WHERE name > $1 ORDER BY name LIMIT $2", params![after, limit])
        .await?;
    rows.iter().map(|row| from_row(row).map(|known| known.user)).collect()
}

pub(crate) async fn any(sql: &mut impl Sql) -> Result<bool, Error> {
    Ok(sql.fetch_optional("SELECT 1 AS one FROM users LIMIT 1", params![]).await?.is_some())
}

/// How many administrators may sign in.
pub(crate) async fn admins(sql: &mut impl Sql) -> Result<i64, Error> {
    let row = sql
        .fetch_one(
            r#"SELECT COUNT(*) AS n FROM users WHERE disabled = 0 AND roles LIKE '%"admin"%'"#,
            params![],
        )
        .await?;
    row.int("n")
}

/// Lets one change at a time look at all users.
pub(crate) async fn lock(tx: &mut Tx) -> Result<(), Error> {
    tx.execute("UPDATE identity_lock SET revision = revision + 1 WHERE id = 1", params![]).await?;
    Ok(())
}
