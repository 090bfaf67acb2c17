//! What the installation decides about signing in.

use crate::Limits;

/// The key that protects secrets in the database: 32 random bytes, kept outside of it.
#[derive(Clone)]
pub struct MasterKey(pub(crate) [u8; 32]);

impl MasterKey {
    /// The key made of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// What the installation decides about signing in.
#[derive(Clone, Debug)]
pub struct Config {
    /// Protects the signing keys (and whatever else uses the [`crate::Vault`]).
    pub master_key: MasterKey,
    /// The `iss` of our JWTs.
    pub issuer: String,
    /// The `tenant` of our JWTs.
    pub tenant: String,
    /// The session cookie's name.
    pub cookie: String,
    /// Marks the cookie `Secure` even when the request does not say that it came by https.
    pub secure_cookie: bool,
    /// Believes `X-Forwarded-For` and `X-Forwarded-Host`; only behind a proxy that sets them.
    pub trust_proxy: bool,
    /// Other origins (`https://host[:port]`) whose pages may use the session cookie.
    pub allowed_origins: Vec<String>,
    /// How long a session lives without being used.
    pub session_ms: i64,
    /// How long a JWT lives, in seconds.
    pub jwt_seconds: i64,
    /// After how long a new signing key takes over.
    pub key_age_ms: i64,
    /// How long an authentication is kept, in milliseconds.
    pub cache_ms: i64,
    /// Requests per minute.
    pub limits: Limits,
}

const DAY_MS: i64 = 24 * 3600 * 1000;

impl Config {
    /// The defaults: sessions of 14 days, JWTs of an hour, signing keys of 30 days.
    pub fn new(master_key: MasterKey) -> Self {
        Self {
            master_key,
            issuer: "castalia".into(),
            tenant: "default".into(),
            cookie: "castalia_session".into(),
            secure_cookie: false,
            trust_proxy: false,
            allowed_origins: Vec::new(),
            session_ms: 14 * DAY_MS,
            jwt_seconds: 3600,
            key_age_ms: 30 * DAY_MS,
            cache_ms: 5000,
            limits: Limits::default(),
        }
    }
}
