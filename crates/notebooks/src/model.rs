//! What a notebook is, and what is told of it.

use crate::files::VolumeView;
use castalia_base::{Ctx, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A notebook as stored.
#[derive(Clone, Debug)]
pub(crate) struct Notebook {
    pub(crate) id: String,
    pub(crate) project: String,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) kernel: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) epoch: String,
    pub(crate) cells: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) created_by: String,
    pub(crate) created_by_name: String,
    /// Where its file lies, if in a workspace's volume: the workspace's id, and the path there.
    pub(crate) file: Option<(String, String)>,
}

/// Somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema, Deserialize)]
pub struct Person {
    /// Id of the user.
    pub id: String,
    /// The name that people read.
    pub name: String,
}

impl Person {
    /// Who asks.
    pub fn of(ctx: &Ctx) -> Self {
        Self { id: ctx.principal().id.clone(), name: ctx.principal().name.clone() }
    }
}

/// What the caller may do with a notebook, beyond looking at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct May {
    /// Write comments.
    pub comment: bool,
    /// Run cells.
    pub run: bool,
    /// Change the document.
    pub edit: bool,
}

impl May {
    /// What the caller may do in the project.
    pub fn of(ctx: &Ctx, project: &str) -> Self {
        Self {
            comment: ctx.can("notebooks.comment", project),
            run: ctx.can("notebooks.run", project),
            edit: ctx.can("notebooks.edit", project),
        }
    }
}

/// A notebook.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NotebookView {
    /// `nb_…`.
    pub id: String,
    /// Id of its project.
    pub project: String,
    /// Its name, with the ending of its file.
    pub name: String,
    /// What people read first.
    pub title: String,
    /// Name of the kernelspec it wants.
    pub kernel: Option<String>,
    /// The kernel's language.
    pub language: Option<String>,
    /// The identity of its document: one that was made anew has another.
    pub epoch: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who made it.
    pub created_by: Person,
    /// How many cells it has.
    pub cells: i64,
    /// What the caller may do with it.
    pub may: May,
    /// Where its file lies, if in a workspace's volume.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<VolumeView>,
    /// What is known of its file, as in the document.
    pub file: Value,
}

impl Notebook {
    pub(crate) fn view(self, ctx: &Ctx, file: Value, volume: Option<VolumeView>) -> NotebookView {
        NotebookView {
            may: May::of(ctx, &self.project),
            id: self.id,
            project: self.project,
            name: self.name,
            title: self.title,
            kernel: self.kernel,
            language: self.language,
            epoch: self.epoch,
            created_at: self.created_at,
            updated_at: self.updated_at,
            created_by: Person { id: self.created_by, name: self.created_by_name },
            cells: self.cells,
            volume,
            file,
        }
    }
}

/// A notebook about to be made.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNotebook {
    /// Project, by name or id.
    pub project: String,
    /// Its name; `.ipynb` is added when it is missing.
    pub name: String,
    /// What people read first; the name unless told.
    pub title: Option<String>,
    /// The content of a file (nbformat 4).
    pub content: Option<Value>,
    /// Id of an upload of the project that is such a file.
    pub from_upload: Option<String>,
    /// Name of the kernelspec.
    pub kernel: Option<String>,
}

/// What changes about a notebook; absent parts stay.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotebookPatch {
    /// Its name.
    pub name: Option<String>,
    /// What people read first.
    pub title: Option<String>,
}

/// Which notebooks to list.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ListQuery {
    /// Project, by name or id.
    pub project: String,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many at most (1 to 500, 100 unless told).
    pub limit: Option<u32>,
}
