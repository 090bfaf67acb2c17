//! What every backend can do.

pub mod process;

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::broadcast;

use crate::health::Outcome;
use crate::log::{Limit, LogBatch, LogStream, Search, SearchHits};
use crate::{Error, Observed, StopRequest, UnitId, UnitSpec};

/// How a command that ran beside a unit came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Executed {
    /// By itself.
    Ended {
        /// Exit code; none when a signal ended it.
        code: Option<i32>,
        /// The last of what it said.
        output: String,
    },
    /// It was killed when its time was over.
    TimedOut,
}

/// A place where units run.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Makes the unit run, at most once per id, ever: calling it again is a no-op, also after a crash of the server.
    async fn start(&self, spec: &UnitSpec) -> Result<(), Error>;

    /// Every unit of our installation, ended ones included until they are removed.
    async fn list(&self) -> Result<Vec<Observed>, Error>;

    /// One unit; none when it is not known here.
    async fn observe(&self, id: &UnitId) -> Result<Option<Observed>, Error>;

    /// The ids of units that changed. A receiver that lagged should [`list`](Self::list).
    fn watch(&self) -> broadcast::Receiver<UnitId>;

    /// Log lines after `after`.
    async fn logs(&self, id: &UnitId, after: u64, limit: Limit) -> Result<LogBatch, Error>;

    /// Log lines after `after`, and all that follow until the unit has ended.
    async fn follow(&self, id: &UnitId, after: u64) -> Result<LogStream, Error>;

    /// Log lines that match.
    async fn search(&self, id: &UnitId, search: &Search) -> Result<SearchHits, Error>;

    /// Ends the unit: SIGTERM, the grace, SIGKILL. Durable once it returns; a no-op on an ended unit. Asking again
    /// may shorten the grace.
    async fn stop(&self, id: &UnitId, stop: StopRequest) -> Result<(), Error>;

    /// Forgets an ended unit and deletes what it left. A no-op when it is not known.
    async fn remove(&self, id: &UnitId) -> Result<(), Error>;

    /// Runs a command where the unit runs, with its environment, for at most `limit`.
    async fn execute(&self, id: &UnitId, _: &[String], _: Duration) -> Result<Executed, Error> {
        Err(Error::Unavailable(format!("this backend runs no commands beside {id}")))
    }

    /// What the backend itself found out about a unit's health; none where it does not judge that.
    async fn health(&self, _: &UnitId) -> Result<Option<Outcome>, Error> {
        Ok(None)
    }

    /// Bytes of memory that a running unit uses now, without what the kernel can take back; none when not known.
    async fn memory(&self, _: &UnitId) -> Result<Option<u64>, Error> {
        Ok(None)
    }

    /// TCP ports on which a running unit listens, ascending; empty when not known.
    async fn listening(&self, _: &UnitId) -> Result<Vec<u16>, Error> {
        Ok(Vec::new())
    }
}
