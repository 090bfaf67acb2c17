//! The tables of this crate and the statements on them.

pub(crate) mod brakes;
pub(crate) mod keys;
pub(crate) mod oauth;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod setup;
pub(crate) mod tokens;
pub(crate) mod users;

use castalia_base::Error;
use castalia_db::{Migration, Migrations};

/// The tables of this crate.
pub const MIGRATIONS: Migrations = Migrations {
    capability: "identity",
    steps: &[
        Migration { name: "0001_init", sql: include_str!("0001_init.sql") },
        Migration { name: "0002_oauth", sql: include_str!("0002_oauth.sql") },
        Migration { name: "0003_program_tokens", sql: include_str!("0003_program_tokens.sql") },
    ],
};

/// A list of words stored as JSON.
pub(crate) fn words(text: &str) -> Result<Vec<String>, Error> {
    Ok(serde_json::from_str(text)?)
}

pub(crate) fn to_json(words: &[String]) -> String {
    serde_json::json!(words).to_string()
}
