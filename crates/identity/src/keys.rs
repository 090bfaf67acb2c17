//! Signing keys (Ed25519): one signs, older ones still verify until their last JWT has expired.

use crate::Vault;
use crate::audit;
use crate::crypto::random_bytes;
use crate::store::{self, keys::Stored};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use castalia_base::{Ctx, Error, Timestamp, id};
use castalia_db::{Db, Tx};
use ed25519_dalek::SigningKey;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError, RwLock};

/// PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410 §7).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// Unknown key ids make us look into the database at most this often.
const RELOAD_MS: i64 = 1000;

struct Public {
    id: String,
    x: String,
    verify: DecodingKey,
}

struct Signer {
    id: String,
    key: EncodingKey,
    created_at: Timestamp,
}

struct KeySet {
    read_at: Timestamp,
    public: Vec<Public>,
    signer: Option<Arc<(String, EncodingKey)>>,
    signer_since: Timestamp,
}

pub(crate) struct Keys {
    vault: Vault,
    set: RwLock<Option<Arc<KeySet>>>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    pub(crate) fn new(vault: Vault) -> Self {
        Self { vault, set: RwLock::default() }
    }

    fn loaded(&self) -> Option<Arc<KeySet>> {
        self.set.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn load(&self, db: &Db, now: Timestamp) -> Result<Arc<KeySet>, Error> {
        let stored = store::keys::list(&mut db.read()).await?;
        let set = Arc::new(self.parse(stored, now)?);
        *self.set.write().unwrap_or_else(PoisonError::into_inner) = Some(set.clone());
        Ok(set)
    }

    fn parse(&self, stored: Vec<Stored>, now: Timestamp) -> Result<KeySet, Error> {
        let signer = stored.first().and_then(|newest| match self.open(newest) {
            Ok(signer) => Some(signer),
            Err(error) => {
                tracing::warn!(
                    key = newest.id,
                    error = error.chain(),
                    "a signing key does not open; a new one takes over"
                );
                None
            }
        });
        let public = stored
            .into_iter()
            .map(|key| {
                let verify = DecodingKey::from_ed_components(&key.public).map_err(Error::internal)?;
                Ok(Public { id: key.id, x: key.public, verify })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let signer_since = signer.as_ref().map_or(Timestamp(0), |s| s.created_at);
        let signer = signer.map(|s| Arc::new((s.id, s.key)));
        Ok(KeySet { read_at: now, public, signer, signer_since })
    }

    fn open(&self, stored: &Stored) -> Result<Signer, Error> {
        let seed = self.vault.open(&stored.id, &stored.sealed)?;
        let key = EncodingKey::from_ed_der(&[PKCS8_PREFIX.as_slice(), &seed].concat());
        Ok(Signer { id: stored.id.clone(), key, created_at: stored.created_at })
    }

    /// The key that signs now; a new one when there is none or it is older than `max_age_ms`.
    pub(crate) async fn signer(
        &self,
        db: &Db,
        ctx: &Ctx,
        max_age_ms: i64,
    ) -> Result<Arc<(String, EncodingKey)>, Error> {
        let now = ctx.now();
        let fresh = |set: &KeySet| set.signer.clone().filter(|_| now.ms_since(set.signer_since) < max_age_ms);
        if let Some(signer) = self.loaded().as_deref().and_then(fresh) {
            return Ok(signer);
        }
        if let Some(signer) = fresh(self.load(db, now).await?.as_ref()) {
            return Ok(signer);
        }
        self.rotate(db, ctx).await?;
        fresh(self.load(db, now).await?.as_ref())
            .ok_or_else(|| Error::internal("a fresh signing key can't be read back"))
    }

    /// Makes a new key that signs from now on.
    pub(crate) async fn rotate(&self, db: &Db, ctx: &Ctx) -> Result<String, Error> {
        let seed: [u8; 32] = random_bytes();
        let id = id::fresh("key");
        let key = Stored {
            public: URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&seed).verifying_key().as_bytes()),
            sealed: self.vault.seal(&id, &seed)?,
            created_at: ctx.now(),
            id: id.clone(),
        };
        let mut tx = db.begin().await?;
        store::keys::insert(&mut tx, &key).await?;
        audit::commit(tx, ctx, audit::installation("identity.key_rotated", json!({ "key": id }))).await?;
        self.load(db, ctx.now()).await?;
        Ok(id)
    }

    /// The key of this id that verifies.
    pub(crate) async fn verifier(
        &self,
        db: &Db,
        kid: &str,
        now: Timestamp,
    ) -> Result<Option<DecodingKey>, Error> {
        let find = |set: &KeySet| set.public.iter().find(|key| key.id == kid).map(|key| key.verify.clone());
        let loaded = self.loaded();
        if let Some(key) = loaded.as_deref().and_then(find) {
            return Ok(Some(key));
        }
        if loaded.is_some_and(|set| now.ms_since(set.read_at) < RELOAD_MS) {
            return Ok(None);
        }
        Ok(find(self.load(db, now).await?.as_ref()))
    }

    /// The public keys as a JWK set (RFC 7517, RFC 8037).
    pub(crate) async fn jwks(&self, db: &Db, ctx: &Ctx, max_age_ms: i64) -> Result<Value, Error> {
        self.signer(db, ctx, max_age_ms).await?;
        let set = self.load(db, ctx.now()).await?;
        let jwk = |key: &Public| json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.id, "x": key.x});
        Ok(json!({ "keys": set.public.iter().map(jwk).collect::<Vec<_>>() }))
    }

    /// Deletes keys that were replaced so long ago that no JWT of theirs can live.
    pub(crate) async fn delete_outlived(
        &self,
        tx: &mut Tx,
        now: Timestamp,
        jwt_ms: i64,
    ) -> Result<u64, Error> {
        let keys = store::keys::list(tx).await?;
        let mut gone = 0;
        for pair in keys.windows(2) {
            // A minute more, for replicas that still signed with the old one.
            if now.ms_since(pair[0].created_at) > jwt_ms + 60_000 {
                store::keys::delete(tx, &pair[1].id).await?;
                gone += 1;
            }
        }
        if gone > 0 {
            *self.set.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
        Ok(gone)
    }
}
