//! Saved documents over HTTP.

use super::{Figure, FigureChange, FigureEntry, FigureKind, Layout, NewFigure};
use crate::Service;
use crate::routes::ProjectPath;
use axum::http::{Method, StatusCode};
use castalia_base::{Ctx, Error};
use castalia_http::{Api, Operation, Page, PageQuery, Req};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

type S = Arc<Service>;

#[derive(Deserialize, JsonSchema)]
struct LayoutPath {
    /// The project's id or name.
    project: String,
    /// The layout's name.
    name: String,
}
#[derive(Deserialize, JsonSchema)]
struct FigurePath {
    /// The project's id or name.
    project: String,
    /// `fig_…`.
    figure: String,
}
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PutLayout {
    /// The layout: a JSON object of at most 256 KiB.
    #[schemars(with = "serde_json::Map<String, Value>")]
    layout: Value,
    /// The revision that the change was based on; 0 or absent for a new layout.
    #[serde(default)]
    revision: i64,
}
#[derive(Deserialize, JsonSchema)]
struct FiguresQuery {
    /// Only plots, or only maps.
    kind: Option<FigureKind>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many entries at most (1 to 500, 100 unless told).
    limit: Option<u32>,
}
#[derive(Deserialize, JsonSchema)]
struct DeleteQuery {
    /// Delete it only while it is at this revision.
    revision: Option<i64>,
}

pub(crate) fn add(api: Api<Service>) -> Api<Service> {
    let op = Operation::new;
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    let layouts = "/api/projects/{project}/layouts";
    let layout = "/api/projects/{project}/layouts/{name}";
    let figures = "/api/projects/{project}/figures";
    let figure = "/api/projects/{project}/figures/{figure}";
    api.op(
        op(get.clone(), layouts, "layouts.list", "projects.view", "Lists your own layouts in a project"),
        list_layouts,
    )
    .op(op(get.clone(), layout, "layouts.show", "projects.view", "One of your own layouts"), show_layout)
    .op(
        op(
            put.clone(),
            layout,
            "layouts.put",
            "projects.view",
            "Saves a layout of your own; 409 `layout_changed` (with `revision`) when it was based on another one",
        ),
        put_layout,
    )
    .op(
        op(delete.clone(), layout, "layouts.delete", "projects.view", "Deletes a layout of your own"),
        delete_layout,
    )
    .op(
        op(get.clone(), figures, "figures.list", "figures.view", "Lists a project's figures, newest first"),
        list_figures,
    )
    .op(
        op(post, figures, "figures.create", "figures.create", "Saves a new plot or map")
            .status(StatusCode::CREATED),
        create_figure,
    )
    .op(op(get, figure, "figures.show", "figures.view", "One figure with what is in it"), show_figure)
    .op(
        op(
            put,
            figure,
            "figures.put",
            "figures.update",
            "Changes a figure; 409 `figure_changed` (with `revision`) when it was based on another revision",
        ),
        put_figure,
    )
    .op(op(delete, figure, "figures.delete", "figures.delete", "Deletes a figure"), delete_figure)
}

async fn list_layouts(service: S, ctx: Ctx, req: Req<ProjectPath, PageQuery>) -> Result<Page<Layout>, Error> {
    service.layouts(&ctx, &req.path.project, &req.query).await
}

async fn show_layout(service: S, ctx: Ctx, req: Req<LayoutPath>) -> Result<Layout, Error> {
    service.layout(&ctx, &req.path.project, &req.path.name).await
}

async fn put_layout(service: S, ctx: Ctx, req: Req<LayoutPath, (), PutLayout>) -> Result<Layout, Error> {
    let PutLayout { layout, revision } = &req.body;
    service.put_layout(&ctx, &req.path.project, &req.path.name, layout, *revision).await
}

async fn delete_layout(service: S, ctx: Ctx, req: Req<LayoutPath>) -> Result<(), Error> {
    service.delete_layout(&ctx, &req.path.project, &req.path.name).await
}

async fn list_figures(
    service: S,
    ctx: Ctx,
    req: Req<ProjectPath, FiguresQuery>,
) -> Result<Page<FigureEntry>, Error> {
    let page = PageQuery { after: req.query.after, limit: req.query.limit };
    service.figures(&ctx, &req.path.project, req.query.kind, &page).await
}

async fn create_figure(service: S, ctx: Ctx, req: Req<ProjectPath, (), NewFigure>) -> Result<Figure, Error> {
    service.create_figure(&ctx, &req.path.project, &req.body).await
}

async fn show_figure(service: S, ctx: Ctx, req: Req<FigurePath>) -> Result<Figure, Error> {
    service.figure(&ctx, &req.path.project, &req.path.figure).await
}

async fn put_figure(service: S, ctx: Ctx, req: Req<FigurePath, (), FigureChange>) -> Result<Figure, Error> {
    service.put_figure(&ctx, &req.path.project, &req.path.figure, &req.body).await
}

async fn delete_figure(service: S, ctx: Ctx, req: Req<FigurePath, DeleteQuery>) -> Result<(), Error> {
    service.delete_figure(&ctx, &req.path.project, &req.path.figure, req.query.revision).await
}
