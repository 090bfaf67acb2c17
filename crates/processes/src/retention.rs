//! How long things are kept.

use crate::Service;
use crate::store;
use castalia_base::Error;
use std::sync::Arc;
use std::time::Duration;

const DAY_MS: i64 = 86_400_000;
const PAGE: usize = 200;

/// How long things are kept, in days; `None` means for ever.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Logs of ended versions.
    pub logs_days: Option<u32>,
    /// The log of events, and with it the audit trail.
    pub events_days: Option<u32>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { logs_days: Some(180), events_days: Some(365) }
    }
}

pub(crate) async fn run(service: Arc<Service>) {
    // Soon after the start, for servers that do not live for hours; not at once, when there is other work.
    let mut wait = Duration::from_secs(60);
    loop {
        tokio::time::sleep(wait).await;
        wait = Duration::from_secs(3600);
        if let Err(error) = service.retain().await {
            tracing::warn!(error = error.chain(), "old data could not be removed; trying again in an hour");
        }
    }
}

impl Service {
    /// Removes what is older than its time. Returns how many logs went.
    ///
    /// # Errors
    /// Whatever the database or the storage says.
    pub async fn retain(&self) -> Result<u64, Error> {
        let now = self.clock.now();
        let mut removed = 0;
        if let Some(days) = self.config.retention.logs_days {
            let before = now.plus_ms(-i64::from(days) * DAY_MS);
            loop {
                let old = store::old_logs(&mut self.db.read(), before, PAGE).await?;
                for v in &old {
                    self.storage
                        .delete_prefix(&v.bucket(None)?, &crate::logs::prefix(&v.process, v.version))
                        .await?;
                    let mut tx = self.db.begin().await?;
                    store::forget_log(&mut tx, &v.process, v.version).await?;
                    tx.commit().await?;
                    removed += 1;
                }
                if old.len() < PAGE {
                    break;
                }
            }
        }
        if let Some(days) = self.config.retention.events_days {
            castalia_events::prune(&self.db, now.plus_ms(-i64::from(days) * DAY_MS)).await?;
        }
        Ok(removed)
    }
}
