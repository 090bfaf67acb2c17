//! What this program writes into cookies nobody else can read or make.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// A key that is known here only.
#[derive(Clone)]
pub(crate) struct Seal {
    cipher: XChaCha20Poly1305,
    key: [u8; 32],
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// A key made of secrets; other secrets or another order make another key.
    pub(crate) fn of(secrets: &[&str]) -> Self {
        let mut hash = Sha256::new_with_prefix(b"castalia workspace cookies 1");
        for secret in secrets {
            hash.update((secret.len() as u64).to_le_bytes());
            hash.update(secret);
        }
        let key: [u8; 32] = hash.finalize().into();
        Self { cipher: XChaCha20Poly1305::new(&key.into()), key }
    }

    /// Seals a value for one purpose.
    pub(crate) fn seal(&self, purpose: &str, value: &impl Serialize) -> Option<String> {
        let plain = serde_json::to_vec(value).ok()?;
        let nonce: [u8; 24] = rand::random();
        let payload = Payload { msg: &plain, aad: purpose.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what was sealed here for this purpose.
    pub(crate) fn open<T: DeserializeOwned>(&self, purpose: &str, text: &str) -> Option<T> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(24)?;
        let nonce: [u8; 24] = nonce.try_into().ok()?;
        let payload = Payload { msg: sealed, aad: purpose.as_bytes() };
        let plain = self.cipher.decrypt(&XNonce::from(nonce), payload).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// A word that belongs to a text and can't be guessed from it.
    pub(crate) fn mark(&self, purpose: &str, text: &str) -> String {
        let hash =
            Sha256::new_with_prefix(self.key).chain_update(purpose).chain_update([0]).chain_update(text);
        hex::encode(&hash.finalize()[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_secrets_and_the_same_purpose_open_it() {
        let seal = Seal::of(&["a", "b"]);
        let text = seal.seal("session", &("x", 1)).expect("is sealed");
        assert_eq!(seal.open("session", &text), Some(("x".to_owned(), 1)));
        assert_eq!(seal.open::<(String, i32)>("state", &text), None);
        assert_eq!(Seal::of(&["ab", ""]).open::<(String, i32)>("session", &text), None);
        let mut torn = text.clone().into_bytes();
        torn[40] ^= 1;
        assert_eq!(seal.open::<(String, i32)>("session", &String::from_utf8_lossy(&torn)), None);
        for junk in ["", "x", "AAAA"] {
            assert_eq!(seal.open::<(String, i32)>("session", junk), None);
        }
        assert_ne!(seal.mark("xsrf", "a"), seal.mark("xsrf", "b"));
    }
}
