//! From a credential to who it is and what that one may do.

use crate::crypto::digest;
use crate::grants::{all_roles, global_grants, project_grants};
use crate::model::{SessionId, Token};
use crate::store::{self, users::Known};
use crate::{Service, memberships};
use axum::http::{HeaderMap, header};
use castalia_base::id::{TokenId, UserId};
use castalia_base::{Ctx, Error, Grants, Principal, Timestamp};
use castalia_db::Sql;
use std::sync::Arc;

/// How somebody proved who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// Not at all.
    Nothing,
    /// By the session cookie.
    Session,
    /// By a named API token.
    Token,
    /// By a token that the platform made for something that it runs.
    RunToken,
    /// By a JWT.
    Jwt,
}

/// Who makes a request.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who, with what it may do.
    pub principal: Arc<Principal>,
    /// How it was proved.
    pub via: Via,
    /// The user's id, when somebody is signed in.
    pub user: Option<UserId>,
    /// The session that was used, or in which the token was made.
    pub session: Option<SessionId>,
    /// The token that was used, also when by a JWT made with it.
    pub token: Option<TokenId>,
}

impl Identity {
    /// Nobody.
    pub fn anonymous() -> Self {
        Self {
            principal: Arc::new(Principal::anonymous()),
            via: Via::Nothing,
            user: None,
            session: None,
            token: None,
        }
    }
}

/// Writes of “last used” are at least this far apart.
const TOUCH_MS: i64 = 60_000;

fn bad(detail: &str) -> Error {
    Error::unauthenticated(detail)
}

enum Credential<'a> {
    None,
    Session(&'a str),
    Token(&'a str),
    Jwt(&'a str),
}

fn credential<'a>(headers: &'a HeaderMap, cookie: &str) -> Result<Credential<'a>, Error> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = value.to_str().map_err(|_| bad("the Authorization header can't be read"))?;
        let secret = match text.split_once(' ') {
            // `token` is what Jupyter's programs say.
            Some((scheme, secret))
                if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token") =>
            {
                secret.trim()
            }
            _ => return Err(bad("use `Authorization: Bearer` with an API token or a JWT")),
        };
        return Ok(if secret.starts_with("cas_") {
            Credential::Token(secret)
        } else {
            Credential::Jwt(secret)
        });
    }
    Ok(cookie_value(headers, cookie).map_or(Credential::None, Credential::Session))
}

/// The value of a cookie (RFC 6265 §4.2).
pub(crate) fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value)
}

