//! The few places where SQLite and PostgreSQL do not speak alike.

use crate::Engine;

/// What a new connection is told before its first use.
pub(crate) fn on_connect(engine: Engine) -> &'static str {
    match engine {
        // NORMAL: a kill of the process loses nothing; a power cut may roll back the last commits, never
        // half of one.
        Engine::Sqlite => {
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=10000; \
             PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000"
        }
        Engine::Postgres => "SET TIME ZONE 'UTC'; SET statement_timeout = '30s'",
    }
}

/// Opens a transaction that will write.
pub(crate) fn begin_write(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => "BEGIN",
    }
}

/// Lets one replica migrate at a time. SQLite has one writer anyway.
pub(crate) fn lock_migrations(engine: Engine) -> Option<&'static str> {
    match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some("SELECT pg_advisory_xact_lock(7236487123)"),
    }
}

/// Wakes the other replicas; the payload is empty because they read the log themselves.
pub fn notify(engine: Engine) -> Option<&'static str> {
    match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some("NOTIFY castalia_events"),
    }
}
