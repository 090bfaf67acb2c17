//! When something happened that counts.

use crate::Service;
use crate::access::Access;
use crate::model::{IdleView, WorkspaceView};
use crate::service::workspace_event;
use crate::store::{self, WorkspaceRow};
use castalia_base::{Ctx, Error, Timestamp};
use castalia_events::append;
use serde_json::json;

/// How long a workspace is kept when its user says so without a time.
pub(crate) const KEEP_MS: i64 = 4 * 3600 * 1000;
/// The longest that anybody may keep one.
const LONGEST_KEEP_MS: i64 = 7 * 24 * 3600 * 1000;

impl Service {
    /// Keeps a workspace from being stopped for being idle, for so many minutes (four hours unless told).
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub async fn keep(
        &self,
        ctx: &Ctx,
        workspace: &str,
        minutes: Option<u32>,
    ) -> Result<WorkspaceView, Error> {
        let (w, access) = self.find(ctx, workspace, "workspaces.use", Access::Use).await?;
        let ms = minutes.map_or(KEEP_MS, |m| i64::from(m) * 60_000).clamp(0, LONGEST_KEEP_MS);
        let until = ctx.now().plus_ms(ms);
        let mut tx = self.db.begin().await?;
        store::set_kept(&mut tx, &w.id, until).await?;
        append(&mut tx, ctx, vec![workspace_event(&w, "workspace.kept", json!({ "until": until }))]).await?;
        tx.commit().await?;
        self.view(ctx, &w.id, access).await
    }

    /// Notes activity that a workspace's program tells of. It only moves forward.
    pub(crate) async fn note_activity(&self, w: &WorkspaceRow, at: Timestamp) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        store::set_activity(&mut tx, &w.id, at).await?;
        tx.commit().await
    }

    pub(crate) fn idle_view(&self, w: &WorkspaceRow) -> Option<IdleView> {
        self.idle.get(w).filter(|_| w.state == crate::State::Ready)
    }
}
