//! Wakes the followers of logs: one inotify instance for all of them, since a user may have only 128.

use std::collections::HashMap;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

use super::readable::readable;
use crate::Error;
use crate::folder::Folder;
use crate::log::FollowHub;

/// Hands out one [`FollowHub`] per followed log.
pub(super) struct FolderWatcher {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    hubs: Mutex<HashMap<PathBuf, Weak<FollowHub>>>,
    /// By watch descriptor.
    wakes: Mutex<HashMap<i32, Weak<Notify>>>,
    fd: Mutex<Option<Arc<AsyncFd<OwnedFd>>>>,
}

impl FolderWatcher {
    pub(super) fn new() -> Self {
        FolderWatcher { shared: Arc::default() }
    }

    /// The hub of a unit's log, shared by all who follow it.
    pub(super) fn hub(&self, folder: Folder) -> Result<Arc<FollowHub>, Error> {
        let mut hubs = locked(&self.shared.hubs);
        hubs.retain(|_, hub| hub.strong_count() > 0);
        if let Some(hub) = hubs.get(folder.root()).and_then(Weak::upgrade) {
            return Ok(hub);
        }
        let wake = Arc::new(Notify::new());
        // Without a watch the hub looks by itself from time to time, which is only slower.
        if let Err(error) = self.watch(&folder, &wake) {
            tracing::warn!(%error, "cannot watch a log; following it will be slow");
        }
        let hub = FollowHub::new(folder.clone(), wake);
        hubs.insert(folder.root().to_path_buf(), Arc::downgrade(&hub));
        Ok(hub)
    }

    fn watch(&self, folder: &Folder, wake: &Arc<Notify>) -> std::io::Result<()> {
        let fd = self.descriptor()?;
        let mut wakes = locked(&self.shared.wakes);
        wakes.retain(|wd, wake| {
            let live = wake.strong_count() > 0;
            if !live {
                let _ = inotify::remove_watch(fd.get_ref(), *wd);
            }
            live
        });
        let flags = WatchFlags::MODIFY | WatchFlags::MOVED_TO | WatchFlags::CREATE | WatchFlags::MOVE_SELF;
        let wd = inotify::add_watch(fd.get_ref(), folder.root(), flags)?;
        wakes.insert(wd, Arc::downgrade(wake));
        Ok(())
    }

    fn descriptor(&self) -> std::io::Result<Arc<AsyncFd<OwnedFd>>> {
        let mut slot = locked(&self.shared.fd);
        if let Some(fd) = &*slot {
            return Ok(fd.clone());
        }
        let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let fd = Arc::new(readable(fd)?);
        tokio::spawn(wake_all(fd.clone(), Arc::downgrade(&self.shared)));
        *slot = Some(fd.clone());
        Ok(fd)
    }
}

/// Ends when the watcher is gone and something still happens; otherwise with the runtime.
async fn wake_all(fd: Arc<AsyncFd<OwnedFd>>, shared: Weak<Shared>) {
    loop {
        let Ok(mut ready) = fd.readable().await else {
            return;
        };
        ready.clear_ready();
        let Some(shared) = shared.upgrade() else { return };
        let mut buffer = [MaybeUninit::<u8>::uninit(); 16 * 1024];
        let mut events = Reader::new(fd.get_ref(), &mut buffer);
        let wakes = locked(&shared.wakes);
        while let Ok(event) = events.next() {
            if let Some(wake) = wakes.get(&event.wd()).and_then(Weak::upgrade) {
                wake.notify_one();
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
