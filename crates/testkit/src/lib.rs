//! What tests share: databases of both engines, personas, a fixed clock.
//!
//! PostgreSQL is the server at `CASTALIA_TEST_POSTGRES`, which `make test` starts; each test gets a database
//! of its own there. Without it the PostgreSQL half of a test says that it was skipped.

use castalia_base::{Clock, Ctx, Grants, Principal, Timestamp};
use castalia_db::{Db, Migrations};
use std::collections::BTreeMap;
use tempfile::TempDir;

#[doc(hidden)]
pub use tokio;

/// A database that is gone with the test.
pub struct TestDb {
    /// The database, migrated.
    pub db: Db,
    _folder: Option<TempDir>,
}

/// A fresh SQLite file.
pub async fn sqlite(migrations: &[Migrations]) -> TestDb {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let db = Db::open_file(&folder.path().join("test.db")).await.expect("opens");
    db.migrate(migrations).await.expect("migrates");
    TestDb { db, _folder: Some(folder) }
}

/// The URL of a fresh PostgreSQL database, or `None` (said on stderr) when there is no server for tests.
pub async fn postgres_url() -> Option<String> {
    let Ok(admin) = std::env::var("CASTALIA_TEST_POSTGRES") else {
        eprintln!("skipped on PostgreSQL: CASTALIA_TEST_POSTGRES is not set (`make test` sets it)");
        return None;
    };
    sqlx::any::install_default_drivers();
    let name = castalia_base::id::fresh("t").to_lowercase();
    let pool = sqlx::any::AnyPoolOptions::new()
        .max_connections(1)
        .connect(&admin)
        .await
        .expect("the test server answers");
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&pool)
        .await
        .expect("creates a database");
    pool.close().await;
    let (server, _) = admin.rsplit_once('/').expect("a URL with a database");
    Some(format!("{server}/{name}"))
}

/// A fresh PostgreSQL database.
pub async fn postgres(migrations: &[Migrations]) -> Option<TestDb> {
    let db = Db::open(&postgres_url().await?).await.expect("opens");
    db.migrate(migrations).await.expect("migrates");
    Some(TestDb { db, _folder: None })
}

/// Runs one async test on both engines: `both_engines!(name, MIGRATIONS, |db| async move { … });`
#[macro_export]
macro_rules! both_engines {
    ($name:ident, $migrations:expr, |$db:ident| $body:expr) => {
        mod $name {
            use super::*;
            async fn run($db: ::castalia_db::Db) {
                $body.await
            }
            #[$crate::tokio::test(
                crate = "castalia_testkit::tokio",
                flavor = "multi_thread",
                worker_threads = 2
            )]
            async fn sqlite() {
                let test = $crate::sqlite($migrations).await;
                run(test.db.clone()).await;
            }
            #[$crate::tokio::test(
                crate = "castalia_testkit::tokio",
                flavor = "multi_thread",
                worker_threads = 2
            )]
            async fn postgres() {
                if let Some(test) = $crate::postgres($migrations).await {
                    run(test.db.clone()).await;
                }
            }
        }
    };
}

/// A clock that stands at a known time.
pub fn clock() -> Clock {
    Clock::fixed(Timestamp(1_764_000_000_000))
}

/// A person with these patterns everywhere.
pub fn somebody(name: &str, global: &[&str]) -> Ctx {
    person(name, Grants { global: owned(global), ..Grants::default() })
}

/// A member of one project with these patterns in it.
pub fn member(name: &str, project: &str, patterns: &[&str]) -> Ctx {
    let projects = BTreeMap::from([(project.to_owned(), owned(patterns))]);
    person(name, Grants { projects, ..Grants::default() })
}

/// The platform itself.
pub fn system() -> Ctx {
    Ctx::system(clock())
}

fn owned(patterns: &[&str]) -> Vec<String> {
    patterns.iter().map(|p| (*p).to_owned()).collect()
}

fn person(name: &str, grants: Grants) -> Ctx {
    let principal =
        Principal { id: format!("user_{name}"), name: name.into(), roles: vec!["developer".into()], grants };
    Ctx::new(principal, clock(), "req_test")
}
