//! Signing in and out. The cookie holds 256 random bits; the database holds their hash.

use crate::account::user_of;
use crate::audit;
use crate::brake::{address_key, user_key};
use crate::crypto::{digest, random_text};
use crate::jwt::AccessToken;
use crate::model::{Session, SessionId, User};
use crate::store::{self, users::Known};
use crate::{Identity, Secret, Service};
use castalia_base::id::UserId;
use castalia_base::{Ctx, Error};
use castalia_db::Tx;
use castalia_events::append;
use serde_json::json;
use std::net::IpAddr;

/// Where a sign-in comes from.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The address.
    pub address: Option<IpAddr>,
    /// The browser, in the browser's words.
    pub agent: Option<String>,
}

/// A session that has just begun.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who signed in.
    pub user: User,
    /// What the cookie holds.
    pub secret: Secret,
    /// The session.
    pub session: Session,
}

fn refused() -> Error {
    Error::unauthenticated("the name or the password is wrong")
}

impl Service {
    /// Begins a session.
    ///
    /// # Errors
    /// `unauthenticated` for a wrong name or password or a disabled user (all alike), `too_many_failures`
    /// after several.
    pub async fn sign_in(
        &self,
        ctx: &Ctx,
        user: &str,
        password: &Secret,
        client: &Client,
    ) -> Result<SignedIn, Error> {
        let known = self.check_password(ctx, user, password, client).await?;
        let mut tx = self.db.begin().await?;
        self.release_brake(&mut tx, user).await?;
        let signed_in = self.begin_session(&mut tx, ctx, known.user, client).await?;
        let event = audit::to_user(
            &signed_in.user.id,
            "identity.signed_in",
            json!({"session": signed_in.session.id, "address": client.address, "by": "password"}),
        );
        audit::commit(tx, &audit::acting_as(ctx, &signed_in.user.id, &signed_in.user.name), event).await?;
        Ok(signed_in)
    }

    pub(crate) async fn begin_session(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        mut user: User,
        client: &Client,
    ) -> Result<SignedIn, Error> {
        let now = ctx.now();
        let secret = random_text("");
        let session = Session {
            id: SessionId::fresh(),
            created_at: now,
            seen_at: now,
            expires_at: now.plus_ms(self.config.session_ms),
            address: client.address.map(|a| a.to_string()),
            agent: client.agent.as_ref().map(|a| a.chars().take(200).collect()),
            current: true,
        };
        store::sessions::insert(tx, &session, &user.id, &digest(&secret)).await?;
        store::users::set_signed_in(tx, &user.id, now).await?;
        user.signed_in_at = Some(now);
        Ok(SignedIn { user, secret: secret.into(), session })
    }

    /// A JWT for a name and a password.
    pub(crate) async fn sign_in_for_jwt(
        &self,
        ctx: &Ctx,
        user: &str,
        password: &Secret,
        client: &Client,
    ) -> Result<AccessToken, Error> {
        let known = self.check_password(ctx, user, password, client).await?;
        let token = self.issue_jwt(ctx, &known, None).await?;
        let mut tx = self.db.begin().await?;
        self.release_brake(&mut tx, user).await?;
        store::users::set_signed_in(&mut tx, &known.user.id, ctx.now()).await?;
        let event = audit::to_user(
            &known.user.id,
            "identity.signed_in",
            json!({"address": client.address, "by": "jwt"}),
        );
        audit::commit(tx, &audit::acting_as(ctx, &known.user.id, &known.user.name), event).await?;
        Ok(token)
    }

    /// Checks a password under the brake. Only two checks run at once, and each looks at the brake first, so
    /// that many guesses sent together do not slip past it.
    async fn check_password(
        &self,
        ctx: &Ctx,
        name: &str,
        password: &Secret,
        client: &Client,
    ) -> Result<Known, Error> {
        let mut subjects = vec![user_key(name)];
        subjects.extend(address_key(client.address));
        let turn = self.passwords.turn().await?;
        self.check_brakes(ctx, &subjects).await?;
        let known = store::users::find(&mut self.db.read(), name).await?.filter(|k| k.user.name == name);
        let hash = known.as_ref().and_then(|k| k.password_hash.clone());
        let right = turn.verify(password, hash).await?;
        match known {
            Some(known) if right && !known.user.disabled => {
                metrics::counter!("castalia_sign_ins_total", "outcome" => "ok").increment(1);
                Ok(known)
            }
            known => {
                metrics::counter!("castalia_sign_ins_total", "outcome" => "refused").increment(1);
                let mut tx = self.db.begin().await?;
                self.count_failure(&mut tx, ctx, &subjects).await?;
                // A name that nobody has may be a password in the wrong field.
                let user = known.map(|k| k.user.name);
                let data = json!({"user": user, "address": client.address});
                append(&mut tx, ctx, vec![audit::installation("identity.sign_in_failed", data)]).await?;
                tx.commit().await?;
                Err(refused())
            }
        }
    }

    /// Ends the session that makes the request, if it is one.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn sign_out(&self, ctx: &Ctx, identity: &Identity) -> Result<(), Error> {
        match (&identity.user, &identity.session) {
            (Some(user), Some(session)) => self.delete_session(ctx, user, session).await.map(|_| ()),
            _ => Ok(()),
        }
    }

    /// The caller's sessions, newest first; `current` marks the one that asks.
    ///
    /// # Errors
    /// `forbidden` for a token that is bound to a project.
    pub async fn sessions(&self, ctx: &Ctx, asker: &Identity) -> Result<Vec<Session>, Error> {
        ctx.require_globally("account.view")?;
        let user = user_of(ctx)?;
        let mut sessions = store::sessions::of_user(&mut self.db.read(), &user, ctx.now()).await?;
        for session in &mut sessions {
            session.current = Some(&session.id) == asker.session.as_ref();
        }
        Ok(sessions)
    }

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// `not_found` when the caller has no such session, `forbidden` for a token that is bound to a project.
    pub async fn end_session(&self, ctx: &Ctx, session: &SessionId) -> Result<(), Error> {
        ctx.require_globally("account.manage")?;
        match self.delete_session(ctx, &user_of(ctx)?, session).await? {
            true => Ok(()),
            false => Err(Error::not_found("session", session)),
        }
    }

    async fn delete_session(&self, ctx: &Ctx, user: &UserId, session: &SessionId) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        if !store::sessions::delete(&mut tx, user, session).await? {
            return Ok(false);
        }
        audit::commit(tx, ctx, audit::to_user(user, "identity.session_ended", json!({ "session": session })))
            .await?;
        self.forget();
        Ok(true)
    }
}
