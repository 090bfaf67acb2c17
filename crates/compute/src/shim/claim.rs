//! At most one run per unit: the lock says who lives, the claim says that the one run was taken.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::thread::sleep;
use std::time::Duration;

use rustix::fs::{FlockOperation, fcntl_lock};

use crate::Error;
use crate::folder::Folder;

/// What became of the attempt. The file holds the lock until it is dropped.
pub(super) enum Claim {
    /// We run the unit.
    Ours(File),
    /// Somebody claimed the run and died before recording an end.
    Dead(File),
    /// Somebody else runs it, or it has ended.
    Taken,
}

pub(super) fn take(folder: &Folder) -> Result<Claim, Error> {
    let path = folder.path("lock");
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let lock = open.map_err(|e| Error::io("open the lock", e))?;
    if !locked(&lock)? {
        return Ok(Claim::Taken);
    }
    if folder.has("exit.json") {
        // Ended, or given up by the server before anybody claimed it.
        return Ok(Claim::Taken);
    }
    let claim = OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.path("claim"));
    match claim {
        Ok(_) => Ok(Claim::Ours(lock)),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(Claim::Dead(lock)),
        Err(e) => Err(Error::io("claim the run", e)),
    }
}

/// Tries for a moment, because a second shim of the same unit may hold the lock only to find that it is late.
fn locked(lock: &File) -> Result<bool, Error> {
    for _ in 0..40 {
        match fcntl_lock(lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(true),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => sleep(Duration::from_millis(5)),
            Err(e) => return Err(Error::io("lock the unit", e)),
        }
    }
    Ok(false)
}
