//! The first start: a one-time token makes the first administrator.

use crate::audit;
use crate::crypto::{digest, random_text};
use crate::model::NewUser;
use crate::password::check_policy;
use crate::{Client, Secret, Service, SignedIn, store};
use castalia_base::{Ctx, Error};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// The first administrator.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    /// The token of the link that the first start printed.
    pub token: Secret,
    /// The administrator's name.
    pub name: String,
    /// At least 8 characters.
    pub password: Secret,
}

impl Service {
    /// Whether nobody has set the installation up yet.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn needs_setup(&self) -> Result<bool, Error> {
        Ok(!store::users::any(&mut self.db.read()).await?)
    }

    /// A new one-time token for the set-up link, when there is no user yet. It replaces an older one.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn setup_token(&self) -> Result<Option<Secret>, Error> {
        let mut tx = self.db.begin().await?;
        store::users::lock(&mut tx).await?;
        if store::users::any(&mut tx).await? {
            return Ok(None);
        }
        let secret = random_text("setup_");
        store::setup::put(&mut tx, &digest(&secret), self.clock.now()).await?;
        tx.commit().await?;
        Ok(Some(secret.into()))
    }

    /// Makes the first administrator and signs in.
    ///
    /// # Errors
    /// `setup_done` when there is a user already, `unauthenticated` for a wrong token.
    pub async fn set_up(&self, ctx: &Ctx, set_up: SetUp, client: &Client) -> Result<SignedIn, Error> {
        if !self.needs_setup().await? {
            return Err(Error::conflict("setup_done", "there is an administrator already; sign in"));
        }
        check_policy(&set_up.password)?;
        let hash = self.passwords.hash(&set_up.password).await?;
        let mut tx = self.db.begin().await?;
        store::users::lock(&mut tx).await?;
        if store::users::any(&mut tx).await? {
            return Err(Error::conflict("setup_done", "there is an administrator already; sign in"));
        }
        if !store::setup::take(&mut tx, &digest(set_up.token.expose())).await? {
            return Err(Error::unauthenticated(
                "the set-up token is wrong or was replaced; start the server again for a new link",
            ));
        }
        let new = NewUser { name: set_up.name, roles: Some(vec!["admin".into()]), ..NewUser::default() };
        let user = self.add_user(&mut tx, ctx, new, Some(hash)).await?;
        let signed_in = self.begin_session(&mut tx, ctx, user, client).await?;
        let user = &signed_in.user;
        let event = audit::to_user(
            &user.id,
            "identity.set_up",
            json!({"name": user.name, "address": client.address}),
        );
        audit::commit(tx, &audit::acting_as(ctx, &user.id, &user.name), event).await?;
        Ok(signed_in)
    }
}
