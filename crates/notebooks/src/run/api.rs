//! Kernels, runs and big outputs over HTTP.

use super::model::{CellNow, KernelView, KernelspecView, Run, RunRequest, What};
use crate::Service;
use crate::stored::media;
use crate::stored::usage::Usage;
use axum::body::Body;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use castalia_base::action;
use castalia_base::actions::Action;
use castalia_base::{Ctx, Error};
use castalia_http::{Api, Operation, Page, Problem, Req, disposition, parse_range};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

type S = Arc<Service>;

#[derive(Deserialize, JsonSchema)]
struct Id {
    /// Id of the notebook.
    id: String,
}
#[derive(Deserialize, JsonSchema)]
struct OutputId {
    /// Id of the notebook.
    id: String,
    /// Id of the stored output.
    output: String,
}
#[derive(Deserialize, JsonSchema)]
struct SpecQuery {
    /// Project, by name or id.
    project: String,
}
#[derive(Deserialize, JsonSchema)]
struct RunsQuery {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many at most (1 to 500, 100 unless told).
    limit: Option<u32>,
}
#[derive(Deserialize, JsonSchema)]
struct OutputQuery {
    /// `1`: as the kernel sent it; otherwise pictures and the like are what they are, not base64.
    raw: Option<u8>,
}
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Start {
    /// Name of the kernelspec; the notebook's own unless told.
    name: Option<String>,
}
#[derive(Serialize, JsonSchema)]
struct Started {
    /// Whether one was started now.
    started: bool,
}

/// Adds the operations of running.
pub(crate) fn add_to(api: Api<Service>) -> Api<Service> {
    let op = |method, path, id, permission, summary| Operation::new(method, path, id, permission, summary);
    let view = |path, id, summary| op(Method::GET, path, id, "notebooks.view", summary);
    let act = |path, id, summary| op(Method::POST, path, id, "notebooks.run", summary);
    api.op(view("/api/kernelspecs", "notebooks.kernelspecs", "Kernels that notebooks can have"), kernelspecs)
        .op(
            view("/api/notebooks/{id}/kernel", "notebooks.kernel", "The kernel and what waits for it"),
            kernel,
        )
        .op(
            view("/api/notebooks/{id}/cells", "notebooks.cells", "Cells with sources, outputs and runs"),
            cells,
        )
        .op(act("/api/notebooks/{id}/kernel/start", "notebooks.start_kernel", "Starts the kernel"), start)
        .op(
            act("/api/notebooks/{id}/kernel/interrupt", "notebooks.interrupt_kernel", "Interrupts what runs"),
            interrupt,
        )
        .op(
            act("/api/notebooks/{id}/kernel/restart", "notebooks.restart_kernel", "Starts the kernel anew"),
            restart,
        )
        .op(
            act("/api/notebooks/{id}/kernel/shutdown", "notebooks.shutdown_kernel", "Ends the kernel"),
            shutdown,
        )
        .op(view("/api/notebooks/{id}/runs", "notebooks.runs", "Runs of cells, newest first"), runs)
        .op(
            act("/api/notebooks/{id}/runs", "notebooks.run", "Puts cells on the queue")
                .status(StatusCode::ACCEPTED),
            run,
        )
        .op(
            view("/api/notebooks/{id}/usage", "notebooks.usage", "How much of outputs is stored, and may be"),
            usage,
        )
        .raw(
            view(
                "/api/notebooks/{id}/outputs/{output}",
                "notebooks.output",
                "An output that is too big for the document; takes Range",
            )
            .path_params::<OutputId>()
            .query::<OutputQuery>()
            .returns_media("application/octet-stream"),
            output,
        )
}

async fn kernelspecs(s: S, ctx: Ctx, r: Req<(), SpecQuery>) -> Result<Vec<KernelspecView>, Error> {
    s.kernelspecs(&ctx, &r.query.project).await
}
async fn kernel(s: S, ctx: Ctx, r: Req<Id>) -> Result<KernelView, Error> {
    s.kernel(&ctx, &r.path.id).await
}
async fn cells(s: S, ctx: Ctx, r: Req<Id, CellsQuery>) -> Result<Page<CellNow>, Error> {
    let limit = r.query.limit.unwrap_or(1000).clamp(1, 1000) as usize;
    let found = s.cells_now(&ctx, &r.path.id, r.query.after.as_deref(), limit + 1).await?;
    Ok(Page::of(found, limit, |cell: &CellNow| cell.id.clone()))
}
async fn start(s: S, ctx: Ctx, r: Req<Id, (), Start>) -> Result<Started, Error> {
    let started = s.start_kernel(&ctx, &r.path.id, r.body.name.as_deref()).await?;
    Ok(Started { started })
}
async fn interrupt(s: S, ctx: Ctx, r: Req<Id>) -> Result<(), Error> {
    s.interrupt_kernel(&ctx, &r.path.id).await
}
async fn restart(s: S, ctx: Ctx, r: Req<Id>) -> Result<(), Error> {
    s.restart_kernel(&ctx, &r.path.id).await
}
async fn shutdown(s: S, ctx: Ctx, r: Req<Id>) -> Result<(), Error> {
    s.shutdown_kernel(&ctx, &r.path.id).await
}
async fn run(s: S, ctx: Ctx, r: Req<Id, (), RunRequest>) -> Result<Vec<Run>, Error> {
    s.run(&ctx, &r.path.id, &r.body).await
}
async fn runs(s: S, ctx: Ctx, r: Req<Id, RunsQuery>) -> Result<Page<Run>, Error> {
    let limit = r.query.limit.unwrap_or(100).clamp(1, 500) as usize;
    let found = s.runs(&ctx, &r.path.id, r.query.after.as_deref().unwrap_or_default(), limit + 1).await?;
    Ok(Page::of(found, limit, |run: &Run| run.id.clone()))
}
async fn usage(s: S, ctx: Ctx, r: Req<Id>) -> Result<Usage, Error> {
    s.usage(&ctx, &r.path.id).await
}

