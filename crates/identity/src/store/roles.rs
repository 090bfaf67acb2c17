//! Custom roles.

use super::{to_json, words};
use crate::model::Role;
use castalia_base::Error;
use castalia_db::{Row, Sql, Tx, params};

fn from_row(row: &Row) -> Result<Role, Error> {
    Ok(Role {
        name: row.text("name")?,
        description: row.text("description")?,
        permissions: words(&row.text("permissions")?)?,
        everywhere: words(&row.text("everywhere")?)?,
        builtin: false,
    })
}

pub(crate) async fn list(sql: &mut impl Sql) -> Result<Vec<Role>, Error> {
    sql.fetch_all("SELECT * FROM roles ORDER BY name", params![]).await?.iter().map(from_row).collect()
}

/// Makes or replaces.
pub(crate) async fn put(tx: &mut Tx, role: &Role) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO roles (name, description, permissions, everywhere) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (name) DO UPDATE SET description = excluded.description, \
         permissions = excluded.permissions, everywhere = excluded.everywhere",
        params![&role.name, &role.description, to_json(&role.permissions), to_json(&role.everywhere)],
    )
    .await?;
    Ok(())
}

pub(crate) async fn delete(tx: &mut Tx, name: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM roles WHERE name = $1", params![name]).await?;
    Ok(())
}

/// Whether a user or a member has the role.
pub(crate) async fn in_use(sql: &mut impl Sql, name: &str) -> Result<bool, Error> {
    // A role's name has no character that JSON escapes; `_` matches any one, which can only refuse too much.
    let row = sql
        .fetch_optional(
            "SELECT 1 AS one FROM memberships WHERE role = $1 UNION ALL \
             SELECT 1 AS one FROM users WHERE roles LIKE $2 LIMIT 1",
            params![name, format!("%\"{name}\"%")],
        )
        .await?;
    Ok(row.is_some())
}
