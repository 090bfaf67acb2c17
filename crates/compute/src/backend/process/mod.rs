//! The process backend: each unit under its shim, in a folder of its own below `units_dir`.
//!
//! The folders are the truth; the table in memory is a copy of them that is refreshed when a shim says so (a datagram)
//! or dies (a pidfd). So whatever the server missed while it was dead, the next [`ProcessBackend::open`] finds.

mod adopt;
mod attend;
mod config;
mod folders;
mod inotify;
mod inspect;
mod notify;
mod readable;
mod start;
mod table;

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::broadcast;

pub use config::ProcessConfig;

use crate::backend::{Backend, Executed};
use crate::folder::Folder;
use crate::limits::CgroupPlan;
use crate::log::{Limit, LogBatch, LogStream, Reader, Search, SearchHits};
use crate::sandbox::SandboxPlan;
use crate::{Error, Observed, Phase, StopRequest, UnitId, UnitSpec};
use inotify::FolderWatcher;
use table::Table;

/// Runs units as processes of this machine. Cheap to clone; needs a tokio runtime.
#[derive(Clone)]
pub struct ProcessBackend {
    inner: Arc<Inner>,
}

struct Inner {
    config: ProcessConfig,
    sandbox: Option<SandboxPlan>,
    cgroup: Option<CgroupPlan>,
    table: Mutex<Table>,
    changed: broadcast::Sender<UnitId>,
    followers: FolderWatcher,
    /// Folders below `units_dir` that are not ours to touch.
    foreign: Vec<PathBuf>,
    /// Serialises what writes `stop.json`, whose temporary name is shared.
    stopping: Mutex<()>,
    /// Held for our life, so that no second server works on the same folder.
    _lock: File,
}

impl ProcessBackend {
    /// Opens the folder and re-adopts what is in it. Must be called within a tokio runtime.
    pub async fn open(config: ProcessConfig) -> Result<Self, Error> {
        let runtime = tokio::runtime::Handle::current();
        blocking(move || {
            let _guard = runtime.enter();
            adopt::open(config).map(|inner| ProcessBackend { inner })
        })
        .await
    }

    /// Folders below `units_dir` that belong to nobody we know; they are left alone.
    pub fn foreign(&self) -> &[PathBuf] {
        &self.inner.foreign
    }

    /// True when units are run in a sandbox.
    pub fn sandboxed(&self) -> bool {
        self.inner.sandbox.is_some()
    }

    /// True when memory and processor are limited by the kernel.
    pub fn has_cgroups(&self) -> bool {
        self.inner.cgroup.is_some()
    }

    /// Where the log of a unit is, for sealing it into an object store: `log.jsonl` and `log.idx`.
    pub fn log_files(&self, id: &UnitId) -> (PathBuf, PathBuf) {
        let folder = self.inner.folder(id);
        (folder.log(), folder.log_index())
    }

    /// The working folder of a unit.
    pub fn work_dir(&self, id: &UnitId) -> PathBuf {
        self.inner.folder(id).work()
    }

    fn reader(&self, id: &UnitId) -> Result<Reader, Error> {
        let folder = self.inner.known(id)?;
        Reader::of_folder(&folder).map_err(|e| Error::io(format!("open the log of {id}"), e))
    }
}

impl Inner {
    fn folder(&self, id: &UnitId) -> Folder {
        Folder::at(self.config.units_dir.join(id.as_str()))
    }

    fn known(&self, id: &UnitId) -> Result<Folder, Error> {
        match self.lock_table().get(id) {
            Some(_) => Ok(self.folder(id)),
            None => Err(Error::NotFound(id.clone())),
        }
    }

    /// A panic while the table was held cannot leave it half-changed: every change is one assignment.
    fn lock_table(&self) -> std::sync::MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn tell(&self, id: &UnitId) {
        // Nobody listening is fine.
        let _ = self.changed.send(id.clone());
    }
}

