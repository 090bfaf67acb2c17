//! A service as its health monitor sees it.

use super::process::{Exit, ended};
use async_trait::async_trait;
use castalia_compute::health::{Outcome, Probe, Subject};
use std::time::Duration;
use tokio::sync::watch;

/// A program that was started here, or a service that somebody else runs.
pub(super) struct Watched {
    pub(super) probe: Probe,
    /// The end of its program; none when it is not ours.
    pub(super) exit: Option<watch::Receiver<Option<Exit>>>,
}

#[async_trait]
impl Subject for Watched {
    async fn started(&self) {}

    async fn ended(&self) -> String {
        match &self.exit {
            Some(exit) => ended(exit.clone()).await.how,
            None => std::future::pending().await,
        }
    }

    async fn attempt(&self, limit: Duration) -> Outcome {
        self.probe.run(limit).await
    }
}
