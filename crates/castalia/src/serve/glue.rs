//! What one capability asks of another, answered here so that they need not know each other.

use async_trait::async_trait;
use castalia_base::id::ProjectId;
use castalia_base::{Ctx, Error, Kind};
use castalia_db::Db;
use castalia_events::TopicSource;
use castalia_projects::ArchiveGuard;
use castalia_storage::{Bucket, Buckets, InUse};
use std::sync::{Arc, OnceLock};

/// The buckets of storage are the projects.
pub(super) struct ProjectBuckets(pub(super) Arc<castalia_projects::Service>, pub(super) Db);

#[async_trait]
impl Buckets for ProjectBuckets {
    async fn find(&self, name_or_id: &str) -> Result<Option<Bucket>, Error> {
        let project = match self.0.get(&mut self.1.read(), name_or_id).await {
            Ok(project) => project,
            Err(error) if error.kind() == Kind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(Bucket {
            quota_bytes: project.limits.storage_mb.map(|mb| mb << 20),
            project: project.id,
            name: project.name,
        }))
    }
}

/// What processes read must not be deleted, and where they run must not be archived.
#[derive(Default)]
pub(super) struct ProcessInputs(pub(super) OnceLock<Arc<castalia_processes::Service>>);

#[async_trait]
impl InUse for ProcessInputs {
    async fn in_use(&self, _: &ProjectId, input_id: &str) -> Result<Option<String>, Error> {
        match self.0.get() {
            Some(processes) => processes.is_in_use(input_id).await,
            None => Ok(None),
        }
    }
}

#[async_trait]
impl ArchiveGuard for ProcessInputs {
    async fn busy(&self, project: &ProjectId) -> Result<Option<String>, Error> {
        match self.0.get() {
            Some(processes) => processes.busy(project.as_str()).await,
            None => Ok(None),
        }
    }
}

/// The topic `environments`: which environments there are and what becomes of them.
pub(super) struct EnvironmentTopic;

#[async_trait]
impl TopicSource for EnvironmentTopic {
    fn noun(&self) -> &'static str {
        "environments"
    }
    async fn authorise(&self, ctx: &Ctx, _: &str) -> Result<(), Error> {
        if ctx.can_somewhere("environments.view") {
            Ok(())
        } else {
            Err(Error::forbidden("environments.view"))
        }
    }
}

/// Where workspaces run must not be archived.
pub(super) struct OpenWorkspaces(pub(super) Arc<castalia_hub::Service>);

#[async_trait]
impl ArchiveGuard for OpenWorkspaces {
    async fn busy(&self, project: &ProjectId) -> Result<Option<String>, Error> {
        self.0.busy(project.as_str()).await
    }
}

/// Files of workspaces can be notebooks.
pub(super) struct WorkspaceVolumes(pub(super) Arc<castalia_hub::Service>);

#[async_trait]
impl castalia_notebooks::Volumes for WorkspaceVolumes {
    async fn of(&self, ctx: &Ctx, workspace: &str) -> Result<castalia_notebooks::Volume, Error> {
        let (workspace, project, folder) = self.0.volume(ctx, workspace).await?;
        Ok(castalia_notebooks::Volume { workspace, project, folder })
    }
    async fn folder(&self, workspace: &str) -> Result<std::path::PathBuf, Error> {
        self.0.volume_folder(workspace).await
    }
}