impl Service {
    /// Who makes a request with these headers; nobody when they hold no credential.
    ///
    /// # Errors
    /// `unauthenticated` for a credential that is unknown, expired or of a disabled user.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Identity, Error> {
        let credential = credential(headers, &self.config.cookie)?;
        let (kind, hash) = match &credential {
            Credential::None => return Ok(Identity::anonymous()),
            Credential::Session(text) => ("session", digest(text)),
            Credential::Token(text) => ("token", digest(text)),
            Credential::Jwt(text) => ("jwt", digest(text)),
        };
        let now = self.clock.now();
        // With its kind: a token that was seen a moment ago is no session because it comes as a cookie.
        let key = format!("{kind} {hash}");
        let generation = match self.cache.get(&key, now) {
            Ok(identity) => return Ok(identity),
            Err(generation) => generation,
        };
        let (identity, expires) = match credential {
            Credential::Session(_) => self.by_session(&hash, now).await?,
            Credential::Token(_) => self.by_token(&hash, now).await?,
            Credential::Jwt(text) => self.by_jwt(text, now).await?,
            Credential::None => return Ok(Identity::anonymous()),
        };
        self.cache.put(key, identity.clone(), now, expires, generation);
        Ok(identity)
    }

    async fn by_session(&self, hash: &str, now: Timestamp) -> Result<(Identity, Option<Timestamp>), Error> {
        let found = store::sessions::by_hash(&mut self.db.read(), hash, now).await?;
        let found = found.ok_or_else(|| bad("the session has ended; sign in again"))?;
        let known = self.enabled(found.user.as_str()).await?;
        let session = found.session;
        let mut expires = session.expires_at;
        if now.ms_since(session.seen_at) >= TOUCH_MS {
            expires = now.plus_ms(self.config.session_ms);
            let mut tx = self.db.begin().await?;
            store::sessions::touch(&mut tx, &session.id, now, expires).await?;
            tx.commit().await?;
        }
        let principal = self.principal(&known, None).await?;
        let identity = Identity {
            principal: Arc::new(principal),
            via: Via::Session,
            user: Some(known.user.id),
            session: Some(session.id),
            token: None,
        };
        Ok((identity, Some(expires)))
    }

    async fn by_token(&self, hash: &str, now: Timestamp) -> Result<(Identity, Option<Timestamp>), Error> {
        let found = store::tokens::by_hash(&mut self.db.read(), hash, now).await?;
        let found = found.ok_or_else(|| bad("the API token is unknown, revoked or expired"))?;
        let known = self.enabled(found.token.user.as_str()).await?;
        if !found.run && found.token.used_at.is_none_or(|at| now.ms_since(at) >= TOUCH_MS) {
            let mut tx = self.db.begin().await?;
            store::tokens::set_used(&mut tx, &found.token.id, now).await?;
            tx.commit().await?;
        }
        let principal = self.principal(&known, Some(&found.token)).await?;
        let identity = Identity {
            principal: Arc::new(principal),
            via: if found.run { Via::RunToken } else { Via::Token },
            user: Some(known.user.id),
            session: found.session,
            token: Some(found.token.id),
        };
        Ok((identity, found.token.expires_at))
    }

    async fn by_jwt(&self, text: &str, now: Timestamp) -> Result<(Identity, Option<Timestamp>), Error> {
        let claims = self.verify_jwt(text).await?;
        let known = self.enabled(&claims.sub).await?;
        if known.epoch != claims.epoch {
            return Err(bad("the password was changed since; sign in again"));
        }
        let token = match &claims.token {
            Some(id) => {
                let found = store::tokens::by_id(&mut self.db.read(), id, now).await?;
                Some(found.ok_or_else(|| bad("the API token behind this JWT was revoked"))?.token)
            }
            None => None,
        };
        let principal = self.principal(&known, token.as_ref()).await?;
        let mut expires = Timestamp(claims.exp.saturating_mul(1000));
        expires = token.as_ref().and_then(|t| t.expires_at).map_or(expires, |e| e.min(expires));
        let identity = Identity {
            principal: Arc::new(principal),
            via: Via::Jwt,
            user: Some(known.user.id),
            session: None,
            token: token.map(|t| t.id),
        };
        Ok((identity, Some(expires)))
    }

    async fn enabled(&self, user: &str) -> Result<Known, Error> {
        let known = store::users::find(&mut self.db.read(), user).await?;
        let known = known.ok_or_else(|| bad("the user does not exist any more"))?;
        if known.user.disabled { Err(bad("the user is disabled; ask an administrator")) } else { Ok(known) }
    }

    async fn principal(&self, known: &Known, token: Option<&Token>) -> Result<Principal, Error> {
        build_principal(&mut self.db.read(), known, token).await
    }

    /// A context in which `user` (name or id) asks: for schedules, webhooks and the CLI on the server itself.
    ///
    /// # Errors
    /// `not_found` for an unknown user, `unauthenticated` for a disabled one.
    pub async fn ctx_of(&self, user: &str, request_id: &str) -> Result<Ctx, Error> {
        let known = store::users::find(&mut self.db.read(), user).await?;
        let known = known.ok_or_else(|| Error::not_found("user", user))?;
        if known.user.disabled {
            return Err(bad("the user is disabled; ask an administrator"));
        }
        Ok(Ctx::new(self.principal(&known, None).await?, self.clock.clone(), request_id))
    }
}

async fn build_principal(
    sql: &mut impl Sql,
    known: &Known,
    token: Option<&Token>,
) -> Result<Principal, Error> {
    let roles = all_roles(sql).await?;
    let user = &known.user;
    let projects = memberships::of_user(sql, &user.id).await?;
    let grants = Grants {
        global: global_grants(&roles, &user.roles),
        projects: projects.into_iter().map(|(id, role)| (id, project_grants(&roles, &role))).collect(),
        scopes: token.and_then(|t| t.scopes.clone()),
        only_project: token.and_then(|t| t.project.as_ref().map(ToString::to_string)),
        only_instance: token.and_then(|t| t.instance.clone()),
    };
    Ok(Principal { id: user.id.to_string(), name: user.name.clone(), roles: user.roles.clone(), grants })
}
