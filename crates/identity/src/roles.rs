//! Roles: listing them, and making your own.

use crate::audit;
use crate::grants::{all_roles, find};
use crate::model::Role;
use crate::{Service, store};
use castalia_base::{Ctx, Error, permission};
use castalia_db::{Sql, Tx};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// A role about to be made.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// 2 to 32 of `a-z 0-9 _ -`, beginning with a letter.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What a member with this role may do in the project.
    #[serde(default)]
    pub permissions: Vec<String>,
    /// What a user with this role may do in the whole installation.
    #[serde(default)]
    pub everywhere: Vec<String>,
}

/// What changes about a role; absent parts stay.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolePatch {
    /// What it is for.
    pub description: Option<String>,
    /// What a member with this role may do in the project.
    pub permissions: Option<Vec<String>>,
    /// What a user with this role may do in the whole installation.
    pub everywhere: Option<Vec<String>>,
}

/// Demands that every pattern is one.
pub(crate) fn check_patterns(field: &str, patterns: &[String]) -> Result<(), Error> {
    match patterns.iter().position(|p| !permission::is_pattern(p)) {
        None => Ok(()),
        Some(at) => Err(Error::field(
            "invalid_permission",
            format!("/{field}/{at}"),
            format!("`{}` is not a permission; write `noun.verb`, `noun.*` or `*`", patterns[at]),
        )),
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    let good = (2..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
    // These two are rows of the rate limits, not roles.
    if good && name != "anonymous" && name != "user" {
        return Ok(());
    }
    Err(Error::field(
        "invalid_name",
        "/name",
        "a role's name has 2 to 32 of a-z, 0-9, _ and -, begins with a letter and is not `user` or `anonymous`",
    ))
}

impl Service {
    /// All roles.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn roles(&self) -> Result<Vec<Role>, Error> {
        all_roles(&mut self.db.read()).await
    }

    /// One role.
    ///
    /// # Errors
    /// `not_found` when there is none of this name.
    pub async fn role(&self, name: &str) -> Result<Role, Error> {
        find(&self.roles().await?, name).cloned().ok_or_else(|| Error::not_found("role", name))
    }

    /// Makes a role.
    ///
    /// # Errors
    /// `role_exists`, `invalid_name`, `invalid_permission`; `forbidden` without `roles.manage`.
    pub async fn create_role(&self, ctx: &Ctx, new: NewRole) -> Result<Role, Error> {
        ctx.require_globally("roles.manage")?;
        check_name(&new.name)?;
        let mut tx = self.db.begin().await?;
        store::users::lock(&mut tx).await?;
        if find(&all_roles(&mut tx).await?, &new.name).is_some() {
            return Err(Error::conflict("role_exists", format!("there is a role `{}` already", new.name)));
        }
        let role = Role {
            name: new.name,
            description: new.description,
            permissions: new.permissions,
            everywhere: new.everywhere,
            builtin: false,
        };
        self.put_role(tx, ctx, role).await
    }

    /// Changes a role; it holds at once for everybody who has it.
    ///
    /// # Errors
    /// `role_is_builtin`, `invalid_permission`, `not_found`; `forbidden` without `roles.manage`.
    pub async fn update_role(&self, ctx: &Ctx, name: &str, patch: RolePatch) -> Result<Role, Error> {
        ctx.require_globally("roles.manage")?;
        let mut tx = self.db.begin().await?;
        let mut role = custom(&mut tx, name).await?;
        role.description = patch.description.unwrap_or(role.description);
        role.permissions = patch.permissions.unwrap_or(role.permissions);
        role.everywhere = patch.everywhere.unwrap_or(role.everywhere);
        self.put_role(tx, ctx, role).await
    }

    async fn put_role(&self, mut tx: Tx, ctx: &Ctx, role: Role) -> Result<Role, Error> {
        check_patterns("permissions", &role.permissions)?;
        check_patterns("everywhere", &role.everywhere)?;
        store::roles::put(&mut tx, &role).await?;
        let event = audit::installation("identity.role_changed", json!({ "role": role }));
        audit::commit(tx, ctx, event).await?;
        self.forget();
        Ok(role)
    }

    /// Deletes a role that nobody has.
    ///
    /// # Errors
    /// `role_in_use`, `role_is_builtin`, `not_found`; `forbidden` without `roles.manage`.
    pub async fn delete_role(&self, ctx: &Ctx, name: &str) -> Result<(), Error> {
        ctx.require_globally("roles.manage")?;
        let mut tx = self.db.begin().await?;
        let role = custom(&mut tx, name).await?;
        if store::roles::in_use(&mut tx, &role.name).await? {
            return Err(Error::conflict("role_in_use", format!("somebody still has the role `{name}`")));
        }
        store::roles::delete(&mut tx, name).await?;
        audit::commit(tx, ctx, audit::installation("identity.role_deleted", json!({ "role": name }))).await?;
        self.forget();
        Ok(())
    }

    /// Demands, in a transaction, that all of these roles exist.
    ///
    /// # Errors
    /// `unknown_role` that names the first which does not.
    pub async fn check_roles(&self, sql: &mut impl Sql, field: &str, names: &[String]) -> Result<(), Error> {
        let roles = all_roles(sql).await?;
        match names.iter().find(|name| find(&roles, name).is_none()) {
            None => Ok(()),
            Some(name) => Err(Error::field("unknown_role", field, format!("there is no role `{name}`"))),
        }
    }
}

async fn custom(tx: &mut Tx, name: &str) -> Result<Role, Error> {
    store::users::lock(tx).await?;
    let role = find(&all_roles(tx).await?, name).cloned().ok_or_else(|| Error::not_found("role", name))?;
    if role.builtin {
        return Err(Error::conflict(
            "role_is_builtin",
            format!("`{name}` came with the program; make a role of your own"),
        ));
    }
    Ok(role)
}
