//! Every background task has an owner: one shutdown token, one tracker, a drain with a limit.

use std::future::Future;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The owner of background tasks. Cheap to clone; all clones share the token and the tracker.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// A new owner.
    pub fn new() -> Self {
        Self::default()
    }
    /// The token that tells tasks to end.
    pub fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }
    /// Runs a task that watches the stop token itself.
    pub fn spawn<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tracker.spawn(async move {
            task.await;
            tracing::trace!(task = name, "task ended");
        });
    }
    /// Runs a task that is dropped at its next await when the owner stops.
    pub fn spawn_until_stop<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop.clone();
        self.spawn(name, async move {
            tokio::select! { () = stop.cancelled() => {}, () = task => {} }
        });
    }
    /// Tells all tasks to end and waits for them, at most `limit`. Returns whether all ended.
    pub async fn shutdown(&self, limit: Duration) -> bool {
        self.stop.cancel();
        self.tracker.close();
        tokio::time::timeout(limit, self.tracker.wait()).await.is_ok()
    }
}
