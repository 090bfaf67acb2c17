//! Pools, transactions and the statements that run on them.

use crate::dialect;
use crate::error::convert;
use crate::param::{Param, Row};
use castalia_base::Error;
use sqlx::any::{AnyArguments, AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyPool, ConnectOptions, Connection, Executor, Transaction};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The default: one file, no set-up.
    Sqlite,
    /// For several replicas.
    Postgres,
}

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    engine: Engine,
    url: Arc<str>,
    write: AnyPool,
    read: AnyPool,
    committed: Arc<Notify>,
}

impl Db {
    /// Opens `postgres://…`, or `sqlite://PATH` (made when missing).
    ///
    /// # Errors
    /// `unavailable` when it can't be reached, `invalid` for another kind of URL.
    pub async fn open(url: &str) -> Result<Self, Error> {
        sqlx::any::install_default_drivers();
        let engine = match url.split(':').next() {
            Some("sqlite") => Engine::Sqlite,
            Some("postgres" | "postgresql") => Engine::Postgres,
            _ => {
                return Err(Error::invalid(
                    "invalid_database_url",
                    "the database must be sqlite://PATH or postgres://…",
                ));
            }
        };
        let options: AnyConnectOptions = url.parse().map_err(|e: sqlx::Error| {
            Error::invalid("invalid_database_url", "the database URL can't be read").with_source(e)
        })?;
        let options = options
            .log_statements(log::LevelFilter::Off)
            .log_slow_statements(log::LevelFilter::Warn, Duration::from_secs(1));
        let (write, read) = match engine {
            Engine::Sqlite => (pool(engine, &options, 1).await?, pool(engine, &options, 4).await?),
            Engine::Postgres => {
                let pool = pool(engine, &options, 16).await?;
                (pool.clone(), pool)
            }
        };
        Ok(Self { engine, url: url.into(), write, read, committed: Arc::new(Notify::new()) })
    }

    /// Opens the SQLite file at `path`.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub async fn open_file(path: &Path) -> Result<Self, Error> {
        Self::open(&format!("sqlite://{}?mode=rwc", path.display())).await
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }
    /// The URL it was opened with; it may hold a password, so it never goes to a log.
    pub fn url(&self) -> &str {
        &self.url
    }
    /// Fires after a commit of this process; one permit is kept, so one waiter misses nothing.
    pub fn committed(&self) -> Arc<Notify> {
        self.committed.clone()
    }
    /// A transaction that may write.
    ///
    /// # Errors
    /// `unavailable` when no connection is to be had in time.
    pub async fn begin(&self) -> Result<Tx, Error> {
        let inner = self.write.begin_with(dialect::begin_write(self.engine)).await.map_err(convert)?;
        Ok(Tx { inner, engine: self.engine, committed: self.committed.clone() })
    }
    /// Statements that only read, each on its own.
    pub fn read(&self) -> Reader {
        Reader(self.read.clone())
    }
    /// Connections open now, for the metrics.
    pub fn connections(&self) -> u32 {
        match self.engine {
            Engine::Sqlite => self.write.size() + self.read.size(),
            Engine::Postgres => self.write.size(),
        }
    }
    /// Closes all connections; on SQLite this also folds the WAL into the file.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

async fn pool(engine: Engine, options: &AnyConnectOptions, size: u32) -> Result<AnyPool, Error> {
    AnyPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(15))
        // A file does not hang up, so readers of one need no test; the writer's makes sure that a rollback
        // which was only begun is over before the next transaction.
        .test_before_acquire(engine == Engine::Postgres || size == 1)
        // SQLite ends a transaction by itself when the disk is full; the driver still counts it as open, and
        // would refuse every further one on this connection. Such a connection is replaced.
        .before_acquire(|connection, _| {
            let fit = !connection.is_in_transaction();
            Box::pin(async move { Ok(fit) })
        })
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(sqlx::raw_sql(dialect::on_connect(engine))).await?;
                Ok(())
            })
        })
        .connect_with(options.clone())
        .await
        .map_err(convert)
}

