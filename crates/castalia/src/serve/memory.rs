//! Memory that nobody uses any more goes back to the system: the C library keeps it otherwise, in as many heaps as it had
//! threads, until the same threads ask for it again (`bench/README.md`, a thousand rooms).
//!
//! Only `serve` does it; shims, keepers and `castalia proxy` are small and stay so.

use std::time::Duration;

/// Between two looks. One takes tenths of a millisecond when nothing happened, and some milliseconds after a rush.
const PAUSE: Duration = Duration::from_secs(5);

/// Lets all threads share so many heaps. For the beginning, before there are threads.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "the C library's settings are behind its own functions")]
pub(super) fn share_heaps(heaps: usize) {
    // SAFETY: it takes two numbers, and no thread but this one allocates yet.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, i32::try_from(heaps).unwrap_or(i32::MAX));
    }
}

/// Gives back what is free, for ever.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "the C library's memory is behind its own functions")]
pub(super) async fn give_back() {
    loop {
        tokio::time::sleep(PAUSE).await;
        // SAFETY: it takes a number, locks each heap by itself, and touches nothing that is in use.
        _ = tokio::task::spawn_blocking(|| unsafe { libc::malloc_trim(0) }).await;
    }
}

/// Other C libraries have one heap.
#[cfg(not(target_env = "gnu"))]
pub(super) fn share_heaps(_: usize) {}

/// Other C libraries give back by themselves.
#[cfg(not(target_env = "gnu"))]
pub(super) async fn give_back() {
    tokio::time::sleep(PAUSE).await;
}
