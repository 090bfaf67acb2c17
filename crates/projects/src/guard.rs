//! Who may object to archiving a project.

use async_trait::async_trait;
use castalia_base::Error;
use castalia_base::id::ProjectId;

/// A capability that runs things and must be asked before a project is archived.
#[async_trait]
pub trait ArchiveGuard: Send + Sync {
    /// What still runs in the project, in words (`2 running processes`); `None` when nothing does.
    async fn busy(&self, project: &ProjectId) -> Result<Option<String>, Error>;
}
