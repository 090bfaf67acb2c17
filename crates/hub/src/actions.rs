//! What the action catalogue offers of workspaces.

use crate::model::{Level, Open};
use crate::views::ListQuery;
use crate::{LogQuery, Service};
use castalia_base::action;
use castalia_base::actions::Action;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize, JsonSchema)]
struct One {
    /// Workspace, by id or name.
    workspace: String,
}

#[derive(Deserialize, JsonSchema)]
struct Rename {
    /// Workspace, by id or name.
    workspace: String,
    /// The name that people read.
    title: String,
}

#[derive(Deserialize, JsonSchema)]
struct ShareWith {
    /// Workspace, by id or name.
    workspace: String,
    /// The member of the project, by name or id.
    user: String,
    /// What the member may do; nothing any more when absent.
    level: Option<Level>,
}

#[derive(Deserialize, JsonSchema)]
struct Keep {
    /// Workspace, by id or name.
    workspace: String,
    /// For how many minutes; four hours unless told.
    minutes: Option<u32>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "RestartWorkspace")]
struct Again {
    /// Workspace, by id or name.
    workspace: String,
    /// Another profile than before.
    profile: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct LogsOf {
    /// Workspace, by id or name.
    workspace: String,
    #[serde(flatten)]
    query: LogQuery,
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

/// Done.
#[derive(Serialize, JsonSchema)]
struct Done {
    /// The workspace that is gone.
    deleted: String,
}

/// The actions of this capability.
#[rustfmt::skip]
pub fn actions(service: &Arc<Service>) -> Vec<Action> {
    vec![
        action!(service, "workspaces.open", "workspaces.open", "Opens a workspace: starts a stopped one, or a new one of a service",
            |s, ctx, input: Open| s.open(&ctx, input).await),
        action!(service, "workspaces.list", "workspaces.view", "Lists one's workspaces and those that are shared with one",
            |s, ctx, input: ListQuery| s.list(&ctx, &input).await),
        action!(service, "workspaces.show", "workspaces.view", "Shows one workspace",
            |s, ctx, input: One| s.get(&ctx, &input.workspace).await),
        action!(service, "workspaces.stop", "workspaces.manage", "Stops a workspace; its volume stays",
            |s, ctx, input: One| s.stop(&ctx, &input.workspace).await),
        action!(service, "workspaces.restart", "workspaces.manage", "Stops a workspace and starts it again, with another profile if one is named",
            |s, ctx, input: Again| s.restart(&ctx, &input.workspace, input.profile.as_deref()).await),
        action!(service, "workspaces.delete", "workspaces.manage", "Deletes a stopped workspace with its volume",
            |s, ctx, input: One| { s.delete(&ctx, &input.workspace).await?; Ok(Done { deleted: input.workspace }) }),
        action!(service, "workspaces.share", "workspaces.manage", "Lets a member of the project see or use a workspace, or no longer",
            |s, ctx, input: ShareWith| s.share(&ctx, &input.workspace, &input.user, input.level).await),
        action!(service, "workspaces.rename", "workspaces.manage", "Gives a workspace another title",
            |s, ctx, input: Rename| s.rename(&ctx, &input.workspace, &input.title).await),
        action!(service, "workspaces.keep", "workspaces.use", "Keeps a workspace from being stopped for being idle",
            |s, ctx, input: Keep| s.keep(&ctx, &input.workspace, input.minutes).await),
        action!(service, "workspaces.logs", "workspaces.view", "Reads the log of a workspace",
            |s, ctx, input: LogsOf| s.logs(&ctx, &input.workspace, &input.query).await),
        action!(service, "services.list", "workspaces.view", "Lists the services that can be opened as workspaces",
            |s, ctx, _input: Nothing| s.services(&ctx).await),
    ]
}
