//! Users and what administrators do with them. There is always one administrator who may sign in.

use crate::audit;
use crate::model::{NewUser, User, UserPatch};
use crate::password::check_policy;
use crate::store::{self, users::Known};
use crate::{Secret, Service};
use castalia_base::id::UserId;
use castalia_base::{Ctx, Error};
use castalia_db::{Sql, Tx, is_unique_violation};
use castalia_http::{Page, PageQuery};
use serde_json::json;

fn check_name(name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = (1..=64).contains(&name.len())
        && name.starts_with(plain)
        && name.chars().all(|c| plain(c) || matches!(c, '.' | '_' | '-'));
    if !good {
        return Err(Error::field(
            "invalid_name",
            "/name",
            "a user's name has 1 to 64 of a-z, 0-9, ., _ and -, and begins with a letter or digit",
        ));
    }
    // An id must never be taken for a name, and these two are the platform's own.
    if name == "system" || name == "anonymous" || name.parse::<UserId>().is_ok() {
        return Err(Error::field("reserved_name", "/name", format!("`{name}` is reserved")));
    }
    Ok(())
}

pub(crate) fn check_text(field: &str, text: &str) -> Result<(), Error> {
    if text.chars().count() <= 200 && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::field("invalid_text", field, "has at most 200 characters and no control characters"))
}

fn last_admin() -> Error {
    Error::conflict("last_admin", "this is the last administrator who may sign in; make another one first")
}

fn is_admin(user: &User) -> bool {
    !user.disabled && user.roles.iter().any(|role| role == "admin")
}

pub(crate) async fn find(sql: &mut impl Sql, id_or_name: &str) -> Result<Known, Error> {
    store::users::find(sql, id_or_name).await?.ok_or_else(|| Error::not_found("user", id_or_name))
}

impl Service {
    /// A user by id or name; no check of permission.
    ///
    /// # Errors
    /// `not_found` when there is none.
    pub async fn find_user(&self, sql: &mut impl Sql, id_or_name: &str) -> Result<User, Error> {
        Ok(find(sql, id_or_name).await?.user)
    }

    /// A user by id or name.
    ///
    /// # Errors
    /// `not_found`; `forbidden` without `users.view`.
    pub async fn user(&self, ctx: &Ctx, id_or_name: &str) -> Result<User, Error> {
        ctx.require_globally("users.view")?;
        self.find_user(&mut self.db.read(), id_or_name).await
    }

    /// Users by name.
    ///
    /// # Errors
    /// `forbidden` without `users.view`.
    pub async fn users(&self, ctx: &Ctx, page: &PageQuery) -> Result<Page<User>, Error> {
        ctx.require_globally("users.view")?;
        let after = page.after.as_deref().unwrap_or_default();
        let users = store::users::list(&mut self.db.read(), after, page.limit() + 1).await?;
        Ok(Page::of(users, page.limit(), |user| user.name.clone()))
    }

    /// Makes a user.
    ///
    /// # Errors
    /// `user_exists`, `invalid_name`, `weak_password`, `unknown_role`; `forbidden` without `users.manage`.
    pub async fn create_user(&self, ctx: &Ctx, new: NewUser) -> Result<User, Error> {
        ctx.require_globally("users.manage")?;
        if let Some(password) = &new.password {
            check_policy(password)?;
        }
        self.insert_user(ctx, new).await
    }

    /// Makes a user without asking for a good password, or gives the one of this name that password and
    /// those roles. For the demo and for tests.
    ///
    /// # Errors
    /// As [`Service::create_user`].
    pub async fn ensure_user(&self, name: &str, password: &str, roles: &[&str]) -> Result<User, Error> {
        let ctx = self.system();
        let roles: Vec<String> = roles.iter().map(|r| (*r).to_owned()).collect();
        let known = store::users::find(&mut self.db.read(), name).await?;
        let Some(known) = known else {
            let password = Some(Secret::from(password));
            return self
                .insert_user(
                    &ctx,
                    NewUser { name: name.into(), password, roles: Some(roles), ..NewUser::default() },
                )
                .await;
        };
        let right = self.passwords.turn().await?.verify(&password.into(), known.password_hash).await?;
        if right && known.user.roles == roles && !known.user.disabled {
            return Ok(known.user);
        }
        let patch = UserPatch {
            roles: Some(roles),
            disabled: Some(false),
            password: Some(password.into()),
            ..UserPatch::default()
        };
        self.change_user(&ctx, name, patch).await
    }

