//! Access keys: made for a run or a person, dead when revoked or expired.
//!
//! The secret is HMAC-SHA256(master key, access key) (RFC 2104), so no table holds it and a copy of the
//! database alone opens nothing.

use super::Service;
use crate::model::{Credentials, RunScope, version_prefix};
use crate::store::credentials::{self, Credential};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use castalia_base::id::ProcessId;
use castalia_base::{Ctx, Error};
use castalia_db::Tx;
use hmac::{Hmac, Mac};
use rand::Rng;
use sha2::Sha256;

/// The longest life of a person's key, in seconds.
const MAX_PERSONAL_SECONDS: u32 = 7 * 86_400;

impl Service {
    /// Makes the access key of a running version.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn credentials(&self, tx: &mut Tx, scope: &RunScope) -> Result<Credentials, Error> {
        let credential = Credential {
            access_key: fresh_access_key(),
            bucket: scope.bucket.clone(),
            run: Some((scope.process.to_string(), scope.version)),
            owner: "system".into(),
            write_prefix: Some(version_prefix(&scope.process, scope.version)),
            expires_at: scope.expires,
            revoked_at: None,
            quota_bytes: scope.quota_bytes,
        };
        credentials::insert(tx, &credential, self.clock.now()).await?;
        self.shown(credential.access_key)
    }

    /// Kills the access keys of a version. Does nothing when they are dead.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn revoke(&self, tx: &mut Tx, process: &ProcessId, version: u32) -> Result<(), Error> {
        credentials::revoke_run(tx, process.as_str(), version, self.clock.now()).await?;
        Ok(())
    }

    /// Makes a key for a person's own S3 client: reads the project, writes `uploads/` when asked to.
    ///
    /// # Errors
    /// `not_found` and `forbidden` as the permissions say.
    pub(crate) async fn personal_key(
        &self,
        ctx: &Ctx,
        project: &str,
        seconds: u32,
        write: bool,
    ) -> Result<(Credential, Credentials), Error> {
        let bucket = self.bucket(ctx, "datasets.view", project).await?;
        if write {
            ctx.require("uploads.create", bucket.project.as_str(), "project", project)?;
        }
        let seconds = seconds.clamp(60, MAX_PERSONAL_SECONDS);
        let credential = Credential {
            access_key: fresh_access_key(),
            bucket,
            run: None,
            owner: ctx.principal().id.clone(),
            write_prefix: write.then(|| "uploads/".to_owned()),
            expires_at: ctx.now().plus_ms(i64::from(seconds) * 1000),
            revoked_at: None,
            quota_bytes: None,
        };
        let mut tx = self.db.begin().await?;
        credentials::insert(&mut tx, &credential, ctx.now()).await?;
        tx.commit().await?;
        let shown = self.shown(credential.access_key.clone())?;
        Ok((credential, shown))
    }

    /// The secret that belongs to an access key.
    pub fn secret_of(&self, access_key: &str) -> Result<String, Error> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.config.master_key.0).map_err(Error::internal)?;
        mac.update(b"castalia-storage-v1\0");
        mac.update(access_key.as_bytes());
        // 30 bytes are 40 characters without padding, the length that S3 clients know.
        Ok(URL_SAFE.encode(&mac.finalize().into_bytes()[..30]))
    }

    fn shown(&self, access_key: String) -> Result<Credentials, Error> {
        let secret_key = self.secret_of(&access_key)?;
        Ok(Credentials { access_key, secret_key })
    }

    /// The row of an access key, dead or alive.
    pub(crate) async fn credential(&self, access_key: &str) -> Result<Option<Credential>, Error> {
        credentials::find(&mut self.db.read(), access_key).await
    }
}

fn fresh_access_key() -> String {
    const ALPHABET: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut rng = rand::rng();
    let tail: String = (0..17).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect();
    format!("CAS{tail}")
}
