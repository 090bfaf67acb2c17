//! Attending to a running unit: refresh the table when its shim says so, and act when the shim is gone.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Weak};

use rustix::process::{Pid, PidfdFlags, WaitId, WaitIdOptions, pidfd_open, waitid};
use tokio::io::unix::AsyncFd;

use super::Inner;
use super::readable::readable;
use crate::folder::Folder;
use crate::{Cause, Error, Exit, Observed, Phase, UnitId, clock, lost};

/// Shims that may die before they claim the run until the unit is given up.
const PATIENCE: u32 = 3;

/// Watches a shim until it is gone. `ours` says that it is our child, which must be reaped.
pub(super) fn watch(inner: &Arc<Inner>, id: &UnitId, shim: Pid, ours: bool) -> Result<(), Error> {
    let doing = || format!("watch the shim of {id}");
    let pidfd = pidfd_open(shim, PidfdFlags::NONBLOCK).map_err(|e| Error::io(doing(), e))?;
    let pidfd = readable(pidfd).map_err(|e| Error::io(doing(), e))?;
    let (weak, id) = (Arc::downgrade(inner), id.clone());
    tokio::spawn(until_gone(weak, id, pidfd, ours));
    Ok(())
}

async fn until_gone(inner: Weak<Inner>, id: UnitId, pidfd: AsyncFd<OwnedFd>, ours: bool) {
    // An error here could only mean that the runtime shuts down.
    if pidfd.readable().await.is_err() {
        return;
    }
    if ours {
        let _ = waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
    }
    let Some(inner) = inner.upgrade() else { return };
    let runtime = tokio::runtime::Handle::current();
    let gone = tokio::task::spawn_blocking(move || {
        let _guard = runtime.enter();
        if let Err(error) = shim_gone(&inner, &id) {
            tracing::error!(unit = %id, %error, "could not settle a unit whose shim is gone");
        }
    });
    let _ = gone.await;
}

/// Settles a unit whose shim has gone: ended, lost, taken over by another shim, or to be started again.
fn shim_gone(inner: &Arc<Inner>, id: &UnitId) -> Result<(), Error> {
    let ended = |o: &Observed| matches!(o.phase, Phase::Ended(_));
    if inner.lock_table().get(id).is_none_or(ended) {
        return Ok(());
    }
    let folder = inner.folder(id);
    if let Some(holder) = folder.holder() {
        return watch(inner, id, holder, false);
    }
    settle(inner, id, &folder)?;
    inner.refresh(id);
    Ok(())
}

/// Brings the folder of a unit without a shim into a state that can be told.
pub(super) fn settle(inner: &Inner, id: &UnitId, folder: &Folder) -> Result<(), Error> {
    if folder.has("exit.json") {
        return Ok(());
    }
    let Some(unit) = folder.unit()? else { return Ok(()) };
    if folder.has("claim") {
        return lost::settle(folder, &unit, "its shim was killed, so nobody saw how it ended");
    }
    if inner.lock_table().failed(id) < PATIENCE {
        return Ok(());
    }
    let told = std::fs::read_to_string(folder.path("shim.err")).unwrap_or_default();
    let why = format!("the shim failed {PATIENCE} times {}", told.trim());
    folder.write("exit.json", &Exit::without_run(Cause::NotStarted { why }, clock::now_ms()))
}

impl Inner {
    /// Reads a unit's folder into the table and tells the watchers if it changed.
    pub(super) fn refresh(&self, id: &UnitId) {
        let Some(before) = self.lock_table().get(id).cloned() else {
            return;
        };
        if matches!(before.phase, Phase::Ended(_)) {
            return;
        }
        let mut now = before.clone();
        if let Err(error) = look(&self.folder(id), &mut now) {
            tracing::error!(unit = %id, %error, "could not read a unit's folder");
            return;
        }
        if now != before {
            self.lock_table().renew(now);
            self.tell(id);
        }
    }
}

/// Reads phase, progress and usage. The end is looked at first, since what is there then is final.
pub(super) fn look(folder: &Folder, observed: &mut Observed) -> Result<(), Error> {
    let exit = folder.exit()?;
    if let Some(status) = folder.status()? {
        observed.progress = status.progress;
        observed.usage = status.usage;
    }
    if let Some(exit) = exit {
        observed.usage = exit.usage;
        observed.phase = Phase::Ended(exit);
    } else if let Some(started) = folder.started()? {
        observed.phase = Phase::Running { pid: started.pid, since: started.at };
    } else {
        let attended = folder.has("claim") || folder.holder().is_some();
        observed.phase = if attended { Phase::Starting } else { Phase::Pending };
    }
    Ok(())
}
