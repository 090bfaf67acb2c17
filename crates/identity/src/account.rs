//! What signed-in people see and change of themselves.

use crate::audit;
use crate::model::User;
use crate::password::check_policy;
use crate::users::find;
use crate::{Identity, Secret, Service, Via, store};
use castalia_base::id::UserId;
use castalia_base::{Ctx, Error, Principal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// Who makes the request and what that one may do.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Account {
    /// The user's id; `system` for the platform itself.
    pub id: String,
    /// The name to sign in with.
    pub name: String,
    /// The name that people read.
    pub display_name: String,
    /// Where to write to.
    pub email: Option<String>,
    /// Roles in the installation.
    pub roles: Vec<String>,
    /// Permission patterns that hold everywhere.
    pub permissions: Vec<String>,
    /// Permission patterns per project id.
    pub projects: BTreeMap<String, Vec<String>>,
    /// What the token that was used is narrowed to.
    pub scopes: Option<Vec<String>>,
    /// The only project that the token reaches.
    pub only_project: Option<String>,
    /// The organisation.
    pub tenant: String,
}

/// What changes about oneself; absent parts stay.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountPatch {
    /// The name that people read.
    pub display_name: Option<String>,
    /// Where to write to; empty removes it.
    pub email: Option<String>,
    /// A new password of at least 8 characters; it ends all other sessions and all JWTs.
    pub password: Option<Secret>,
    /// The present password; needed for a new one.
    pub current_password: Option<Secret>,
}

/// The user behind a context.
///
/// # Errors
/// `unauthenticated` for the platform itself and for nobody.
pub(crate) fn user_of(ctx: &Ctx) -> Result<UserId, Error> {
    ctx.principal().id.parse().map_err(|_| Error::unauthenticated("sign in as a user first"))
}

impl Service {
    /// Who makes the request.
    ///
    /// # Errors
    /// `unauthenticated` when nobody is signed in.
    pub async fn account(&self, ctx: &Ctx) -> Result<Account, Error> {
        let Principal { id, name, roles, grants } = ctx.principal().clone();
        if ctx.is_anonymous() {
            return Err(Error::unauthenticated("sign in first"));
        }
        let user: Option<User> = store::users::find(&mut self.db.read(), &id).await?.map(|k| k.user);
        Ok(Account {
            display_name: user.as_ref().map_or_else(|| name.clone(), |u| u.display_name.clone()),
            email: user.and_then(|u| u.email),
            id,
            name,
            roles,
            permissions: grants.global,
            projects: grants.projects,
            scopes: grants.scopes,
            only_project: grants.only_project,
            tenant: self.config.tenant.clone(),
        })
    }

    /// Changes oneself.
    ///
    /// # Errors
    /// `wrong_password` without the present one, `weak_password`, `narrow_token` for a new password by a
    /// narrowed token.
    pub async fn update_account(
        &self,
        ctx: &Ctx,
        identity: &Identity,
        patch: AccountPatch,
    ) -> Result<Account, Error> {
        ctx.require_globally("account.manage")?;
        let id = user_of(ctx)?;
        let hash = match &patch.password {
            Some(password) => {
                Some(self.new_password(ctx, &id, identity, password, patch.current_password.as_ref()).await?)
            }
            None => None,
        };
        let mut tx = self.db.begin().await?;
        let mut user = find(&mut tx, id.as_str()).await?.user;
        user.display_name = patch.display_name.unwrap_or(user.display_name);
        if let Some(email) = patch.email {
            user.email = Some(email).filter(|e| !e.is_empty());
        }
        crate::users::check_text("/display_name", &user.display_name)?;
        crate::users::check_text("/email", user.email.as_deref().unwrap_or_default())?;
        store::users::update(&mut tx, &user).await?;
        let kind = if let Some(hash) = hash {
            store::users::set_password(&mut tx, &id, hash).await?;
            store::sessions::delete_all(&mut tx, &id, identity.session.as_ref()).await?;
            "identity.password_changed"
        } else {
            "identity.user_changed"
        };
        audit::commit(tx, ctx, audit::to_user(&id, kind, json!({ "name": user.name }))).await?;
        self.forget();
        self.account(ctx).await
    }

    async fn new_password(
        &self,
        ctx: &Ctx,
        id: &UserId,
        identity: &Identity,
        new: &Secret,
        current: Option<&Secret>,
    ) -> Result<String, Error> {
        if identity.token.is_some() || identity.via == Via::RunToken {
            return Err(Error::conflict(
                "narrow_token",
                "a password is changed by a session, not by an API token",
            ));
        }
        check_policy(new)?;
        let known = find(&mut self.db.read(), id.as_str()).await?;
        let subjects = [crate::brake::user_key(&known.user.name)];
        let turn = self.passwords.turn().await?;
        self.check_brakes(ctx, &subjects).await?;
        let given = current.cloned().unwrap_or_else(|| "".into());
        if !turn.verify(&given, known.password_hash).await? {
            let mut tx = self.db.begin().await?;
            self.count_failure(&mut tx, ctx, &subjects).await?;
            tx.commit().await?;
            return Err(Error::field("wrong_password", "/current_password", "is not the present password"));
        }
        drop(turn);
        self.passwords.hash(new).await
    }
}
