//! Short-lived JWTs (RFC 7519), signed with EdDSA and nothing else.
//!
//! The claims tell other programs who it is. We ourselves take only the user, the epoch and the token from
//! them and read what that user may do from the database, so a JWT never outlives a right.

use crate::grants::{all_roles, claimed};
use crate::store::users::Known;
use crate::{Identity, Secret, Service, store};
use castalia_base::id::{self, TokenId};
use castalia_base::{Ctx, Error};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a JWT says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The user's id.
    pub sub: String,
    /// When it was made, in seconds.
    pub iat: i64,
    /// When it expires, in seconds.
    pub exp: i64,
    /// The user's roles in the installation.
    pub roles: Vec<String>,
    /// What these roles stand for.
    pub permissions: Vec<String>,
    /// The organisation.
    pub tenant: String,
    /// Who made it.
    pub iss: String,
    /// Its own id.
    pub jti: String,
    /// The user's name.
    pub name: String,
    /// Counts the user's passwords; another one makes it dead.
    pub epoch: i64,
    /// The API token that it was made with, which narrows it and ends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// A JWT, as the OAuth 2.0 token response has it (RFC 6749 §5.1).
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AccessToken {
    /// The JWT.
    pub access_token: Secret,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until it expires.
    pub expires_in: i64,
}

fn bad(detail: &str) -> Error {
    Error::unauthenticated(detail)
}

impl Service {
    /// A JWT for whoever makes the request.
    ///
    /// # Errors
    /// `unauthenticated` when nobody is signed in.
    pub async fn jwt_for_caller(&self, ctx: &Ctx, identity: &Identity) -> Result<AccessToken, Error> {
        let user = identity.user.as_ref().ok_or_else(|| bad("sign in, or send `user` and `password`"))?;
        let known = store::users::find(&mut self.db.read(), user.as_str()).await?;
        let known = known.ok_or_else(|| bad("the user does not exist any more"))?;
        self.issue_jwt(ctx, &known, identity.token.as_ref()).await
    }

    pub(crate) async fn issue_jwt(
        &self,
        ctx: &Ctx,
        known: &Known,
        token: Option<&TokenId>,
    ) -> Result<AccessToken, Error> {
        let signer = self.keys.signer(&self.db, &self.system(), self.config.key_age_ms).await?;
        let user = &known.user;
        let iat = ctx.now().0.div_euclid(1000);
        let claims = Claims {
            sub: user.id.to_string(),
            iat,
            exp: iat + self.config.jwt_seconds,
            roles: user.roles.clone(),
            permissions: claimed(&all_roles(&mut self.db.read()).await?, &user.roles),
            tenant: self.config.tenant.clone(),
            iss: self.config.issuer.clone(),
            jti: id::fresh("jwt"),
            name: user.name.clone(),
            epoch: known.epoch,
            token: token.map(ToString::to_string),
        };
        let header = Header { kid: Some(signer.0.clone()), ..Header::new(Algorithm::EdDSA) };
        let text = encode(&header, &claims, &signer.1).map_err(Error::internal)?;
        Ok(AccessToken {
            access_token: text.into(),
            token_type: "Bearer",
            expires_in: self.config.jwt_seconds,
        })
    }

    /// The claims of a JWT of ours that has not expired.
    ///
    /// # Errors
    /// `unauthenticated` for another algorithm, an unknown key, a wrong signature or issuer, or an old one.
    pub async fn verify_jwt(&self, text: &str) -> Result<Claims, Error> {
        let wrong = || bad("the JWT is not one of ours");
        let now = self.clock.now();
        let header =
            decode_header(text).map_err(|_| bad("the credential is neither an API token nor a JWT"))?;
        if header.alg != Algorithm::EdDSA {
            return Err(bad("only JWTs signed with EdDSA are accepted"));
        }
        let kid = header.kid.ok_or_else(wrong)?;
        let key = self.keys.verifier(&self.db, &kid, now).await?.ok_or_else(wrong)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.config.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // The time is judged below, by the clock that everything else goes by.
        validation.validate_exp = false;
        let claims = decode::<Claims>(text, &key, &validation).map_err(|_| wrong())?.claims;
        if claims.exp.saturating_mul(1000) <= now.0 {
            return Err(bad("the JWT has expired; ask for a new one"));
        }
        Ok(claims)
    }

    /// The public keys that verify our JWTs, as a JWK set.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn jwks(&self) -> Result<Value, Error> {
        self.keys.jwks(&self.db, &self.system(), self.config.key_age_ms).await
    }

    /// Makes a new signing key now; older ones go on verifying. Returns its id.
    ///
    /// # Errors
    /// `forbidden` without `keys.manage`.
    pub async fn rotate_key(&self, ctx: &Ctx) -> Result<String, Error> {
        ctx.require_globally("keys.manage")?;
        self.keys.rotate(&self.db, ctx).await
    }
}
