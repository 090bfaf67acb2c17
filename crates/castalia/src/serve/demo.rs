//! `--demo`: a user, a project with credit, data, process types to try, a finished flow and a notebook. Made once; a second
//! start finds them.

mod flow;
mod notebook;

use super::bootstrap;
use castalia_base::{Credits, Ctx, Error, Kind};
use castalia_projects::NewProject;
use castalia_storage::UploadOptions;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const CREDITS: Credits = Credits::whole(1000);

pub(super) struct Demo {
    pub(super) identity: Arc<castalia_identity::Service>,
    pub(super) projects: Arc<castalia_projects::Service>,
    pub(super) storage: Arc<castalia_storage::Service>,
    pub(super) processes: Arc<castalia_processes::Service>,
    pub(super) notebooks: Arc<castalia_notebooks::Service>,
    pub(super) ctx: Ctx,
    pub(super) python: Option<PathBuf>,
    pub(super) data: PathBuf,
    /// Whether to make the flow and the notebook.
    pub(super) flow: bool,
}

#[derive(Deserialize)]
struct DemoFile {
    name: String,
    media_type: String,
}

impl Demo {
    /// User and project: quick, before anybody can ask for them.
    pub(super) async fn make_account(&self) -> Result<(), Error> {
        self.identity.ensure_user("demo", "demo", &["admin"]).await?;
        let ctx = self.identity.ctx_of("demo", "demo").await?;
        match self.projects.find(&ctx, "demo", "projects.view").await {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
        let new = NewProject {
            name: "demo".into(),
            title: Some("Demo".into()),
            credits: Some(CREDITS),
            ..NewProject::default()
        };
        self.projects.create(&ctx, new).await.map(|_| ())
    }

    /// Data and environment: takes a second, a minute when the Python environment must be made.
    pub(super) async fn prepare(self) {
        if self.flow
            && let Err(error) = self.make_notebook().await
        {
            tracing::warn!(error = error.chain(), "the demo's notebook could not be made");
        }
        match self.try_prepare().await {
            Ok(()) => tracing::info!("the demo's process types and data are ready"),
            Err(error) => {
                tracing::warn!(error = error.chain(), "the demo could not be prepared");
                if let Err(error) = bootstrap::give_up(&self.processes, &self.ctx, &error).await {
                    tracing::warn!(error = error.chain(), "nor could that be said");
                }
                return;
            }
        }
        if !self.flow {
            return;
        }
        match self.make_flow().await {
            Ok(()) => tracing::info!("the demo's flow is there"),
            Err(error) => tracing::warn!(error = error.chain(), "the demo's flow could not be made"),
        }
    }

    /// The data first: whoever sees the process types can use them on it.
    async fn try_prepare(&self) -> Result<(), Error> {
        let python =
            bootstrap::find_or_make(&self.processes, &self.ctx, self.python.clone(), &self.data).await?;
        self.bring_uploads(&python).await?;
        bootstrap::register(&self.processes, &self.ctx, &python).await
    }

    async fn bring_uploads(&self, python: &Path) -> Result<(), Error> {
        let ctx = self.identity.ctx_of("demo", "demo").await?;
        let project = self.projects.find(&ctx, "demo", "projects.view").await?;
        if self.storage.resolve(&ctx, &project.id, "upload:mauna-loa-co2.csv").await.is_ok() {
            return Ok(());
        }
        let folder = self.data.join("staging").join("demo");
        let output = tokio::process::Command::new(python)
            .args(["-m", "castalia_bootstrap.demo"])
            .arg(&folder)
            .stdin(std::process::Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(Error::internal)?;
        if !output.status.success() {
            return Err(Error::internal(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        let files: Vec<DemoFile> = serde_json::from_slice(&output.stdout)?;
        for file in files {
            let bytes = tokio::fs::read(folder.join(&file.name)).await.map_err(Error::internal)?;
            let options = UploadOptions {
                project: "demo".into(),
                name: file.name,
                media_type: Some(file.media_type),
                ..UploadOptions::default()
            };
            let body =
                futures::stream::once(
                    async move { Ok::<_, std::convert::Infallible>(bytes::Bytes::from(bytes)) },
                );
            match self.storage.upload(&ctx, &options, Box::pin(body)).await {
                Ok(_) => {}
                Err(error) if error.kind() == Kind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
        tokio::fs::remove_dir_all(&folder).await.map_err(Error::internal)
    }
}
