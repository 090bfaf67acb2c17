//! What the action catalogue offers of notebooks.

use crate::cells::{EditCell, InsertCell, MoveCell, OneCell, ReadCells};
use crate::comments::{CommentPatch, NewComment};
use crate::files::{NewPlace, OpenFile};
use crate::model::{ListQuery, NewNotebook, NotebookPatch};
use crate::service::Service;
use crate::types::NewType;
use castalia_base::action;
use castalia_base::actions::Action;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, JsonSchema)]
struct One {
    /// Id of the notebook.
    notebook: String,
}

#[derive(Deserialize, JsonSchema)]
struct OneWorkspace {
    /// The workspace, by id or name.
    workspace: String,
}

#[derive(Deserialize, JsonSchema)]
struct Open {
    /// The workspace, by id or name.
    workspace: String,
    #[serde(flatten)]
    file: OpenFile,
}

#[derive(Deserialize, JsonSchema)]
struct SetPlace {
    /// Id of the notebook.
    notebook: String,
    #[serde(flatten)]
    place: NewPlace,
}

#[derive(Deserialize, JsonSchema)]
struct Rename {
    /// Id of the notebook.
    notebook: String,
    #[serde(flatten)]
    patch: NotebookPatch,
}

#[derive(Deserialize, JsonSchema)]
struct Publish {
    /// Id of the notebook.
    notebook: String,
    #[serde(flatten)]
    new: NewType,
}

#[derive(Deserialize, JsonSchema)]
struct Say {
    /// Id of the notebook.
    notebook: String,
    #[serde(flatten)]
    comment: NewComment,
}

#[derive(Deserialize, JsonSchema)]
struct Resay {
    /// Id of the notebook.
    notebook: String,
    /// Id of the comment.
    comment: String,
    #[serde(flatten)]
    patch: CommentPatch,
}

#[derive(Deserialize, JsonSchema)]
struct NameVersion {
    /// Id of the notebook.
    notebook: String,
    /// The version's name.
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct OneVersion {
    /// Id of the notebook.
    notebook: String,
    /// Id of the version.
    version: String,
}

#[derive(Deserialize, JsonSchema)]
struct Export {
    /// Id of the notebook.
    notebook: String,
    /// `ipynb` unless told.
    #[serde(default)]
    format: crate::files::Format,
}

/// The actions of this capability.
#[rustfmt::skip]
pub fn actions(service: &Arc<Service>) -> Vec<Action> {
    let mut all = vec![
        action!(service, "notebooks.list", "notebooks.view", "Lists notebooks of a project, newest first",
            |s, ctx, input: ListQuery| s.list(&ctx, &input).await),
        action!(service, "notebooks.create", "notebooks.create", "Makes a notebook",
            |s, ctx, input: NewNotebook| s.create(&ctx, input).await),
        action!(service, "notebooks.show", "notebooks.view", "Shows a notebook",
            |s, ctx, input: One| s.get(&ctx, &input.notebook).await),
        action!(service, "notebooks.rename", "notebooks.edit", "Gives a notebook another name or title",
            |s, ctx, input: Rename| s.update(&ctx, &input.notebook, input.patch).await),
        action!(service, "notebooks.volume_files", "notebooks.view", "The files of a workspace's volume that can be live notebooks",
            |s, ctx, input: OneWorkspace| s.volume_files(&ctx, &input.workspace).await),
        action!(service, "notebooks.open_file", "notebooks.create", "Opens a file of a workspace's volume as a live notebook",
            |s, ctx, input: Open| s.open_file(&ctx, &input.workspace, input.file).await),
        action!(service, "notebooks.set_place", "notebooks.edit", "Lets a notebook's file lie in a workspace's volume, or in the project's storage",
            |s, ctx, input: SetPlace| s.set_place(&ctx, &input.notebook, input.place).await),
        action!(service, "notebooks.delete", "notebooks.delete", "Deletes a notebook",
            |s, ctx, input: One| s.delete(&ctx, &input.notebook).await),
        action!(service, "notebooks.read", "notebooks.view", "Reads cells of a notebook, with their outputs",
            |s, ctx, input: ReadCells| s.cells(&ctx, input).await),
        action!(service, "notebooks.insert_cell", "notebooks.edit", "Makes a cell",
            |s, ctx, input: InsertCell| s.insert_cell(&ctx, input).await),
        action!(service, "notebooks.edit_cell", "notebooks.edit", "Changes the source of a cell",
            |s, ctx, input: EditCell| s.edit_cell(&ctx, input).await),
        action!(service, "notebooks.move_cell", "notebooks.edit", "Moves a cell",
            |s, ctx, input: MoveCell| s.move_cell(&ctx, input).await),
        action!(service, "notebooks.delete_cell", "notebooks.edit", "Deletes a cell",
            |s, ctx, input: OneCell| s.delete_cell(&ctx, input).await),
        action!(service, "notebooks.publish", "notebooks.edit", "Makes a process type of a notebook as it is now",
            |s, ctx, input: Publish| s.publish(&ctx, &input.notebook, input.new).await),
        action!(service, "notebooks.comments", "notebooks.view", "The comments of a notebook",
            |s, ctx, input: One| s.comments(&ctx, &input.notebook).await),
        action!(service, "notebooks.comment", "notebooks.comment", "Writes a comment, or a reply",
            |s, ctx, input: Say| s.comment(&ctx, &input.notebook, input.comment).await),
        action!(service, "notebooks.change_comment", "notebooks.comment", "Changes a comment, or settles its thread",
            |s, ctx, input: Resay| s.change_comment(&ctx, &input.notebook, &input.comment, input.patch).await),
        action!(service, "notebooks.version", "notebooks.edit", "Keeps a notebook as it is now, under a name",
            |s, ctx, input: NameVersion| s.name_version(&ctx, &input.notebook, &input.name).await),
        action!(service, "notebooks.restore", "notebooks.edit", "Makes a notebook what a version was",
            |s, ctx, input: OneVersion| s.restore(&ctx, &input.notebook, &input.version).await),
        action!(service, "notebooks.export", "notebooks.view", "A notebook as the text of a file: ipynb, py, html, md",
            |s, ctx, input: Export| s.export_text(&ctx, &input.notebook, input.format).await),
    ];
    all.extend(crate::run::actions(service));
    all
}
