//! OAuth2 provider for what the platform runs: authorization code (RFC 6749 §4.1) with PKCE (RFC 7636).
//!
//! All clients are ours: each is one running thing, made and ended with it. So nobody is asked for consent; whether the
//! person may use the thing is asked by the caller of [`Service::authorize`] instead.

use crate::crypto::{digest, random_text};
use crate::model::{IssuedToken, NewToken};
use crate::store::oauth::{self as store, ClientRow, CodeRow};
use crate::store::tokens::{self, Ties};
use crate::tokens::make;
use crate::{Identity, Secret, Service, Via};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use castalia_base::id::{ProjectId, TokenId, UserId};
use castalia_base::{Ctx, Error, Timestamp};
use castalia_db::{Sql, Tx};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// How long a code may be exchanged.
const CODE_MS: i64 = 300_000;
/// How long a browser's token lives, if its session and the running thing live as long.
const TOKEN_MS: i64 = 14 * 24 * 3600 * 1000;

/// A client about to be made.
#[derive(Clone, Debug)]
pub struct NewClient<'a> {
    /// Its id; one that is there already is replaced.
    pub id: &'a str,
    /// SHA-256 of its secret, in hexadecimal.
    pub secret_hash: &'a str,
    /// The only address to which codes are sent; compared as text.
    pub redirect_uri: &'a str,
    /// The running thing.
    pub instance: &'a str,
    /// The project of the running thing.
    pub project: &'a ProjectId,
}

/// A client.
#[derive(Clone, Debug)]
pub struct OauthClient {
    /// Its id.
    pub id: String,
    /// The only address to which codes are sent.
    pub redirect_uri: String,
    /// The running thing that it is.
    pub instance: String,
}

/// A request for a code.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Authorization {
    /// Who asks.
    #[serde(default)]
    pub client_id: String,
    /// Where to send the code.
    #[serde(default)]
    pub redirect_uri: String,
    /// `code`.
    #[serde(default)]
    pub response_type: String,
    /// Comes back unchanged.
    pub state: Option<String>,
    /// The challenge of PKCE.
    pub code_challenge: Option<String>,
    /// `S256`.
    pub code_challenge_method: Option<String>,
}

/// A request to exchange a code.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct TokenRequest {
    /// `authorization_code`.
    #[serde(default)]
    pub grant_type: String,
    /// Who asks.
    #[serde(default)]
    pub client_id: String,
    /// The client's secret.
    #[serde(default)]
    pub client_secret: String,
    /// The code.
    #[serde(default)]
    pub code: String,
    /// The same address as when the code was asked for.
    #[serde(default)]
    pub redirect_uri: String,
    /// What the challenge was made of.
    #[serde(default)]
    pub code_verifier: String,
}

/// Why a request of OAuth2 was refused (RFC 6749 §5.2).
#[derive(Debug, thiserror::Error)]
pub enum OauthError {
    /// A refusal in the standard's words.
    #[error("{code}: {description}")]
    Refused {
        /// The standard's name of it.
        code: &'static str,
        /// What is wrong.
        description: String,
    },
    /// Our fault.
    #[error(transparent)]
    Failed(#[from] Error),
}

fn refused(code: &'static str, description: &str) -> OauthError {
    OauthError::Refused { code, description: description.into() }
}

/// The challenge of a verifier (RFC 7636 §4.2).
fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

impl Service {
    /// Makes a client, in the caller's transaction.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn put_client(&self, tx: &mut Tx, new: &NewClient<'_>) -> Result<(), Error> {
        let client = ClientRow {
            id: new.id.into(),
            secret_hash: new.secret_hash.into(),
            redirect_uri: new.redirect_uri.into(),
            instance: new.instance.into(),
            project_id: new.project.to_string(),
        };
        store::put_client(tx, &client, self.clock.now()).await
    }