async fn output(
    State(s): State<S>,
    Extension(ctx): Extension<Ctx>,
    Path(path): Path<OutputId>,
    Query(query): Query<OutputQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let stored = s.stored_output(&ctx, &path.id, &path.output).await?;
    let binary = query.raw.is_none() && media::is_base64(&stored.media);
    let decoded = if binary { s.measure(&stored).await? } else { None };
    // What can't be decoded (a quota cut it) is the text that it is.
    let kind = if binary && decoded.is_none() { media::TEXT } else { &stored.media };
    let size = decoded.as_ref().map_or(stored.bytes, media::Measure::bytes);
    let range = headers.get(header::RANGE).and_then(|v| v.to_str().ok());
    let range = match parse_range(range, size) {
        Ok(range) => range,
        Err(error) => {
            let mut response = Problem(error).into_response();
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok(response);
        }
    };
    let (start, end) = range.map_or((0, size), |r| (r.start, r.end));
    let body = match &decoded {
        Some(measure) => Body::from_stream(s.decoded(&stored, measure, start, end)),
        None => Body::from_stream(s.range(&stored, start, end)),
    };
    let mut response = Response::new(body);
    let name = format!("{}.{}", path.output, media::ending(kind));
    let place = if media::is_shown(kind) { "inline" } else { "attachment" };
    let text = |text: &str| {
        HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
    };
    let fields = [
        (header::CONTENT_TYPE, text(&media::content_type(kind))),
        (header::CONTENT_LENGTH, HeaderValue::from(end - start)),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (header::CONTENT_DISPOSITION, text(&disposition(place, &name))),
        // What a kernel made is nothing that may run here.
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    response.headers_mut().extend(fields);
    if range.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        response
            .headers_mut()
            .insert(header::CONTENT_RANGE, text(&format!("bytes {start}-{}/{size}", end.saturating_sub(1))));
    }
    Ok(response)
}

#[derive(Deserialize, JsonSchema)]
struct CellsQuery {
    /// At most so many, 1000 unless told.
    limit: Option<u32>,
    /// Only those behind this cell.
    after: Option<String>,
}
#[derive(Deserialize, JsonSchema)]
struct One {
    /// Id of the notebook.
    notebook: String,
}
#[derive(Deserialize, JsonSchema)]
struct RunOne {
    /// Id of the notebook.
    notebook: String,
    /// What to run; one cell unless told.
    #[serde(default)]
    what: What,
    /// The cell it is about.
    cell: Option<String>,
    /// Whether what waits behind it goes on when one fails.
    #[serde(default)]
    go_on: bool,
}

impl RunOne {
    fn wish(self) -> RunRequest {
        RunRequest { what: self.what, cell: self.cell, stop_on_error: !self.go_on }
    }
}

/// What the action catalogue offers.
#[rustfmt::skip]
pub(crate) fn actions(service: &S) -> Vec<Action> {
    vec![
        action!(service, "notebooks.run", "notebooks.run", "Puts cells of a notebook on its queue",
            |s, ctx, input: RunOne| { let id = input.notebook.clone(); s.run(&ctx, &id, &input.wish()).await }),
        action!(service, "notebooks.kernel", "notebooks.view", "Shows a notebook's kernel and what waits for it",
            |s, ctx, input: One| s.kernel(&ctx, &input.notebook).await),
        action!(service, "notebooks.interrupt_kernel", "notebooks.run", "Interrupts what a notebook runs",
            |s, ctx, input: One| s.interrupt_kernel(&ctx, &input.notebook).await),
        action!(service, "notebooks.restart_kernel", "notebooks.run", "Starts a notebook's kernel anew",
            |s, ctx, input: One| s.restart_kernel(&ctx, &input.notebook).await),
        action!(service, "notebooks.shutdown_kernel", "notebooks.run", "Ends a notebook's kernel",
            |s, ctx, input: One| s.shutdown_kernel(&ctx, &input.notebook).await),
    ]
}
