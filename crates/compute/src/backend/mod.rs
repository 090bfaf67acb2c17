//! What every backend can do.

pub mod process;

use async_trait::async_trait;
use tokio::sync::broadcast;

use crate::log::{Limit, LogBatch, LogStream, Search, SearchHits};
use crate::{Error, Observed, StopRequest, UnitId, UnitSpec};

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
}
