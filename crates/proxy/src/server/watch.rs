//! What a client's connection is doing, and since when; looked at by a timer that rings seldom.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Shared by the stream, the service and the timer of one connection.
#[derive(Debug)]
pub(crate) struct Watch {
    begun: Instant,
    /// Milliseconds since `begun`, plus one, at which the head that is being read began; 0 for none.
    head: AtomicU64,
    /// The same for when it became idle.
    idle: AtomicU64,
    /// The same for when the client stopped reading.
    stalled: AtomicU64,
    requests: AtomicUsize,
    /// On HTTP/2 bytes are not the begin of a head.
    many: bool,
}

/// How long a connection may be what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub(crate) head: Duration,
    pub(crate) idle: Duration,
    pub(crate) write: Duration,
}

impl Watch {
    pub(crate) fn new(many: bool) -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            head: AtomicU64::new(1),
            idle: AtomicU64::new(1),
            stalled: AtomicU64::new(0),
            requests: AtomicUsize::new(0),
            many,
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    pub(crate) fn read(&self) {
        if self.requests.load(Relaxed) == 0 && self.head.load(Relaxed) == 0 {
            self.head.store(self.now(), Relaxed);
        }
    }

    pub(crate) fn wrote(&self) {
        if self.stalled.load(Relaxed) != 0 {
            self.stalled.store(0, Relaxed);
        }
    }

    pub(crate) fn stalls(&self) {
        if self.stalled.load(Relaxed) == 0 {
            self.stalled.store(self.now(), Relaxed);
        }
    }

    pub(crate) fn request(&self) {
        self.requests.fetch_add(1, Relaxed);
        self.head.store(0, Relaxed);
    }

    pub(crate) fn answered(&self) {
        if self.requests.fetch_sub(1, Relaxed) == 1 {
            self.head.store(0, Relaxed);
            self.idle.store(self.now(), Relaxed);
        }
    }

    /// Why the connection must be closed, if it must.
    fn overdue(&self, patience: Patience) -> Option<&'static str> {
        let now = self.now();
        let over = |since: &AtomicU64, limit: Duration| {
            let since = since.load(Relaxed);
            since != 0 && u128::from(now.saturating_sub(since)) >= limit.as_millis()
        };
        if over(&self.stalled, patience.write) {
            return Some("the client does not read");
        }
        if self.requests.load(Relaxed) > 0 {
            return None;
        }
        if !self.many && over(&self.head, patience.head) {
            return Some("the head of a request takes too long");
        }
        over(&self.idle, patience.idle).then_some("idle")
    }
}

/// A connection with its timer.
pub(crate) struct Watched<F> {
    connection: Pin<Box<F>>,
    watch: Arc<Watch>,
    patience: Patience,
    alarm: Pin<Box<Sleep>>,
}

impl<F> Watched<F> {
    pub(crate) fn new(connection: F, watch: Arc<Watch>, patience: Patience) -> Self {
        let alarm = Box::pin(tokio::time::sleep(step(patience)));
        Self { connection: Box::pin(connection), watch, patience, alarm }
    }

    pub(crate) fn connection(&mut self) -> Pin<&mut F> {
        self.connection.as_mut()
    }
}

fn step(patience: Patience) -> Duration {
    (patience.head.min(patience.idle).min(patience.write) / 3).max(Duration::from_millis(10))
}

impl<F: Future<Output = hyper::Result<()>>> Future for Watched<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if let Poll::Ready(ended) = this.connection.as_mut().poll(cx) {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection broke off");
            }
            return Poll::Ready(());
        }
        while this.alarm.as_mut().poll(cx).is_ready() {
            if let Some(why) = this.watch.overdue(this.patience) {
                tracing::debug!(why, "a connection is closed");
                return Poll::Ready(());
            }
            this.alarm.as_mut().reset(Instant::now() + step(this.patience));
        }
        Poll::Pending
    }
}
