//! The loop that admits: on a nudge and on a timer, whatever is queued and fits.

use crate::Service;
use crate::admission::{Admitted, Candidate, Limits, Use, decide};
use crate::lifecycle::process_event;
use crate::store;
use castalia_base::Error;
use castalia_events::append;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const PAGE: usize = 256;
/// At most this many queued versions are looked at in one turn; the rest waits for the next.
const PAGES: usize = 40;

pub(crate) async fn run(service: Arc<Service>) {
    loop {
        if let Err(error) = service.admit_now().await {
            tracing::warn!(error = error.chain(), "admission failed; trying again");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        tokio::select! {
            () = service.admit.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
    }
}

impl Service {
    /// Admits what fits now.
    async fn admit_now(&self) -> Result<(), Error> {
        // A look without the writer's lock first: most wake-ups find nothing to do.
        if store::candidates(&mut self.db.read(), 1, 0).await?.is_empty() {
            return Ok(());
        }
        let ctx = self.system();
        let mut tx = self.db.begin().await?;
        store::lock(&mut tx).await?;
        let mut in_use = store::in_use(&mut tx).await?;
        let mut limits = BTreeMap::new();
        let mut admitted = Vec::new();
        for page in 0..PAGES {
            if in_use.values().map(|u| u.running).sum::<u64>() >= self.capacity.running {
                break;
            }
            let candidates = store::candidates(&mut tx, PAGE, page * PAGE).await?;
            let turn = self.choose(&mut tx, &candidates, &mut limits, &mut in_use).await?;
            admitted.extend(turn.chosen.into_iter().map(|n| candidates[n].clone()));
            if turn.closed || candidates.len() < PAGE {
                break;
            }
        }
        let mut events = Vec::new();
        for candidate in &admitted {
            let Some(v) = store::version(&mut tx, &candidate.process, candidate.version).await? else {
                continue;
            };
            let scope = v.run_scope(ctx.now(), limits.get(&v.project_id).and_then(|l| l.storage_mb))?;
            let access_key = self.storage.credentials(&mut tx, &scope).await?.access_key;
            if store::admit(&mut tx, candidate, &access_key).await? {
                events.push(process_event(&v, "process.starting", json!({"state": "starting"})));
            } else {
                // Cancelled in this very moment.
                self.storage.revoke(&mut tx, &scope.process, scope.version).await?;
            }
        }
        append(&mut tx, &ctx, events).await?;
        tx.commit().await?;
        self.fault("admitted");
        for candidate in &admitted {
            self.nudge(&store::unit_name(&candidate.process, candidate.version));
        }
        Ok(())
    }

    async fn choose(
        &self,
        tx: &mut castalia_db::Tx,
        candidates: &[Candidate],
        limits: &mut BTreeMap<String, Limits>,
        in_use: &mut BTreeMap<String, Use>,
    ) -> Result<Admitted, Error> {
        for candidate in candidates {
            if !limits.contains_key(&candidate.project) {
                let of = self.projects.get(tx, &candidate.project).await?.limits;
                let of = Limits {
                    running: of.max_running,
                    cpu_millis: of.cpu_millis,
                    memory_mb: of.memory_mb,
                    storage_mb: of.storage_mb,
                };
                limits.insert(candidate.project.clone(), of);
            }
        }
        let turn = decide(&self.capacity, limits, in_use, candidates);
        for n in &turn.chosen {
            in_use.entry(candidates[*n].project.clone()).or_default().add(&candidates[*n].resources);
        }
        Ok(turn)
    }
}
