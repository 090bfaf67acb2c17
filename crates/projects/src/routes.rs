//! The operations over HTTP.

use crate::ledger::Summary;
use crate::pricing::Prices;
use crate::{LedgerView, Member, NewProject, Project, ProjectPatch, Service};
use axum::http::{Method, StatusCode};
use castalia_base::{Credits, Ctx, Error};
use castalia_events::{EventPage, EventQuery};
use castalia_http::{Api, Operation, Page, PageQuery, Req};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

type S = Arc<Service>;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct ProjectPath {
    /// The project's id or name.
    pub(crate) project: String,
}
#[derive(Deserialize, JsonSchema)]
struct MemberPath {
    /// The project's id or name.
    project: String,
    /// The user's id or name.
    user: String,
}
#[derive(Deserialize, JsonSchema)]
struct ListQuery {
    /// Archived projects too.
    #[serde(default)]
    archived: bool,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many entries at most (1 to 500, 100 unless told).
    limit: Option<u32>,
}
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewMember {
    /// The role in the project; `developer` unless told.
    role: Option<String>,
}
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TopUp {
    /// How much, in micro-credits.
    amount: Credits,
    /// A word about it.
    #[serde(default)]
    note: String,
    /// Makes sending it twice the same as sending it once.
    key: Option<String>,
}
/// A project with what it has.
#[derive(Serialize, JsonSchema)]
struct ProjectView {
    #[serde(flatten)]
    project: Project,
    /// What it has.
    credit: Summary,
}

/// The operations of this capability.
pub fn api(service: &Arc<Service>) -> Api<Service> {
    let op = Operation::new;
    let (get, post, patch, put, delete) =
        (Method::GET, Method::POST, Method::PATCH, Method::PUT, Method::DELETE);
    let one = "/api/projects/{project}";
    let member = "/api/projects/{project}/members/{user}";
    crate::saved::routes::add(Api::new(service.clone()))
        .op(
            op(
                get.clone(),
                "/api/projects",
                "projects.list",
                "account.view",
                "Lists the projects that you may see",
            ),
            list,
        )
        .op(
            op(
                post.clone(),
                "/api/projects",
                "projects.create",
                "projects.create",
                "Makes a project; you become its administrator",
            )
            .status(StatusCode::CREATED),
            create,
        )
        .op(op(get.clone(), one, "projects.show", "projects.view", "Shows a project and what it has"), show)
        .op(
            op(
                patch,
                one,
                "projects.update",
                "projects.manage",
                "Changes a project (limits need `projects.administer`)",
            ),
            update,
        )
        .op(
            op(
                delete.clone(),
                one,
                "projects.archive",
                "projects.manage",
                "Archives a project; PATCH `archived: false` brings it back",
            ),
            archive,
        )
        .op(
            op(
                get.clone(),
                "/api/projects/{project}/members",
                "members.list",
                "members.view",
                "Lists a project's members",
            ),
            members,
        )
        .op(
            op(put, member, "members.put", "members.manage", "Makes a user a member, or changes the role"),
            put_member,
        )
        .op(
            op(
                delete,
                member,
                "members.remove",
                "projects.view",
                "Ends a membership (`members.manage`, or one's own)",
            ),
            remove_member,
        )
        .op(
            op(
                get.clone(),
                "/api/projects/{project}/ledger",
                "ledger.show",
                "ledger.view",
                "A project's credit and journal",
            ),
            ledger,
        )
        .op(
            op(
                post,
                "/api/projects/{project}/credits",
                "ledger.topup",
                "ledger.topup",
                "Adds credit to a project",
            ),
            topup,
        )
        .op(op(get.clone(), "/api/prices", "prices.show", "account.view", "The price list in force"), prices)
        .op(
            op(
                get,
                "/api/projects/{project}/audit",
                "audit.project",
                "audit.view",
                "What happened in a project, newest first",
            ),
            audit,
        )
}

async fn list(service: S, ctx: Ctx, req: Req<(), ListQuery>) -> Result<Page<Project>, Error> {
    let page = PageQuery { after: req.query.after, limit: req.query.limit };
    service.list(&ctx, &page, req.query.archived).await
}

async fn create(service: S, ctx: Ctx, req: Req<(), (), NewProject>) -> Result<Project, Error> {
    service.create(&ctx, req.body).await
}

async fn show(service: S, ctx: Ctx, req: Req<ProjectPath>) -> Result<ProjectView, Error> {
    let project = service.find(&ctx, &req.path.project, "projects.view").await?;
    let credit = crate::ledger::summary(&mut service.db.read(), &project.id).await?;
    Ok(ProjectView { project, credit })
}

async fn update(service: S, ctx: Ctx, req: Req<ProjectPath, (), ProjectPatch>) -> Result<Project, Error> {
    service.update(&ctx, &req.path.project, req.body).await
}

async fn archive(service: S, ctx: Ctx, req: Req<ProjectPath>) -> Result<Project, Error> {
    let patch = ProjectPatch { archived: Some(true), ..ProjectPatch::default() };
    service.update(&ctx, &req.path.project, patch).await
}

async fn members(service: S, ctx: Ctx, req: Req<ProjectPath, PageQuery>) -> Result<Page<Member>, Error> {
    service.members(&ctx, &req.path.project, &req.query).await
}

async fn put_member(service: S, ctx: Ctx, req: Req<MemberPath, (), NewMember>) -> Result<Member, Error> {
    let role = req.body.role.as_deref().unwrap_or("developer");
    service.put_member(&ctx, &req.path.project, &req.path.user, role).await
}

async fn remove_member(service: S, ctx: Ctx, req: Req<MemberPath>) -> Result<(), Error> {
    service.remove_member(&ctx, &req.path.project, &req.path.user).await
}

async fn ledger(service: S, ctx: Ctx, req: Req<ProjectPath, PageQuery>) -> Result<LedgerView, Error> {
    service.ledger(&ctx, &req.path.project, &req.query).await
}

async fn topup(service: S, ctx: Ctx, req: Req<ProjectPath, (), TopUp>) -> Result<Summary, Error> {
    let TopUp { amount, note, key } = req.body;
    service.add_credit(&ctx, &req.path.project, amount, &note, key.as_deref()).await
}

async fn prices(service: S, _: Ctx, _: Req) -> Result<Prices, Error> {
    Ok(service.prices().clone())
}

async fn audit(service: S, ctx: Ctx, req: Req<ProjectPath, EventQuery>) -> Result<EventPage, Error> {
    service.audit(&ctx, &req.path.project, req.query).await
}
