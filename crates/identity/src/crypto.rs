//! Secrets: text that never shows in a log, random credentials, and small things kept sealed in the database.

use crate::MasterKey;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use castalia_base::Error;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use rand::RngCore;
use rand::distr::{Alphanumeric, SampleString};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A password or token. It serialises as its text, so only answers that show it once may hold one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}
impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// `prefix` and 43 characters of base62: 256 random bits.
pub(crate) fn random_text(prefix: &str) -> String {
    format!("{prefix}{}", Alphanumeric.sample_string(&mut rand::rng(), 43))
}

pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// SHA-256 in hexadecimal. Good enough for credentials of 256 random bits, never for passwords.
pub(crate) fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Seals small secrets with the master key (XChaCha20-Poly1305, a random nonce each), so that a copy of the
/// database alone gives none away. Cheap to clone.
#[derive(Clone)]
pub struct Vault(XChaCha20Poly1305);

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

const NONCE: usize = 24;

impl Vault {
    /// A vault with this key.
    pub fn new(key: &MasterKey) -> Self {
        Self(XChaCha20Poly1305::new((&key.0).into()))
    }
    /// Seals `secret`; it opens only with the same `purpose` (say, the id of its row).
    ///
    /// # Errors
    /// `internal` when the secret is longer than the cipher allows (256 GiB).
    pub fn seal(&self, purpose: &str, secret: &[u8]) -> Result<String, Error> {
        let nonce: [u8; NONCE] = random_bytes();
        let payload = Payload { msg: secret, aad: purpose.as_bytes() };
        let sealed =
            self.0.encrypt(&XNonce::from(nonce), payload).map_err(|e| Error::internal(e.to_string()))?;
        Ok(STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }
    /// Opens what [`Vault::seal`] made.
    ///
    /// # Errors
    /// `internal` for another key or purpose, or when it was changed.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<Vec<u8>, Error> {
        let wrong = || Error::internal("a sealed secret does not open; was the master key replaced?");
        let bytes = STANDARD_NO_PAD.decode(sealed).map_err(Error::internal)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or_else(wrong)?;
        let payload = Payload { msg: sealed, aad: purpose.as_bytes() };
        self.0.decrypt(&XNonce::from(*nonce), payload).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_only_with_its_key_and_purpose() {
        let vault = Vault::new(&MasterKey::new([7; 32]));
        let sealed = vault.seal("key_1", b"hush").expect("seals");
        assert_eq!(vault.open("key_1", &sealed).expect("opens"), b"hush");
        assert!(vault.open("key_2", &sealed).is_err());
        assert!(Vault::new(&MasterKey::new([8; 32])).open("key_1", &sealed).is_err());
        assert!(vault.open("key_1", "AA").is_err());
    }

    #[test]
    fn secrets_do_not_show() {
        assert_eq!(
            format!("{:?} {:?}", Secret::from("hush"), MasterKey::new([1; 32])),
            "Secret(…) MasterKey(…)"
        );
    }
}