    async fn insert_user(&self, ctx: &Ctx, new: NewUser) -> Result<User, Error> {
        let hash = match &new.password {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let mut tx = self.db.begin().await?;
        let user = self.add_user(&mut tx, ctx, new, hash).await?;
        let event = audit::to_user(
            &user.id,
            "identity.user_created",
            json!({"name": user.name, "roles": user.roles}),
        );
        audit::commit(tx, ctx, event).await?;
        Ok(user)
    }

    pub(crate) async fn add_user(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        new: NewUser,
        hash: Option<String>,
    ) -> Result<User, Error> {
        check_name(&new.name)?;
        let display_name = new.display_name.filter(|n| !n.is_empty()).unwrap_or_else(|| new.name.clone());
        check_text("/display_name", &display_name)?;
        check_text("/email", new.email.as_deref().unwrap_or_default())?;
        let roles = new.roles.unwrap_or_else(|| vec!["developer".into()]);
        self.check_roles(tx, "/roles", &roles).await?;
        let user = User {
            id: UserId::fresh(),
            name: new.name,
            display_name,
            email: new.email.filter(|e| !e.is_empty()),
            roles,
            disabled: false,
            created_at: ctx.now(),
            signed_in_at: None,
        };
        match store::users::insert(tx, &user, hash).await {
            Err(error) if is_unique_violation(&error) => {
                Err(Error::conflict("user_exists", format!("there is a user `{}` already", user.name)))
            }
            result => result.map(|()| user),
        }
    }

    /// Changes a user; it holds at once.
    ///
    /// # Errors
    /// `last_admin`, `unknown_role`, `weak_password`, `not_found`; `forbidden` without `users.manage`.
    pub async fn update_user(&self, ctx: &Ctx, id_or_name: &str, patch: UserPatch) -> Result<User, Error> {
        ctx.require_globally("users.manage")?;
        if let Some(password) = &patch.password {
            check_policy(password)?;
        }
        self.change_user(ctx, id_or_name, patch).await
    }

    async fn change_user(&self, ctx: &Ctx, id_or_name: &str, patch: UserPatch) -> Result<User, Error> {
        let hash = match &patch.password {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let mut tx = self.db.begin().await?;
        store::users::lock(&mut tx).await?;
        let mut user = find(&mut tx, id_or_name).await?.user;
        let was_admin = is_admin(&user);
        let mut changed = Vec::new();
        if let Some(name) = patch.display_name {
            check_text("/display_name", &name)?;
            user.display_name = name;
            changed.push("display_name");
        }
        if let Some(email) = patch.email {
            check_text("/email", &email)?;
            user.email = Some(email).filter(|e| !e.is_empty());
            changed.push("email");
        }
        if let Some(disabled) = patch.disabled {
            user.disabled = disabled;
            changed.push("disabled");
        }
        if let Some(roles) = patch.roles {
            self.check_roles(&mut tx, "/roles", &roles).await?;
            user.roles = roles;
            changed.push("roles");
        }
        store::users::update(&mut tx, &user).await?;
        if let Some(hash) = hash {
            store::users::set_password(&mut tx, &user.id, hash).await?;
            changed.push("password");
        }
        if changed.contains(&"password") || user.disabled {
            store::sessions::delete_all(&mut tx, &user.id, None).await?;
        }
        if was_admin && store::users::admins(&mut tx).await? == 0 {
            return Err(last_admin());
        }
        let data =
            json!({"name": user.name, "changed": changed, "roles": user.roles, "disabled": user.disabled});
        audit::commit(tx, ctx, audit::to_user(&user.id, "identity.user_changed", data)).await?;
        self.forget();
        Ok(user)
    }

    /// Deletes a user with sessions, tokens and memberships. What the user made stays.
    ///
    /// # Errors
    /// `last_admin`, `not_found`; `forbidden` without `users.manage`.
    pub async fn delete_user(&self, ctx: &Ctx, id_or_name: &str) -> Result<(), Error> {
        ctx.require_globally("users.manage")?;
        let mut tx = self.db.begin().await?;
        store::users::lock(&mut tx).await?;
        let user = find(&mut tx, id_or_name).await?.user;
        let was_admin = is_admin(&user);
        store::users::delete(&mut tx, &user.id).await?;
        if was_admin && store::users::admins(&mut tx).await? == 0 {
            return Err(last_admin());
        }
        audit::commit(
            tx,
            ctx,
            audit::to_user(&user.id, "identity.user_deleted", json!({ "name": user.name })),
        )
        .await?;
        self.forget();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn names_are_plain_and_not_reserved() {
        assert!(["ada", "a.b-c_9", "0x"].iter().all(|n| check_name(n).is_ok()));
        assert!(
            ["", "Ada", ".a", "a b", "a/b", "system", "anonymous", "ä"]
                .iter()
                .all(|n| check_name(n).is_err())
        );
    }
}
