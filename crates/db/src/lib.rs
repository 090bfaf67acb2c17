//! Rows: one SQL text for SQLite and PostgreSQL, transactions, migrations.
//!
//! Portable SQL means `$1` parameters, text ids, integer milliseconds, booleans as 0/1, JSON as text,
//! `RETURNING` and `ON CONFLICT`. What can't be said portably is a function in [`dialect`].
//!
//! On SQLite all writes go through one connection (so they queue instead of failing with “database is
//! locked”) and reads through a pool of their own; on PostgreSQL both share one pool. A task must never
//! begin a second transaction while it holds one: on SQLite it would wait for itself.

pub mod dialect;
mod error;
mod migrate;
mod param;
mod pool;

pub use error::is_unique_violation;
pub use migrate::{Migration, Migrations};
pub use param::{Param, Row};
pub use pool::{Db, Engine, Reader, Sql, Tx};
