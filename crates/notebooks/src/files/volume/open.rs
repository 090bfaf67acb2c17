//! What people ask of files in volumes.

use super::list::notebooks;
use super::way::checked_path;
use super::{InVolume, NewPlace, OpenFile, Volume, VolumeFile, VolumeFiles, VolumeView};
use crate::Service;
use crate::create::Draft;
use crate::document::{self, ipynb};
use crate::files::place::{Place, blocking};
use crate::model::{Notebook, NotebookView};
use crate::service::{checked_name, event, taken};
use crate::store;
use castalia_base::{Ctx, Error, Kind};
use castalia_db::is_unique_violation;
use castalia_events::append;
use serde_json::json;
use std::collections::HashMap;

/// How many names are tried for a file whose own is taken.
const NAMES: usize = 50;

impl Service {
    /// The files of a workspace's volume that can be opened as notebooks.
    ///
    /// # Errors
    /// `not_found` for a workspace that may not be seen, `forbidden` for one in which the caller may not work;
    /// `elsewhere`, `volume_gone`.
    pub async fn volume_files(&self, ctx: &Ctx, workspace: &str) -> Result<VolumeFiles, Error> {
        let volume = self.deps.volumes.of(ctx, workspace).await?;
        ctx.require("notebooks.view", &volume.project, "workspace", workspace)?;
        let (found, truncated) = blocking(move || notebooks(&volume.folder)).await?;
        let known = store::in_volume(&mut self.deps.db.read(), &volume.workspace).await?;
        let mut known: HashMap<String, String> = known.into_iter().collect();
        let file = |(path, bytes)| VolumeFile { notebook: known.remove(&path), path, bytes };
        Ok(VolumeFiles { items: found.into_iter().map(file).collect(), truncated })
    }

    /// Opens a file of a workspace's volume. The same file is the same notebook for everybody, in the workspace's
    /// project; one that is not there is made.
    ///
    /// # Errors
    /// As [`Service::volume_files`]; `invalid_path`, `outside_volume`, `not_a_notebook`, `notebook_exists`;
    /// `forbidden` without `notebooks.create`.
    pub async fn open_file(&self, ctx: &Ctx, workspace: &str, open: OpenFile) -> Result<NotebookView, Error> {
        let volume = self.deps.volumes.of(ctx, workspace).await?;
        let path = checked_path(&open.path)?;
        if let Some(there) = store::of_file(&mut self.deps.db.read(), &volume.workspace, &path).await? {
            return self.get(ctx, &there).await;
        }
        let project = self.deps.projects.find(ctx, &volume.project, "notebooks.create").await?;
        let bytes = InVolume { root: volume.folder.clone(), path: path.clone() }.read().await?;
        let content = match &bytes {
            Some(bytes) => ipynb::read(bytes)?.notebook,
            None => document::Notebook::new(),
        };
        let own = path.rsplit('/').next().unwrap_or(&path).to_owned();
        let mut tries = 1;
        let name = checked_name(open.name.as_deref().unwrap_or(&own))?;
        loop {
            let draft = Draft {
                project: project.id.to_string(),
                name: numbered(&name, tries),
                title: None,
                kernel: None,
                file: Some((volume.workspace.clone(), path.clone())),
            };
            match self.make(ctx, draft, content.clone(), bytes.as_deref()).await {
                Ok(notebook) => {
                    if bytes.is_none() {
                        self.save_soon(&notebook.id);
                    }
                    return Ok(self.view(ctx, notebook).await);
                }
                Err(error) if is_unique_violation(&error) => {
                    // Somebody else opened the same file meanwhile, or there is a notebook of this name.
                    let there = store::of_file(&mut self.deps.db.read(), &volume.workspace, &path).await?;
                    if let Some(there) = there {
                        return self.get(ctx, &there).await;
                    }
                    if open.name.is_some() || tries == NAMES {
                        return Err(taken(error));
                    }
                    tries += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Lets the file of a notebook lie elsewhere from now on: in a workspace's volume in which the caller may work, or
    /// in the project's storage. A file that somebody has moved in the volume is followed. One in the project's storage
    /// goes; one in a volume stays there, as its people's.
    ///
    /// # Errors
    /// `file_exists`, `invalid_path`, `other_project`; `forbidden` without `notebooks.edit`; for a workspace those of
    /// [`Service::volume_files`].
    pub async fn set_place(&self, ctx: &Ctx, id: &str, place: NewPlace) -> Result<NotebookView, Error> {
        let mut notebook = self.find(ctx, id, "notebooks.edit").await?;
        let file = match &place.workspace {
            Some(workspace) => {
                let volume = self.deps.volumes.of(ctx, workspace).await?;
                let path = checked_path(place.path.as_deref().unwrap_or(&notebook.name))?;
                self.is_free_there(&notebook, &volume, &path).await?;
                Some((volume.workspace, path))
            }
            None => {
                if place.path.is_some() {
                    let why = "in the project's storage a file is named as its notebook is";
                    return Err(Error::field("invalid_path", "/path", why));
                }
                if notebook.file.is_some() {
                    self.is_free(&notebook, &notebook.name).await?;
                }
                None
            }
        };
        if file != notebook.file {
            let mut tx = self.deps.db.begin().await?;
            let stored = store::set_file(&mut tx, id, file.as_ref(), ctx.now()).await;
            stored.map_err(|error| if is_unique_violation(&error) { in_use() } else { error })?;
            let data = json!({"in_workspace": file.is_some()});
            append(&mut tx, ctx, vec![event(&notebook, "notebook.changed", data)]).await?;
            tx.commit().await?;
            notebook.file = file;
            self.save_soon(id);
        }
        Ok(self.view(ctx, notebook).await)
    }

    /// Refuses a path at which there is something that is not this notebook's.
    async fn is_free_there(&self, notebook: &Notebook, volume: &Volume, path: &str) -> Result<(), Error> {
        if volume.project != notebook.project {
            return Err(Error::conflict("other_project", "the workspace is one of another project"));
        }
        if notebook.file.as_ref().is_some_and(|(workspace, at)| *workspace == volume.workspace && at == path)
        {
            return Ok(());
        }
        if store::of_file(&mut self.deps.db.read(), &volume.workspace, path).await?.is_some() {
            return Err(in_use());
        }
        let file = InVolume { root: volume.folder.clone(), path: path.to_owned() };
        let Some(there) = file.digest().await? else { return Ok(()) };
        // Its own file, which somebody has moved there.
        if self.files.last_seen(&notebook.id).await? != Some(there) {
            let why = format!("there is a file `{path}` already; choose another path, or open that file");
            return Err(Error::conflict("file_exists", why));
        }
        Ok(())
    }

    /// The notebook's file in a volume, as the caller may know of it.
    pub(crate) async fn volume_view(&self, ctx: &Ctx, notebook: &Notebook) -> Option<VolumeView> {
        let (workspace, path) = notebook.file.clone()?;
        let seen = match self.deps.volumes.of(ctx, &workspace).await {
            Ok(_) => true,
            Err(error) => !matches!(error.kind(), Kind::NotFound | Kind::Forbidden),
        };
        Some(VolumeView { workspace: seen.then_some(workspace), path })
    }
}

fn in_use() -> Error {
    Error::conflict("file_exists", "that file is another notebook's already")
}

/// The nth name: `a.ipynb`, `a-2.ipynb`, `a-3.ipynb` …
fn numbered(name: &str, n: usize) -> String {
    let stem = name.trim_end_matches(".ipynb");
    if n == 1 { name.to_owned() } else { format!("{stem}-{n}.ipynb") }
}
