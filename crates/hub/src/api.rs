//! The operations over HTTP. Handlers translate; the service decides.

use crate::model::{Level, Open, OrphanView, ServiceDetail, Services, WorkspaceView};
use crate::progress;
use crate::views::{ListQuery, Workspaces};
use crate::{LogPage, LogQuery, Service};
use axum::extract::{Extension, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use castalia_base::{Ctx, Error};
use castalia_compute::health::Chronicle;
use castalia_http::{Api, Operation, Problem, Req};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

type S = Arc<Service>;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Id {
    /// Workspace, by id or name.
    pub(crate) workspace: String,
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    /// Name of the service.
    service: String,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "WorkspaceTitle")]
struct Title {
    /// The name that people read.
    title: String,
}

#[derive(Deserialize, JsonSchema)]
struct Guest {
    /// Workspace, by id or name.
    workspace: String,
    /// The member of the project, by name or id.
    user: String,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ShareAs")]
struct As {
    /// What the member may do.
    level: Level,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "KeepFor")]
struct Minutes {
    /// For how many minutes; four hours unless told.
    minutes: Option<u32>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "StartAgain")]
struct Again {
    /// Another profile than before.
    profile: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct Unit {
    /// The unit.
    unit: String,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "AdoptOrphan")]
pub(crate) struct Adopt {
    /// Whose it is to be; the user of its labels unless told.
    pub(crate) user: Option<String>,
    /// In which project; the one of its labels unless told.
    pub(crate) project: Option<String>,
}

/// Things that run though no record claims them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WorkspaceOrphans")]
struct Orphans {
    /// The oldest first.
    items: Vec<OrphanView>,
}

/// The operations of this capability.
#[rustfmt::skip]
pub fn api(service: &Arc<Service>) -> Api<Service> {
    let get = |path, id, permission, summary| Operation::new(Method::GET, path, id, permission, summary);
    let post = |path, id, permission, summary| Operation::new(Method::POST, path, id, permission, summary);
    let put = |path, id, permission, summary| Operation::new(Method::PUT, path, id, permission, summary);
    let patch = |path, id, permission, summary| Operation::new(Method::PATCH, path, id, permission, summary);
    let delete = |path, id, permission, summary| Operation::new(Method::DELETE, path, id, permission, summary);
    Api::new(service.clone())
        .op(get("/api/services", "services.list", "workspaces.view", "Services that can be opened as workspaces"), services)
        .op(get("/api/services/{service}", "services.show", "workspaces.view", "One service with its definition"), service_of)
        .op(get("/api/workspaces", "workspaces.list", "workspaces.view", "One's workspaces and those shared with one"), list)
        .op(post("/api/workspaces", "workspaces.open", "workspaces.open", "Opens a workspace: a stopped one, or a new one of a service"), open)
        .op(get("/api/workspaces/{workspace}", "workspaces.show", "workspaces.view", "One workspace"), show)
        .op(patch("/api/workspaces/{workspace}", "workspaces.rename", "workspaces.manage", "Gives a workspace another title"), rename)
        .op(delete("/api/workspaces/{workspace}", "workspaces.delete", "workspaces.manage", "Deletes a stopped workspace with its volume"), remove)
        .op(post("/api/workspaces/{workspace}/start", "workspaces.start", "workspaces.open", "Starts a stopped workspace again"), start)
        .op(post("/api/workspaces/{workspace}/stop", "workspaces.stop", "workspaces.manage", "Stops a workspace; its volume stays"), stop)
        .op(post("/api/workspaces/{workspace}/restart", "workspaces.restart", "workspaces.manage", "Stops a workspace and starts it again"), restart)
        .op(post("/api/workspaces/{workspace}/keep", "workspaces.keep", "workspaces.use", "Keeps a workspace from being stopped for being idle"), keep)
        .op(put("/api/workspaces/{workspace}/shares/{user}", "workspaces.share", "workspaces.manage", "Lets a member of the project see or open a workspace"), share)
        .op(delete("/api/workspaces/{workspace}/shares/{user}", "workspaces.unshare", "workspaces.manage", "Takes a share away"), unshare)
        .op(get("/api/workspaces/{workspace}/logs", "workspaces.logs", "workspaces.view", "The workspace's own log lines"), logs)
        .op(get("/api/workspaces/{workspace}/health", "workspaces.health", "workspaces.view", "What was tried and what was concluded"), health)
        .raw(get("/api/workspaces/{workspace}/progress", "workspaces.progress", "workspaces.view", "Stages, place in the queue and log lines as they come, as server-sent events")
            .path_params::<Id>().query::<progress::Query>().returns_media("text/event-stream"), progress_stream)
        .op(get("/api/workspace-orphans", "workspaces.orphans", crate::access::ADMINISTER, "Things that run though no record claims them"), orphans)
        .op(post("/api/workspace-orphans/{unit}/adopt", "workspaces.adopt", crate::access::ADMINISTER, "Takes an orphan up again as a workspace").status(StatusCode::CREATED), adopt)
        .op(delete("/api/workspace-orphans/{unit}", "workspaces.end_orphan", crate::access::ADMINISTER, "Ends an orphan"), end_orphan)
}