#[async_trait]
impl Backend for ProcessBackend {
    async fn start(&self, spec: &UnitSpec) -> Result<(), Error> {
        spec.check()?;
        let (inner, spec) = (self.inner.clone(), spec.clone());
        let runtime = tokio::runtime::Handle::current();
        blocking(move || {
            let _guard = runtime.enter();
            start::start(&inner, spec)
        })
        .await
    }

    async fn list(&self) -> Result<Vec<Observed>, Error> {
        Ok(self.inner.lock_table().all())
    }

    async fn observe(&self, id: &UnitId) -> Result<Option<Observed>, Error> {
        Ok(self.inner.lock_table().get(id).cloned())
    }

    fn watch(&self) -> broadcast::Receiver<UnitId> {
        self.inner.changed.subscribe()
    }

    async fn logs(&self, id: &UnitId, after: u64, limit: Limit) -> Result<LogBatch, Error> {
        let read = self.reader(id)?.read(after, limit).await;
        read.map_err(|e| Error::io(format!("read the log of {id}"), e))
    }

    async fn follow(&self, id: &UnitId, after: u64) -> Result<LogStream, Error> {
        let folder = self.inner.known(id)?;
        let stream = self.inner.followers.hub(folder)?.subscribe(after);
        stream.map_err(|e| Error::io(format!("follow the log of {id}"), e))
    }

    async fn search(&self, id: &UnitId, search: &Search) -> Result<SearchHits, Error> {
        let found = self.reader(id)?.search(search).await;
        found.map_err(|e| Error::io(format!("search the log of {id}"), e))
    }

    async fn stop(&self, id: &UnitId, stop: StopRequest) -> Result<(), Error> {
        let (inner, id) = (self.inner.clone(), id.clone());
        let runtime = tokio::runtime::Handle::current();
        blocking(move || {
            let _guard = runtime.enter();
            inner.stop(&id, stop)
        })
        .await
    }

    async fn remove(&self, id: &UnitId) -> Result<(), Error> {
        let (inner, id) = (self.inner.clone(), id.clone());
        blocking(move || inner.remove(&id)).await
    }

    async fn execute(&self, id: &UnitId, argv: &[String], limit: Duration) -> Result<Executed, Error> {
        let folder = self.inner.known(id)?;
        inspect::execute(&folder, argv, limit).await
    }

    async fn memory(&self, id: &UnitId) -> Result<Option<u64>, Error> {
        let folder = self.inner.known(id)?;
        blocking(move || inspect::memory(&folder)).await
    }

    async fn listening(&self, id: &UnitId) -> Result<Vec<u16>, Error> {
        let folder = self.inner.known(id)?;
        blocking(move || Ok(inspect::listening(&folder))).await
    }
}

impl Inner {
    fn stop(self: &Arc<Self>, id: &UnitId, stop: StopRequest) -> Result<(), Error> {
        let _one = self.stopping.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let folder = self.known(id)?;
        let now = self.lock_table().get(id).cloned();
        let Some(now) = now.filter(|now| !matches!(now.phase, Phase::Ended(_))) else {
            return Ok(());
        };
        if now.stopping.as_ref().is_none_or(|before| stop.grace < before.grace) {
            folder.write("stop.json", &stop)?;
            folder.poke();
            self.lock_table().update(id, |observed| observed.stopping = Some(stop));
        }
        if now.phase == Phase::Pending {
            // Its shim will find the wish, and record that the unit was stopped before it ran.
            start::attend_again(self, id)?;
        }
        Ok(())
    }

    fn remove(&self, id: &UnitId) -> Result<(), Error> {
        match self.lock_table().get(id) {
            None => return Ok(()),
            Some(observed) if !matches!(observed.phase, Phase::Ended(_)) => {
                return Err(Error::NotEnded(id.clone()));
            }
            Some(_) => {}
        }
        let trash = folders::discard(self.folder(id).root())?;
        self.lock_table().remove(id);
        folders::delete(&trash)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(e) => Err(Error::io("finish a task of the process backend", std::io::Error::other(e))),
    }
}
