//! What storage does, apart from how it is asked.

mod chunk_sum;
mod credentials;
mod datasets;
mod internal;
mod lineage;
mod listing;
mod multipart;
mod objects;
mod previews;
mod removal;
mod resolve;
mod samples;
mod sessions;
mod structures;
mod sweep;
mod uploads;

use crate::blobs::Blobs;
use crate::config::Config;
use crate::model::{Bucket, Buckets, InUse};
use crate::staging::Staging;
use castalia_base::{Clock, Ctx, Error};
use castalia_db::Db;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, Semaphore};

pub(crate) use chunk_sum::{ChunkAlgorithm, ChunkSum};
pub use datasets::{DatasetDetail, DatasetFilter};
pub use lineage::{Lineage, LineageEdge, LineageNode};
pub(crate) use listing::{ListQuery, Listing};
pub(crate) use objects::{Along, OnlyIf, Write};
pub use samples::{GridQuery, SeriesQuery};
pub(crate) use sessions::Progress;
pub use uploads::{UploadFilter, UploadOptions};

/// What storage needs from others.
pub struct Deps {
    /// The database, migrated.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Where buckets are looked up.
    pub buckets: Arc<dyn Buckets>,
}

/// Storage.
pub struct Service {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) config: Config,
    pub(crate) blobs: Blobs,
    pub(crate) staging: Staging,
    buckets: Arc<dyn Buckets>,
    in_use: OnceLock<Arc<dyn InUse>>,
    keys: KeyLocks,
    sessions: KeyLocks,
    /// How many files are read for series and grids at once: each takes a processor.
    samples: Arc<Semaphore>,
}

impl Service {
    /// Opens the folders; [`Service::sweep`] cleans up behind an earlier life.
    ///
    /// # Errors
    /// `internal` or `disk_full` when the folders can't be made.
    pub fn open(config: Config, deps: Deps) -> Result<Arc<Self>, Error> {
        let staging = Staging::open(config.data.join("staging"))?;
        let blobs = Blobs::open(&config.blobs, &config.data)?;
        Ok(Arc::new(Self {
            db: deps.db,
            clock: deps.clock,
            buckets: deps.buckets,
            config,
            blobs,
            staging,
            in_use: OnceLock::new(),
            keys: KeyLocks::new(),
            sessions: KeyLocks::new(),
            samples: Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from))),
        }))
    }

    /// Says who knows what is needed by queued and running versions. The first call counts.
    pub fn set_in_use(&self, in_use: Arc<dyn InUse>) {
        if self.in_use.set(in_use).is_err() {
            tracing::debug!("the hook that knows what is in use was set twice");
        }
    }

    /// The bucket of a project in which the caller has `permission`.
    pub(crate) async fn bucket(&self, ctx: &Ctx, permission: &str, project: &str) -> Result<Bucket, Error> {
        let found = self.buckets.find(project).await?;
        let bucket = found.ok_or_else(|| Error::not_found("project", project))?;
        ctx.require(permission, bucket.project.as_str(), "project", project)?;
        Ok(bucket)
    }

    /// The bucket of a project that is known to exist.
    pub(crate) async fn bucket_of(&self, project: &str) -> Result<Bucket, Error> {
        self.buckets.find(project).await?.ok_or_else(|| Error::not_found("project", project))
    }

    /// Refuses when a queued or running version needs the input.
    pub(crate) async fn refuse_in_use(&self, bucket: &Bucket, input: &str) -> Result<(), Error> {
        let Some(hook) = self.in_use.get() else {
            return Ok(());
        };
        match hook.in_use(&bucket.project, input).await? {
            None => Ok(()),
            Some(who) => {
                Err(Error::conflict("in_use", format!("it is needed now: {who}; wait for it or cancel it")))
            }
        }
    }
}

/// Locks by name. Two names may share a lock, so a task never holds two.
struct KeyLocks(Vec<RwLock<()>>);

impl KeyLocks {
    fn new() -> Self {
        Self((0..256).map(|_| RwLock::new(())).collect())
    }
    fn of(&self, project: &str, name: &str) -> &RwLock<()> {
        let mut hasher = DefaultHasher::new();
        (project, name).hash(&mut hasher);
        &self.0[(hasher.finish() % 256) as usize]
    }
    async fn read(&self, project: &str, name: &str) -> RwLockReadGuard<'_, ()> {
        self.of(project, name).read().await
    }
    async fn write(&self, project: &str, name: &str) -> RwLockWriteGuard<'_, ()> {
        self.of(project, name).write().await
    }
}
