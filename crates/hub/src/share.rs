//! Sharing with members of the project.

use crate::Service;
use crate::access::Access;
use crate::model::{Level, Share, WorkspaceView};
use crate::service::workspace_event;
use crate::store::{self, WorkspaceRow};
use castalia_base::{Ctx, Error};
use castalia_events::{Event, append};
use serde_json::json;

impl Service {
    /// Lets a member of the project see or open a workspace; `None` takes that away.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `not_a_member`.
    pub async fn share(
        &self,
        ctx: &Ctx,
        workspace: &str,
        user: &str,
        level: Option<Level>,
    ) -> Result<WorkspaceView, Error> {
        let (w, access) = self.find(ctx, workspace, "workspaces.manage", Access::Manage).await?;
        let guest = self.identity.ctx_of(user, ctx.request_id()).await;
        let guest = match guest {
            Ok(guest) => guest,
            // One who is locked out can still lose what was shared.
            Err(_) if level.is_none() => return self.unshare(ctx, w, user, access).await,
            Err(_) => return Err(not_a_member(user)),
        };
        let id = guest.principal().id.clone();
        let Some(level) = level else { return self.unshare(ctx, w, &id, access).await };
        if id == w.owner_id {
            return Err(Error::field("invalid_share", "/user", "it is the owner's already"));
        }
        if !guest.can("workspaces.view", &w.project_id) {
            return Err(not_a_member(user));
        }
        let mut tx = self.db.begin().await?;
        store::put_share(&mut tx, &w.id, &id, level, ctx.now()).await?;
        let data = json!({"user": id, "user_name": guest.principal().name, "level": level});
        append(&mut tx, ctx, vec![workspace_event(&w, "workspace.shared", data)]).await?;
        tx.commit().await?;
        self.rights_changed(&w);
        self.view(ctx, &w.id, access).await
    }

    async fn unshare(
        &self,
        ctx: &Ctx,
        w: WorkspaceRow,
        user: &str,
        access: Access,
    ) -> Result<WorkspaceView, Error> {
        let mut tx = self.db.begin().await?;
        if !store::remove_share(&mut tx, &w.id, user).await? {
            return Err(Error::not_found("share with", user));
        }
        append(&mut tx, ctx, vec![workspace_event(&w, "workspace.unshared", json!({ "user": user }))])
            .await?;
        tx.commit().await?;
        self.rights_changed(&w);
        self.view(ctx, &w.id, access).await
    }

    /// With whom a workspace is shared.
    pub(crate) async fn shares_of(&self, w: &WorkspaceRow) -> Result<Vec<Share>, Error> {
        let mut shares = Vec::new();
        for (user, level, since) in store::shares(&mut self.db.read(), &w.id).await? {
            let name = match self.identity.ctx_of(&user, "share").await {
                Ok(guest) => guest.principal().name.clone(),
                // Deleted or locked out: the id is all that is known.
                Err(_) => user.clone(),
            };
            shares.push(Share { user, name, level, since });
        }
        Ok(shares)
    }
}

impl Service {
    /// A user was deleted or locked out, or left a project: what may no longer be used is shut, and what nobody may use
    /// any more is stopped.
    pub(crate) async fn rights_of_people_changed(&self, event: &Event) -> Result<(), Error> {
        self.doors.forget();
        for w in store::active(&mut self.db.read(), &self.config.installation).await? {
            if w.is_unclaimed() {
                continue;
            }
            let owner = self.identity.ctx_of(&w.owner_id, "rights").await;
            let allowed = owner.is_ok_and(|owner| owner.can("workspaces.view", &w.project_id));
            if !allowed {
                let reason = "its owner may not use it any more";
                self.stop_for(&self.system(), &w, reason, "rights").await?;
            }
            if event.project.as_ref().is_none_or(|project| *project == w.project_id) {
                self.rights_changed(&w);
            }
        }
        Ok(())
    }
}

fn not_a_member(user: &str) -> Error {
    Error::field(
        "not_a_member",
        "/user",
        format!("`{user}` is no member of the workspace's project who may see workspaces"),
    )
}
