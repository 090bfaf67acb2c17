//! Passwords: Argon2id (RFC 9106) with the crate's default cost, a few at a time, off the async threads.

use crate::Secret;
use crate::crypto::random_bytes;
use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use castalia_base::{Error, FieldError};
use std::sync::LazyLock;
use tokio::sync::{Semaphore, SemaphorePermit};

const SHORTEST: usize = 8;
/// In bytes, so that nobody makes us hash a book.
const LONGEST: usize = 1024;

/// Hashes passwords. Each hash takes 19 MiB while it runs, so only two run at once.
#[derive(Debug)]
pub(crate) struct Passwords {
    turns: Semaphore,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { turns: Semaphore::new(2) }
    }

    /// Waits until a hash may run.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, Error> {
        Ok(Turn { _permit: self.turns.acquire().await.map_err(Error::internal)? })
    }

    /// The hash to store.
    pub(crate) async fn hash(&self, password: &Secret) -> Result<String, Error> {
        let _turn = self.turn().await?;
        let password = password.clone();
        off_thread(move || hash(password.expose())).await?
    }
}

/// The right to run one hash.
pub(crate) struct Turn<'a> {
    _permit: SemaphorePermit<'a>,
}

impl Turn<'_> {
    /// Whether the password is right. Without a stored hash it takes as long and says no, so that the time
    /// does not tell which users exist.
    pub(crate) async fn verify(&self, password: &Secret, stored: Option<String>) -> Result<bool, Error> {
        static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash("nobody's password").ok());
        let password = password.clone();
        off_thread(move || {
            let known = stored.is_some();
            let Some(text) = stored.or_else(|| NOBODY.clone()) else {
                return false;
            };
            let Ok(parsed) = PasswordHash::new(&text) else {
                return false;
            };
            let right = password.expose().len() <= LONGEST
                && Argon2::default().verify_password(password.expose().as_bytes(), &parsed).is_ok();
            right && known
        })
        .await
    }
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

fn hash(password: &str) -> Result<String, Error> {
    let wrong = |e: argon2::password_hash::Error| Error::internal(e.to_string());
    let salt = SaltString::encode_b64(&random_bytes::<16>()).map_err(wrong)?;
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt).map_err(wrong)?.to_string())
}

/// Demands a password of 8 to 1024 characters.
pub(crate) fn check_policy(password: &Secret) -> Result<(), Error> {
    let length = password.expose().chars().count();
    if (SHORTEST..=LONGEST).contains(&length) && password.expose().len() <= LONGEST {
        return Ok(());
    }
    let message = format!("a password has {SHORTEST} to {LONGEST} characters");
    Err(Error::unprocessable(
        "weak_password",
        message.clone(),
        vec![FieldError { path: "/password".into(), message }],
    ))
}
