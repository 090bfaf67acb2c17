//! Database failures as [`castalia_base::Error`].

use castalia_base::{Error, Kind};

const UNIQUE: &str = "unique_violation";

/// Whether the statement failed because such a row exists already.
pub fn is_unique_violation(error: &Error) -> bool {
    error.code() == UNIQUE
}

pub(crate) fn convert(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(db) if db.is_unique_violation() => {
            Error::conflict(UNIQUE, "such an entry exists already").with_source(error)
        }
        sqlx::Error::Database(db) if is_disk_full(db.as_ref()) => Error::new(
            Kind::Unavailable,
            "disk_full",
            "the database's disk is full; free some space and try again",
        )
        .with_source(error),
        sqlx::Error::Database(db) if is_transient(db.as_ref()) => {
            Error::unavailable("the database is busy or restarting; try again").with_source(error)
        }
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed => {
            Error::unavailable("the database can't be reached; try again").with_source(error)
        }
        _ => Error::internal(error),
    }
}

fn is_disk_full(error: &dyn sqlx::error::DatabaseError) -> bool {
    // SQLite 13 = SQLITE_FULL (sqlite.org/rescode.html); PostgreSQL 53100 = disk_full.
    matches!(error.code().as_deref(), Some("13" | "53100"))
}

fn is_transient(error: &dyn sqlx::error::DatabaseError) -> bool {
    let code = error.code();
    let code = code.as_deref().unwrap_or_default();
    // SQLite BUSY and LOCKED with their extended codes; PostgreSQL: connection (08), operator
    // intervention (57P: shutdown, starting up), serialisation and deadlock (40).
    matches!(code, "5" | "6" | "261" | "517" | "262")
        || code.starts_with("08")
        || code.starts_with("57P")
        || code.starts_with("40")
}
