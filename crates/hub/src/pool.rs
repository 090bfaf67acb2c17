//! The warm pool: workspaces that were started before anybody asked, and wait for the first who does.
//!
//! Only programs that need not know whom they serve can wait. One that waits has no owner and no token, and is claimed
//! in one statement, so that two who ask never get the same.

use crate::Service;
use crate::model::{State, WorkspaceId};
use crate::service::workspace_event;
use crate::store::{self, New, WorkspaceRow};
use castalia_base::{Ctx, Error};
use castalia_db::Tx;
use castalia_events::append;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// How often the pool is compared with what it should be.
const EVERY: Duration = Duration::from_secs(5);
/// After a start that failed, the next is tried this much later, so that a broken service starts no storm.
const PAUSE_MS: i64 = 60_000;

pub(crate) async fn run(service: Arc<Service>) {
    loop {
        service.lease.wait().await;
        if let Err(error) = service.fill_pool().await {
            tracing::warn!(error = error.chain(), "the warm pool can't be filled; trying again");
        }
        let changed = service.changes();
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = changed.notified() => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

impl Service {
    /// Starts what is missing, ends what is too many, and clears away what failed.
    async fn fill_pool(&self) -> Result<(), Error> {
        let book = self.book();
        let ctx = self.system();
        let node = &self.config.installation;
        let mut waiting = store::unclaimed(&mut self.db.read(), None, node).await?;
        for w in waiting.extract_if(.., |w| matches!(w.state, State::Failed | State::Stopped)) {
            let old = w.ended_at.is_none_or(|at| ctx.now().ms_since(at) >= PAUSE_MS);
            if old || w.state == State::Stopped {
                self.forget_pooled(&ctx, &w).await?;
            }
        }
        for definition in book.iter().filter(|d| d.warm > 0 && self.why_unavailable(d).is_none()) {
            // Failed ones still count for a while: that is the pause.
            let all = store::unclaimed(&mut self.db.read(), Some(&definition.name), node).await?;
            let same = |w: &&WorkspaceRow| w.definition == *definition && w.state != State::Stopping;
            let there = all.iter().filter(same).count();
            for _ in there..definition.warm as usize {
                self.start_pooled(&ctx, definition).await?;
            }
        }
        for w in &waiting {
            let current = book.get(&w.service).filter(|d| **d == w.definition && d.warm > 0);
            let same = waiting
                .iter()
                .filter(|o| o.service == w.service && o.id < w.id && o.definition == w.definition);
            if current.is_none_or(|d| same.count() >= d.warm as usize) {
                self.stop_for(&ctx, w, "not needed in the warm pool", "pool").await?;
            }
        }
        Ok(())
    }

    async fn start_pooled(&self, ctx: &Ctx, definition: &crate::Definition) -> Result<(), Error> {
        let Some(profile) = definition.profile(None) else { return Ok(()) };
        let now = ctx.now();
        let w = WorkspaceRow::fresh(New {
            id: WorkspaceId::fresh().to_string(),
            name: crate::open::fresh_name("-pool", &definition.name),
            title: definition.title.clone(),
            owner: (String::new(), "-pool".into()),
            project_id: String::new(),
            node: self.config.installation.clone(),
            definition: definition.clone(),
            profile,
            created_at: now,
        });
        let mut tx = self.db.begin().await?;
        store::insert(&mut tx, &w).await?;
        store::add_stage(&mut tx, (&w.id, 1), "queued", Some("for the warm pool"), now).await?;
        tx.commit().await?;
        self.admit.notify_one();
        Ok(())
    }

    async fn forget_pooled(&self, ctx: &Ctx, w: &WorkspaceRow) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        store::delete(&mut tx, &w.id).await?;
        store::remove_stages(&mut tx, &w.id, i64::MAX).await?;
        tx.commit().await?;
        tracing::debug!(workspace = w.name, at = %ctx.now(), "left the warm pool");
        for folder in [self.volume_of(w), self.config.logs.join(&w.id)] {
            let _ = tokio::fs::remove_dir_all(folder).await;
        }
        Ok(())
    }

    /// Takes one that waits for the workspace about to be made. Returns the one that was taken, with its new owner.
    pub(crate) async fn claim(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        w: &WorkspaceRow,
    ) -> Result<Option<WorkspaceRow>, Error> {
        if w.definition.warm == 0 {
            return Ok(None);
        }
        for candidate in store::unclaimed(tx, Some(&w.service), &w.node).await? {
            let fits = candidate.definition == w.definition && candidate.profile == w.profile;
            if fits && store::claim(tx, &candidate.id, w, ctx.now()).await? {
                let now = ctx.now();
                store::add_stage(
                    tx,
                    (&candidate.id, candidate.run),
                    "claimed",
                    Some("it was ready before it was asked for"),
                    now,
                )
                .await?;
                let claimed = WorkspaceRow {
                    owner_id: w.owner_id.clone(),
                    owner_name: w.owner_name.clone(),
                    name: w.name.clone(),
                    title: w.title.clone(),
                    project_id: w.project_id.clone(),
                    ..candidate
                };
                let data = json!({"service": w.service, "title": w.title});
                let ready = json!({"state": "ready", "claimed": true, "url": self.prefix_of(&claimed)});
                let events = vec![
                    workspace_event(&claimed, "workspace.created", data),
                    workspace_event(&claimed, "workspace.ready", ready),
                ];
                append(tx, ctx, events).await?;
                metrics::counter!("castalia_workspaces_claimed_total").increment(1);
                return Ok(Some(claimed));
            }
        }
        Ok(None)
    }
}