async fn services(s: S, ctx: Ctx, _: Req) -> Result<Services, Error> {
    s.services(&ctx).await
}
async fn service_of(s: S, ctx: Ctx, req: Req<Name>) -> Result<ServiceDetail, Error> {
    s.service(&ctx, &req.path.service).await
}
async fn list(s: S, ctx: Ctx, req: Req<(), ListQuery>) -> Result<Workspaces, Error> {
    s.list(&ctx, &req.query).await
}
async fn open(s: S, ctx: Ctx, req: Req<(), (), Open>) -> Result<WorkspaceView, Error> {
    s.open(&ctx, req.body).await
}
async fn show(s: S, ctx: Ctx, req: Req<Id>) -> Result<WorkspaceView, Error> {
    s.get(&ctx, &req.path.workspace).await
}
async fn rename(s: S, ctx: Ctx, req: Req<Id, (), Title>) -> Result<WorkspaceView, Error> {
    s.rename(&ctx, &req.path.workspace, &req.body.title).await
}
async fn remove(s: S, ctx: Ctx, req: Req<Id>) -> Result<(), Error> {
    s.delete(&ctx, &req.path.workspace).await
}
async fn start(s: S, ctx: Ctx, req: Req<Id, (), Again>) -> Result<WorkspaceView, Error> {
    let open = Open { workspace: Some(req.path.workspace), profile: req.body.profile, ..Open::default() };
    s.open(&ctx, open).await
}
async fn stop(s: S, ctx: Ctx, req: Req<Id>) -> Result<WorkspaceView, Error> {
    s.stop(&ctx, &req.path.workspace).await
}
async fn restart(s: S, ctx: Ctx, req: Req<Id, (), Again>) -> Result<WorkspaceView, Error> {
    s.restart(&ctx, &req.path.workspace, req.body.profile.as_deref()).await
}
async fn keep(s: S, ctx: Ctx, req: Req<Id, (), Minutes>) -> Result<WorkspaceView, Error> {
    s.keep(&ctx, &req.path.workspace, req.body.minutes).await
}
async fn share(s: S, ctx: Ctx, req: Req<Guest, (), As>) -> Result<WorkspaceView, Error> {
    s.share(&ctx, &req.path.workspace, &req.path.user, Some(req.body.level)).await
}
async fn unshare(s: S, ctx: Ctx, req: Req<Guest>) -> Result<WorkspaceView, Error> {
    s.share(&ctx, &req.path.workspace, &req.path.user, None).await
}
async fn logs(s: S, ctx: Ctx, req: Req<Id, LogQuery>) -> Result<LogPage, Error> {
    s.logs(&ctx, &req.path.workspace, &req.query).await
}
async fn health(s: S, ctx: Ctx, req: Req<Id>) -> Result<Chronicle, Error> {
    s.chronicle(&ctx, &req.path.workspace).await
}
async fn orphans(s: S, ctx: Ctx, _: Req) -> Result<Orphans, Error> {
    Ok(Orphans { items: s.orphans(&ctx).await? })
}
async fn adopt(s: S, ctx: Ctx, req: Req<Unit, (), Adopt>) -> Result<WorkspaceView, Error> {
    s.adopt_orphan(&ctx, &req.path.unit, req.body).await
}
async fn end_orphan(s: S, ctx: Ctx, req: Req<Unit>) -> Result<(), Error> {
    s.end_orphan(&ctx, &req.path.unit).await
}

async fn progress_stream(
    State(service): State<S>,
    Extension(ctx): Extension<Ctx>,
    request: Request,
) -> Result<Response, Problem> {
    let req = Req::<Id, progress::Query>::read(request).await?;
    let stream = service.progress(&ctx, &req.path.workspace, req.query).await?;
    Ok(stream.into_response())
}
