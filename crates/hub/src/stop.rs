//! Stopping, starting anew, deleting.

use crate::Service;
use crate::access::Access;
use crate::model::{State, WorkspaceView};
use crate::service::workspace_event;
use crate::store::{self, End, WorkspaceRow};
use castalia_base::{Ctx, Error};
use castalia_events::append;
use serde_json::json;
use std::time::Duration;

/// How long a restart waits for the stop before it says that it goes on by itself.
const PATIENCE: Duration = Duration::from_secs(60);

impl Service {
    /// Stops a workspace: takes it out of the queue, or asks its program to end. Asking again changes nothing, unless the
    /// server that should carry it out does not answer: then the workspace is given up.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub async fn stop(&self, ctx: &Ctx, workspace: &str) -> Result<WorkspaceView, Error> {
        let (w, access) = self.find(ctx, workspace, "workspaces.manage", Access::Manage).await?;
        let asked = self.stop_for(ctx, &w, &format!("stopped by {}", ctx.principal().name), "asked").await?;
        if !asked && w.state == State::Stopping && self.out_of_reach(&w).await?.is_some_and(|e| e.lost) {
            self.give_up(ctx, &w).await?;
        }
        self.view(ctx, &w.id, access).await
    }

    /// Records as ended what was asked to stop and whose server does not come back to do it. Should it still run, its
    /// server reports it as an orphan when it comes back.
    async fn give_up(&self, ctx: &Ctx, w: &WorkspaceRow) -> Result<(), Error> {
        let name = &ctx.principal().name;
        let reason = format!("given up by {name}: the server that looked after it does not answer");
        let end = End {
            state: State::Failed,
            reason: &reason,
            code: "given_up",
            started_at: w.started_at,
            ended_at: ctx.now(),
            exit: None,
            log_lines: 0,
        };
        let mut tx = self.db.begin().await?;
        if store::finish(&mut tx, &w.id, w.run, &end).await? {
            self.identity.end_instance(&mut tx, &w.id).await?;
            store::add_stage(&mut tx, (&w.id, w.run), "failed", Some(&reason), ctx.now()).await?;
            let data = json!({"state": "failed", "reason": reason, "reason_code": "given_up"});
            append(&mut tx, ctx, vec![workspace_event(w, "workspace.failed", data)]).await?;
            tx.commit().await?;
            self.identity.forget();
            tracing::warn!(workspace = w.name, by = name, "a workspace out of reach is given up");
        }
        Ok(())
    }

    /// Stops a workspace for a reason. Returns whether there was something to stop.
    pub(crate) async fn stop_for(
        &self,
        ctx: &Ctx,
        w: &WorkspaceRow,
        reason: &str,
        code: &'static str,
    ) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let now = ctx.now();
        let (kind, stage) = if store::cancel_queued(&mut tx, &w.id, reason, now).await? {
            ("workspace.stopped", "stopped")
        } else if store::ask_to_stop(&mut tx, &w.id, w.run, reason, code).await? {
            ("workspace.stopping", "stopping")
        } else {
            return Ok(false);
        };
        store::add_stage(&mut tx, (&w.id, w.run), stage, Some(reason), now).await?;
        let data = json!({"state": stage, "reason": reason, "reason_code": code});
        append(&mut tx, ctx, vec![workspace_event(w, kind, data)]).await?;
        tx.commit().await?;
        tracing::info!(workspace = w.name, reason, code, "workspace is to stop");
        self.fault("stopping");
        self.nudge(w);
        Ok(true)
    }

    /// Stops a workspace and starts it again with the definition as it is now, and with another profile if one is
    /// named.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `unknown_profile` (then nothing is stopped), `stopping` when the stop takes longer than
    /// a minute.
    pub async fn restart(
        &self,
        ctx: &Ctx,
        workspace: &str,
        profile: Option<&str>,
    ) -> Result<WorkspaceView, Error> {
        let (w, _) = self.find(ctx, workspace, "workspaces.manage", Access::Manage).await?;
        if profile.is_some() {
            crate::open::profile_of(&self.newest_definition(&w), profile)?;
        }
        self.stop_for(ctx, &w, &format!("restarted by {}", ctx.principal().name), "restart").await?;
        let begun = tokio::time::Instant::now();
        loop {
            let (now, access) = self.find(ctx, &w.id, "workspaces.open", Access::Manage).await?;
            if !now.state.is_active() || begun.elapsed() >= PATIENCE || now.run != w.run {
                return self.start_again(ctx, now, profile, access).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Deletes a workspace with its volume and logs. It must not run.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `still_running`.
    pub async fn delete(&self, ctx: &Ctx, workspace: &str) -> Result<(), Error> {
        let (w, _) = self.find(ctx, workspace, "workspaces.manage", Access::Manage).await?;
        let mut tx = self.db.begin().await?;
        if w.state == State::Queued {
            store::cancel_queued(&mut tx, &w.id, "deleted", ctx.now()).await?;
        }
        if !store::delete(&mut tx, &w.id).await? {
            let text = format!("the workspace is {}; stop it first", w.state);
            return Err(Error::conflict("still_running", text));
        }
        store::remove_shares(&mut tx, &w.id).await?;
        store::remove_stages(&mut tx, &w.id, i64::MAX).await?;
        self.identity.end_instance(&mut tx, &w.id).await?;
        append(&mut tx, ctx, vec![workspace_event(&w, "workspace.deleted", json!({"title": w.title}))])
            .await?;
        tx.commit().await?;
        self.identity.forget();
        // The record is gone; what is left on the disk belongs to nobody and is only space.
        for folder in [self.volume_of(&w), self.config.logs.join(&w.id)] {
            match tokio::fs::remove_dir_all(&folder).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::error!(folder = %folder.display(), %error, "a folder of a deleted workspace could not be removed");
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives a workspace another title. Its name, and so its address, stays.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `invalid_title`.
    pub async fn rename(&self, ctx: &Ctx, workspace: &str, title: &str) -> Result<WorkspaceView, Error> {
        let (w, access) = self.find(ctx, workspace, "workspaces.manage", Access::Manage).await?;
        let title = crate::open::title(title)?;
        let mut tx = self.db.begin().await?;
        store::set_title(&mut tx, &w.id, &title).await?;
        append(&mut tx, ctx, vec![workspace_event(&w, "workspace.renamed", json!({ "title": title }))])
            .await?;
        tx.commit().await?;
        self.view(ctx, &w.id, access).await
    }
}
