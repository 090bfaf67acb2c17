//! Waits on descriptors that tokio has no type for: pidfds and inotify.

use std::io;
use std::os::fd::OwnedFd;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Registers a descriptor for readability.
#[expect(unsafe_code, reason = "tokio asks for a promise that the descriptor stays open, which owning it is")]
pub(super) fn readable(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` owns its descriptor and always returns the same one; `AsyncFd` drops it after itself.
    let registered = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) };
    registered.map_err(|e| e.into_parts().1)
}