/// Statements, on a transaction or on the reading pool.
pub trait Sql: Send {
    /// Runs a statement; returns how many rows it changed.
    fn execute(
        &mut self,
        sql: &'static str,
        params: Vec<Param>,
    ) -> impl Future<Output = Result<u64, Error>> + Send;
    /// All rows of a statement.
    fn fetch_all(
        &mut self,
        sql: &'static str,
        params: Vec<Param>,
    ) -> impl Future<Output = Result<Vec<Row>, Error>> + Send;
    /// The first row of a statement, if there is one.
    fn fetch_optional(
        &mut self,
        sql: &'static str,
        params: Vec<Param>,
    ) -> impl Future<Output = Result<Option<Row>, Error>> + Send;
    /// The first row of a statement that always has one.
    fn fetch_one(
        &mut self,
        sql: &'static str,
        params: Vec<Param>,
    ) -> impl Future<Output = Result<Row, Error>> + Send {
        async move {
            self.fetch_optional(sql, params)
                .await?
                .ok_or_else(|| Error::internal("a statement that always has a row had none"))
        }
    }
}

fn bind(sql: &'static str, params: Vec<Param>) -> sqlx::query::Query<'static, Any, AnyArguments> {
    params.into_iter().fold(sqlx::query(sql), |query, param| match param {
        Param::Int(value) => query.bind(value),
        Param::Text(value) => query.bind(value),
        Param::Real(value) => query.bind(value),
        Param::Bytes(value) => query.bind(value),
    })
}

/// A transaction; dropped without [`Tx::commit`] it is rolled back.
#[derive(Debug)]
pub struct Tx {
    inner: Transaction<'static, Any>,
    engine: Engine,
    committed: Arc<Notify>,
}

impl Tx {
    /// Which database it runs on.
    pub fn engine(&self) -> Engine {
        self.engine
    }
    /// Makes everything of the transaction true at once.
    ///
    /// # Errors
    /// `unavailable`; the transaction may then have happened or not, as after a broken connection.
    pub async fn commit(self) -> Result<(), Error> {
        self.inner.commit().await.map_err(convert)?;
        self.committed.notify_one();
        Ok(())
    }
    /// Runs several statements without parameters.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn execute_script(&mut self, sql: &'static str) -> Result<(), Error> {
        (&mut *self.inner).execute(sqlx::raw_sql(sql)).await.map_err(convert)?;
        Ok(())
    }
}

impl Sql for Tx {
    async fn execute(&mut self, sql: &'static str, params: Vec<Param>) -> Result<u64, Error> {
        Ok((&mut *self.inner).execute(bind(sql, params)).await.map_err(convert)?.rows_affected())
    }
    async fn fetch_all(&mut self, sql: &'static str, params: Vec<Param>) -> Result<Vec<Row>, Error> {
        let rows = (&mut *self.inner).fetch_all(bind(sql, params)).await.map_err(convert)?;
        Ok(rows.into_iter().map(Row).collect())
    }
    async fn fetch_optional(&mut self, sql: &'static str, params: Vec<Param>) -> Result<Option<Row>, Error> {
        Ok((&mut *self.inner).fetch_optional(bind(sql, params)).await.map_err(convert)?.map(Row))
    }
}

/// Statements that only read. On SQLite a write here would compete with the one writer.
#[derive(Clone, Debug)]
pub struct Reader(AnyPool);

impl Sql for Reader {
    async fn execute(&mut self, sql: &'static str, params: Vec<Param>) -> Result<u64, Error> {
        Ok(self.0.execute(bind(sql, params)).await.map_err(convert)?.rows_affected())
    }
    async fn fetch_all(&mut self, sql: &'static str, params: Vec<Param>) -> Result<Vec<Row>, Error> {
        let rows = self.0.fetch_all(bind(sql, params)).await.map_err(convert)?;
        Ok(rows.into_iter().map(Row).collect())
    }
    async fn fetch_optional(&mut self, sql: &'static str, params: Vec<Param>) -> Result<Option<Row>, Error> {
        Ok(self.0.fetch_optional(bind(sql, params)).await.map_err(convert)?.map(Row))
    }
}
