//! Authentications kept for a few seconds, so that a busy client costs no query per request.

use crate::Identity;
use castalia_base::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

const MOST: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Cache {
    keep_ms: i64,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Counts the clearings: what was read before one is not stored after it.
    generation: u64,
    entries: HashMap<String, (Identity, Timestamp)>,
    /// The entries that hang on each API token, so that one that ends costs the others nothing.
    of_token: HashMap<String, Vec<String>>,
}

impl Cache {
    pub(crate) fn new(keep_ms: i64) -> Self {
        Self { keep_ms, inner: Mutex::default() }
    }
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// What is kept under the credential's hash, or the generation to hand to [`Cache::put`].
    pub(crate) fn get(&self, hash: &str, now: Timestamp) -> Result<Identity, u64> {
        let inner = self.lock();
        match inner.entries.get(hash) {
            Some((identity, until)) if *until > now => Ok(identity.clone()),
            _ => Err(inner.generation),
        }
    }
    /// Keeps an identity for a while, at most until the credential itself expires.
    pub(crate) fn put(
        &self,
        hash: String,
        identity: Identity,
        now: Timestamp,
        expires: Option<Timestamp>,
        generation: u64,
    ) {
        let mut inner = self.lock();
        if inner.generation != generation {
            return;
        }
        if inner.entries.len() >= MOST {
            inner.entries.clear();
            inner.of_token.clear();
        }
        if let Some(token) = &identity.token {
            let hashes = inner.of_token.entry(token.to_string()).or_default();
            if !hashes.contains(&hash) {
                hashes.push(hash.clone());
            }
        }
        let until = now.plus_ms(self.keep_ms);
        inner.entries.insert(hash, (identity, expires.map_or(until, |e| e.min(until))));
    }
    pub(crate) fn clear(&self) {
        let mut inner = self.lock();
        inner.generation += 1;
        inner.entries.clear();
        inner.of_token.clear();
    }
    /// Forgets what one API token, and JWTs made with it, let in.
    pub(crate) fn forget_token(&self, token: &str) {
        let mut inner = self.lock();
        inner.generation += 1;
        for hash in inner.of_token.remove(token).unwrap_or_default() {
            inner.entries.remove(&hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use castalia_base::id::TokenId;

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let cache = Cache::new(1000);
        let now = Timestamp(0);
        let generation = cache.get("a", now).expect_err("is empty");
        cache.clear();
        cache.put("a".into(), Identity::anonymous(), now, None, generation);
        assert!(cache.get("a", now).is_err());
        let generation = cache.get("a", now).expect_err("is empty");
        cache.put("a".into(), Identity::anonymous(), now, Some(Timestamp(500)), generation);
        assert!(cache.get("a", Timestamp(499)).is_ok() && cache.get("a", Timestamp(500)).is_err());
    }

    #[test]
    fn one_token_that_ends_costs_the_others_nothing() {
        let (cache, now) = (Cache::new(1000), Timestamp(0));
        let keep = |hash: &str, token: &TokenId| {
            let identity = Identity { token: Some(token.clone()), ..Identity::anonymous() };
            let generation = cache.get(hash, now).expect_err("is empty");
            cache.put(hash.into(), identity, now, None, generation);
        };
        let (one, two) = (TokenId::fresh(), TokenId::fresh());
        keep("a", &one);
        keep("a's jwt", &one);
        keep("b", &two);
        cache.forget_token(one.as_str());
        assert!(
            cache.get("a", now).is_err() && cache.get("a's jwt", now).is_err() && cache.get("b", now).is_ok()
        );
    }
}
