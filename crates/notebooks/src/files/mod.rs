//! The file behind a document, and what it was before.
//!
//! The document is the truth and the `.ipynb` a checkpoint of it, written when people pause. The file may be changed by
//! others at any time: it is known by its digest, looked at before each write, and what somebody else did is merged
//! into the live document. How it stands is in the document's `file` for all to see.
//!
//! Invariants: a checkpoint replaces exactly the content that was looked at; it never has less than the file unless
//! people were seen deleting; a failure leaves file and document as they are, is shown, and tried again.

mod ancestor;
pub(crate) mod api;
mod checkpoint;
mod ground;
mod guard;
mod incoming;
mod outputs;
mod place;
pub(crate) mod service;
mod status;
mod store;
mod thin;
mod versions;
mod volume;
mod watch;
mod ways;
mod whole;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod whole_tests;

pub(crate) use ground::{Buckets, Ground};
pub(crate) use outputs::put_away;
pub use place::Pieces;
pub(crate) use service::Format;
pub(crate) use status::view as status_view;
pub use versions::{CellChange, HistoryCell, HistoryView, VersionKind, VersionView, WholeVersion};
pub(crate) use volume::identity;
pub use volume::{NewPlace, OpenFile, Volume, VolumeFile, VolumeFiles, VolumeView, Volumes};

use crate::room::Room;
use ancestor::Earlier;
use castalia_base::{Clock, tasks::Tasks};
use castalia_db::Db;
use guard::Witness;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// The name under which files write into documents.
const WHO: &str = "files";

/// When a changed document is written.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// So long after the last change.
    pub quiet: Duration,
    /// At the latest so long after the first.
    pub at_most: Duration,
    /// So long after a failure; twice as long after each further one, up to thirty times.
    pub retry: Duration,
    /// So long after a change the tissues are computed.
    pub graph: Duration,
    /// So often a file is looked at that other programs work with.
    pub look: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            quiet: Duration::from_secs(2),
            at_most: Duration::from_secs(10),
            retry: Duration::from_secs(2),
            graph: Duration::from_millis(200),
            look: Duration::from_secs(2),
        }
    }
}

/// The files of all open notebooks.
pub(crate) struct Files {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) tasks: Tasks,
    pub(crate) ground: Arc<dyn Ground>,
    pub(crate) timing: Timing,
    /// Bytes of outputs that automatic versions may keep when nothing else does.
    pub(crate) kept: u64,
    /// An output that is longer is in checkpoints with its beginning, in bytes; all are whole when it is 0.
    pub(crate) in_file: u64,
    open: Mutex<HashMap<String, Arc<Keeper>>>,
}

/// What is known of one open notebook's file.
pub(crate) struct Keeper {
    /// One checkpoint at a time.
    saving: tokio::sync::Mutex<()>,
    witness: Mutex<Witness>,
    /// The room that this looks after.
    room: Weak<Room>,
    /// What the file held before.
    earlier: Mutex<Earlier>,
    /// Other programs work with the file.
    shared: AtomicBool,
}

impl Keeper {
    fn witness(&self) -> MutexGuard<'_, Witness> {
        self.witness.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn earlier(&self) -> MutexGuard<'_, Earlier> {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_shared(&self) -> bool {
        self.shared.load(Ordering::Relaxed)
    }
}

impl Files {
    pub(crate) fn new(
        db: Db,
        clock: Clock,
        tasks: Tasks,
        ground: Arc<dyn Ground>,
        timing: Timing,
        (kept, in_file): (u64, u64),
    ) -> Arc<Self> {
        Arc::new(Self { db, clock, tasks, ground, timing, kept, in_file, open: Mutex::default() })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Arc<Keeper>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks after the file of a room from now on, until the room is closed.
    pub(crate) fn attach(self: &Arc<Self>, room: &Arc<Room>) {
        let keeper = self.keeper(room);
        let (files, changes, weak) = (self.clone(), room.subscribe(), Arc::downgrade(room));
        self.tasks.spawn("notebooks.file", async move { files.watch(keeper, weak, changes).await });
    }

    /// The keeper of a room.
    fn keeper(&self, room: &Arc<Room>) -> Arc<Keeper> {
        let mut open = self.open();
        if let Some(keeper) = open.get(room.id()).filter(|keeper| keeper.room.as_ptr() == Arc::as_ptr(room)) {
            return keeper.clone();
        }
        let witness = room.read(|txn| {
            let dirty = status::dirty_since(txn).is_some();
            Witness::begin(crate::document::shared::order(txn), dirty)
        });
        let keeper = Arc::new(Keeper {
            saving: tokio::sync::Mutex::default(),
            witness: Mutex::new(witness),
            room: Arc::downgrade(room),
            earlier: Mutex::default(),
            shared: AtomicBool::new(false),
        });
        open.insert(room.id().to_owned(), keeper.clone());
        keeper
    }

    /// The digest of a notebook's file as it was last seen.
    pub(crate) async fn last_seen(&self, id: &str) -> Result<Option<String>, castalia_base::Error> {
        Ok(store::baseline(&mut self.db.read(), id).await?.sha256)
    }

    fn detach(&self, id: &str, keeper: &Arc<Keeper>) {
        let mut open = self.open();
        if open.get(id).is_some_and(|there| Arc::ptr_eq(there, keeper)) {
            open.remove(id);
        }
    }
}

/// Notes what a new notebook's file holds that was there before it.
///
/// # Errors
/// Whatever the database says.
pub(crate) async fn settle_first(
    tx: &mut castalia_db::Tx,
    id: &str,
    file: &str,
    sha256: &str,
    mut content: crate::document::Notebook,
    now: castalia_base::Timestamp,
) -> Result<(), castalia_base::Error> {
    outputs::forget(&mut content);
    store::settle(tx, id, file, sha256, &content, now).await
}
