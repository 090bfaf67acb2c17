//! Files in workspaces' volumes, where the programs of a workspace work with them at the same time.
//!
//! Whoever has a workspace may put anything into its volume at any moment. So the way to a file is opened folder by
//! folder, from the volume's own down, and no part of it may be a link: what is asked for stays in the volume, and a
//! file has one path. Which volumes there are, and who may work in them, is known elsewhere ([`Volumes`]).

mod list;
mod open;
mod place;
mod way;

pub(crate) use place::InVolume;

use async_trait::async_trait;
use castalia_base::{Ctx, Error, Kind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The code of a file whose volume is not there.
pub(crate) const GONE: &str = "volume_gone";

/// The volume of a workspace.
#[derive(Clone, Debug)]
pub struct Volume {
    /// The workspace's id.
    pub workspace: String,
    /// Id of its project.
    pub project: String,
    /// Its folder.
    pub folder: PathBuf,
}

/// What is known of workspaces' volumes elsewhere.
#[async_trait]
pub trait Volumes: Send + Sync {
    /// The volume of a workspace (by id or name), for somebody who may work in it.
    ///
    /// # Errors
    /// `not_found` for one that the caller may not see, `forbidden`; `elsewhere` when another server has it.
    async fn of(&self, ctx: &Ctx, workspace: &str) -> Result<Volume, Error>;
    /// The folder of a workspace's volume, for the server itself.
    ///
    /// # Errors
    /// `not_found`, `elsewhere`.
    async fn folder(&self, workspace: &str) -> Result<PathBuf, Error>;
}

/// A file of a workspace that is to be a live notebook.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenFile {
    /// Its path from the workspace's folder, ending in `.ipynb`. One that is not there is made.
    pub path: String,
    /// The notebook's name in the project; the file's unless told.
    pub name: Option<String>,
}

/// Where the file of a notebook is to lie.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlace {
    /// A workspace, by id or name; the project's storage unless told.
    pub workspace: Option<String>,
    /// The path from the workspace's folder, ending in `.ipynb`; the notebook's name unless told.
    pub path: Option<String>,
}

/// A notebook's file in a workspace's volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VolumeView {
    /// Id of the workspace; `null` for those who may not work in it.
    pub workspace: Option<String>,
    /// The path from the workspace's folder.
    pub path: String,
}

/// A file that can be opened as a notebook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VolumeFile {
    /// The path from the workspace's folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Id of the notebook that it is already.
    pub notebook: Option<String>,
}

/// Files of a workspace's volume.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VolumeFiles {
    /// By path.
    pub items: Vec<VolumeFile>,
    /// There are more than were looked for.
    pub truncated: bool,
}

/// By what a file in a volume is known among the files of notebooks. No notebook's name has a colon.
pub(crate) fn identity(workspace: &str, path: &str) -> String {
    format!("{workspace}:{path}")
}

/// What people are shown of that.
pub(crate) fn shown(identity: &str) -> &str {
    identity.split_once(':').map_or(identity, |(_, path)| path)
}

/// Whether a file of this name lies in a volume.
pub(crate) fn is_in_volume(identity: &str) -> bool {
    identity.contains(':')
}

/// The volume is not there (any more).
pub(crate) fn gone() -> Error {
    let why = "the workspace in which the file lay is gone; save the notebook elsewhere (PUT …/place)";
    Error::new(Kind::Unavailable, GONE, why)
}
