//! What is going on behind a route: last activity, requests under way, open sockets.

use castalia_base::{Clock, Timestamp};
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering::Relaxed};
use tokio_util::sync::CancellationToken;

/// The counters of a route.
#[derive(Debug)]
pub(crate) struct Live {
    last_activity: AtomicI64,
    pub(crate) requests: AtomicUsize,
    pub(crate) sockets: AtomicUsize,
    pub(crate) total: AtomicU64,
    /// Ends the sockets that are open.
    pub(crate) close: std::sync::Mutex<CancellationToken>,
}

/// What is going on behind a route, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// When something happened that counts; the time at which the route was made when nothing has yet.
    pub last: Timestamp,
    /// Requests under way.
    pub requests: usize,
    /// Upgraded connections that are open.
    pub sockets: usize,
    /// Requests and upgrades since the route was made.
    pub total: u64,
}

impl Live {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            last_activity: AtomicI64::new(now.0),
            requests: AtomicUsize::new(0),
            sockets: AtomicUsize::new(0),
            total: AtomicU64::new(0),
            close: std::sync::Mutex::new(CancellationToken::new()),
        }
    }

    /// Notes activity now.
    pub(crate) fn touch(&self, clock: &Clock) {
        self.last_activity.fetch_max(clock.now().0, Relaxed);
    }

    pub(crate) fn seen(&self) -> Activity {
        Activity {
            last: Timestamp(self.last_activity.load(Relaxed)),
            requests: self.requests.load(Relaxed),
            sockets: self.sockets.load(Relaxed),
            total: self.total.load(Relaxed),
        }
    }
}