    /// Makes the token of a running thing for `user`, in the caller's transaction: it reaches that thing alone, with
    /// the scopes of `new`, until [`Service::end_instance`].
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn issue_instance_token(
        &self,
        tx: &mut Tx,
        user: &UserId,
        instance: &str,
        new: NewToken,
    ) -> Result<IssuedToken, Error> {
        let issued = make(new);
        let ties = Ties { instance: Some(instance), ..Ties::default() };
        let hash = digest(issued.secret.expose());
        tokens::insert_tied(tx, &issued, &hash, user, ("instance", &ties), self.clock.now()).await?;
        Ok(issued)
    }

    /// Makes a token with which the programs of a running thing use our API as `user`, narrowed as `new` says, until
    /// [`Service::end_instance`]. Unlike the thing's own token it reaches what its scopes and its project allow.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn issue_program_token(
        &self,
        tx: &mut Tx,
        user: &UserId,
        instance: &str,
        new: NewToken,
    ) -> Result<IssuedToken, Error> {
        let issued = make(new);
        let ties = Ties { client: Some(instance), ..Ties::default() };
        let hash = digest(issued.secret.expose());
        tokens::insert_tied(tx, &issued, &hash, user, ("run", &ties), self.clock.now()).await?;
        Ok(issued)
    }

    /// Lets the tokens of a running thing's programs hold until `until`, unless they have expired already.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn renew_program_tokens(
        &self,
        tx: &mut Tx,
        instance: &str,
        until: Timestamp,
    ) -> Result<(), Error> {
        tokens::renew_of_client(tx, instance, self.clock.now(), until).await
    }

    /// The running things, of those whose ids begin with `prefix`, for whose programs there are tokens.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn program_instances(&self, sql: &mut impl Sql, prefix: &str) -> Result<Vec<String>, Error> {
        tokens::clients(sql, prefix).await
    }

    /// Takes up again the token of a running thing of which only the SHA-256 (in hexadecimal) is known.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn adopt_instance_token(
        &self,
        tx: &mut Tx,
        user: &UserId,
        instance: &str,
        hash: &str,
        new: NewToken,
    ) -> Result<TokenId, Error> {
        let adopted = make(new);
        let ties = Ties { instance: Some(instance), ..Ties::default() };
        tokens::insert_tied(tx, &adopted, hash, user, ("instance", &ties), self.clock.now()).await?;
        Ok(adopted.id)
    }

    /// Ends everything that lets in to or out of a running thing: its token, its clients, and the tokens of browsers.
    /// In the caller's transaction; call [`Service::forget`] after the commit. Ending it twice does nothing.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn end_instance(&self, tx: &mut Tx, instance: &str) -> Result<(), Error> {
        tokens::delete_of_instance(tx, instance).await?;
        store::delete_clients_of(tx, instance).await
    }

    /// The client of a request for a code, if the request may be answered at its redirect address at all. A request
    /// that fails this must never be redirected.
    ///
    /// # Errors
    /// `unknown_client`, `wrong_redirect`.
    pub async fn oauth_client(&self, request: &Authorization) -> Result<OauthClient, Error> {
        let found = store::client(&mut self.db.read(), &request.client_id).await?;
        let client = found.ok_or_else(|| {
            Error::invalid("unknown_client", "no such OAuth client; its workspace may have ended")
        })?;
        if client.redirect_uri != request.redirect_uri {
            let detail = "redirect_uri is not the one that the client was registered with";
            return Err(Error::invalid("wrong_redirect", detail));
        }
        Ok(OauthClient { id: client.id, redirect_uri: client.redirect_uri, instance: client.instance })
    }

    /// Makes a code for the person whose browser asks. The caller has checked that the person may use the client's
    /// running thing.
    ///
    /// # Errors
    /// In the standard's words: without a session, without PKCE, or for another response type.
    pub async fn authorize(
        &self,
        ctx: &Ctx,
        asker: &Identity,
        client: &OauthClient,
        request: &Authorization,
    ) -> Result<Secret, OauthError> {
        if request.response_type != "code" {
            return Err(refused("unsupported_response_type", "only response_type=code is supported"));
        }
        let method = request.code_challenge_method.as_deref();
        let challenge = request.code_challenge.as_deref().unwrap_or_default();
        // 43 characters are the 256 bits of S256 in base64.
        if method != Some("S256") || challenge.len() != 43 {
            return Err(refused("invalid_request", "PKCE with code_challenge_method=S256 is required"));
        }
        let (Some(user), Some(session), Via::Session) = (&asker.user, &asker.session, asker.via) else {
            return Err(refused("access_denied", "a browser's session is needed"));
        };
        let code = Secret::from(random_text("code_"));
        let row = CodeRow {
            hash: digest(code.expose()),
            client_id: client.id.clone(),
            user_id: user.to_string(),
            session_id: session.to_string(),
            redirect_uri: request.redirect_uri.clone(),
            challenge: challenge.to_owned(),
            expires_at: ctx.now().plus_ms(CODE_MS),
            token_id: None,
        };
        let mut tx = self.db.begin().await?;
        store::insert_code(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(code)
    }

    /// Exchanges a code for a token of the person, which reaches the client's running thing alone. A code works once:
    /// one that comes again also ends the token that it was exchanged for.
    ///
    /// # Errors
    /// In the standard's words.
    pub async fn exchange(&self, request: &TokenRequest) -> Result<IssuedToken, OauthError> {
        if request.grant_type != "authorization_code" {
            return Err(refused("unsupported_grant_type", "only authorization_code is supported"));
        }
        let client = store::client(&mut self.db.read(), &request.client_id).await?;
        let client = client.filter(|c| same(&c.secret_hash, &digest(&request.client_secret)));
        let client = client.ok_or_else(|| refused("invalid_client", "unknown client or wrong secret"))?;
        let mut tx = self.db.begin().await?;
        let code = store::lock_code(&mut tx, &digest(&request.code), &client.id).await?;
        let code = code.ok_or_else(|| refused("invalid_grant", "the code is unknown"))?;
        if let Some(token) = &code.token_id {
            if let Ok(token) = token.parse() {
                tokens::delete(&mut tx, &token).await?;
            }
            tx.commit().await?;
            self.forget();
            tracing::warn!(client = client.id, "an authorization code was used twice; its token was ended");
            return Err(refused("invalid_grant", "the code was used before; its token was ended"));
        }
        let now = self.clock.now();
        if code.expires_at <= now {
            return Err(refused("invalid_grant", "the code has expired"));
        }
        if code.redirect_uri != request.redirect_uri {
            return Err(refused("invalid_grant", "redirect_uri is not that of the request for the code"));
        }
        if !same(&code.challenge, &challenge_of(&request.code_verifier)) {
            return Err(refused("invalid_grant", "code_verifier does not match the challenge"));
        }
        let new = NewToken {
            name: format!("sign-in to {}", client.id),
            scopes: Some(vec!["workspaces.view".into(), "workspaces.use".into()]),
            project: Some(client.project_id.parse()?),
            expires_at: Some(now.plus_ms(TOKEN_MS)),
        };
        let issued = make(new);
        let ties = Ties {
            instance: Some(&client.instance),
            client: Some(&client.id),
            session: Some(&code.session_id),
        };
        let (hash, user) = (digest(issued.secret.expose()), code.user_id.parse::<UserId>()?);
        tokens::insert_tied(&mut tx, &issued, &hash, &user, ("oauth", &ties), now).await?;
        store::use_code(&mut tx, &code.hash, issued.id.as_str()).await?;
        tx.commit().await?;
        Ok(issued)
    }
}

/// Whether two digests are the same, in a time that does not tell where they differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |sum, (x, y)| sum | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge_of(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn digests_are_compared_as_a_whole() {
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab"));
    }
}
