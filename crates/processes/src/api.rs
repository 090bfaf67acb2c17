//! The operations over HTTP. Handlers translate; the service decides.

use crate::Comparison;
use crate::environments::{Environment, NewEnvironment, ProcessType};
use crate::flow::{Flow, FlowQuery};
use crate::logs::{LogFormat, LogPage, LogQuery};
use crate::model::{ProcessView, VersionView};
use crate::service::{ListQuery, Service};
use crate::submit::{Estimate, NewProcess, NewVersion};
use crate::units::{Units, UnitsQuery};
use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use castalia_base::{Ctx, Error};
use castalia_compute::log::{LogBatch, Stream};
use castalia_http::{Api, Operation, Page, Problem, Req, disposition};
use futures::StreamExt;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

type S = Arc<Service>;

#[derive(Deserialize, JsonSchema)]
struct Id {
    /// Process id.
    id: String,
}

#[derive(Deserialize, JsonSchema)]
struct VersionPath {
    /// Process id.
    id: String,
    /// Version number.
    version: i64,
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    /// Name; a type may be given as `ENVIRONMENT~NAME` when several environments have it.
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Pair {
    /// First version.
    a: i64,
    /// Second version.
    b: i64,
}

#[derive(Deserialize, JsonSchema)]
struct ProjectPath {
    /// Project, by name or id.
    project: String,
}

/// The operations of this capability.
pub fn api(service: &Arc<Service>) -> Api {
    let get = |path, id, permission, summary| Operation::new(Method::GET, path, id, permission, summary);
    let post = |path, id, permission, summary| Operation::new(Method::POST, path, id, permission, summary);
    let delete =
        |path, id, permission, summary| Operation::new(Method::DELETE, path, id, permission, summary);
    Api::new(service.clone())
        .op(
            get(
                "/api/environments",
                "environments.list",
                "environments.view",
                "Environments with their types",
            ),
            list_environments,
        )
        .op(
            post(
                "/api/environments",
                "environments.add",
                "environments.manage",
                "Adds an environment or reads it anew",
            )
            .status(StatusCode::CREATED),
            add_environment,
        )
        .op(
            get("/api/environments/{name}", "environments.show", "environments.view", "One environment"),
            show_environment,
        )
        .op(
            post(
                "/api/environments/{name}/refresh",
                "environments.refresh",
                "environments.manage",
                "Reads an environment's types anew",
            ),
            refresh_environment,
        )
        .op(
            delete(
                "/api/environments/{name}",
                "environments.remove",
                "environments.manage",
                "Removes an environment",
            ),
            remove_environment,
        )
        .op(
            get(
                "/api/process-types",
                "process_types.list",
                "environments.view",
                "Process types with their schemas",
            ),
            list_types,
        )
        .op(
            get("/api/process-types/{name}", "process_types.show", "environments.view", "One process type"),
            show_type,
        )
        .op(
            get("/api/processes", "processes.list", "processes.view", "Processes of a project, newest first"),
            list,
        )
        .op(
            post(
                "/api/processes",
                "processes.create",
                "processes.run",
                "Makes a process and queues its first version",
            )
            .status(StatusCode::CREATED),
            create,
        )
        .op(
            post(
                "/api/processes/estimate",
                "processes.estimate",
                "processes.run",
                "What a version would cost; checks the parameters",
            ),
            estimate,
        )
        .op(
            get(
                "/api/processes/{id}",
                "processes.show",
                "processes.view",
                "One process with all its versions",
            ),
            show,
        )
        .op(
            delete(
                "/api/processes/{id}",
                "processes.delete",
                "processes.delete",
                "Deletes a process with its outputs and logs",
            ),
            remove,
        )
        .op(
            post(
                "/api/processes/{id}/cancel",
                "processes.cancel",
                "processes.cancel",
                "Cancels the newest version",
            ),
            cancel,
        )
        .op(
            post(
                "/api/processes/{id}/versions",
                "processes.create_version",
                "processes.run",
                "Queues a further version",
            )
            .status(StatusCode::CREATED),
            create_version,
        )
        .op(
            get(
                "/api/processes/{id}/versions/{version}",
                "processes.show_version",
                "processes.view",
                "One version",
            ),
            show_version,
        )
        .op(
            post(
                "/api/processes/{id}/versions/{version}/cancel",
                "processes.cancel_version",
                "processes.cancel",
                "Cancels a version",
            ),
            cancel_version,
        )
        .op(
            get(
                "/api/processes/{id}/compare",
                "processes.compare",
                "processes.view",
                "Two versions side by side",
            ),
            compare,
        )
        .op(
            get(
                "/api/projects/{project}/graph",
                "processes.graph",
                "processes.view",
                "The processes of a project and the data between them",
            ),
            graph,
        )
        .op(get("/api/units", "units.list", "units.view", "What runs and waits over all projects"), units)
        .raw(
            get(
                "/api/processes/{id}/logs",
                "processes.logs",
                "processes.view",
                "The log: a page as JSON, or the whole as lines or text",
            )
            .path_params::<Id>()
            .query::<LogQuery>()
            .returns::<LogPage>(),
            logs,
        )
        .erase()
}

async fn list_environments(s: S, ctx: Ctx, _: Req) -> Result<Vec<Environment>, Error> {
    s.environments(&ctx).await
}
async fn add_environment(s: S, ctx: Ctx, r: Req<(), (), NewEnvironment>) -> Result<Environment, Error> {
    s.add_environment(&ctx, r.body).await
}
async fn show_environment(s: S, ctx: Ctx, r: Req<Name>) -> Result<Environment, Error> {
    s.environment(&ctx, &r.path.name).await
}
async fn refresh_environment(s: S, ctx: Ctx, r: Req<Name>) -> Result<Environment, Error> {
    s.refresh_environment(&ctx, &r.path.name).await
}
async fn remove_environment(s: S, ctx: Ctx, r: Req<Name>) -> Result<(), Error> {
    s.remove_environment(&ctx, &r.path.name).await
}
async fn list_types(s: S, ctx: Ctx, _: Req) -> Result<Vec<ProcessType>, Error> {
    s.process_types(&ctx).await
}
async fn show_type(s: S, ctx: Ctx, r: Req<Name>) -> Result<ProcessType, Error> {
    s.process_type(&ctx, &r.path.name.replacen('~', "/", 1)).await
}
async fn list(s: S, ctx: Ctx, r: Req<(), ListQuery>) -> Result<Page<ProcessView>, Error> {
    s.list(&ctx, &r.query).await
}
async fn create(s: S, ctx: Ctx, r: Req<(), (), NewProcess>) -> Result<ProcessView, Error> {
    s.create(&ctx, r.body).await
}
async fn estimate(s: S, ctx: Ctx, r: Req<(), (), NewProcess>) -> Result<Estimate, Error> {
    s.estimate(&ctx, r.body).await
}
async fn show(s: S, ctx: Ctx, r: Req<Id>) -> Result<ProcessView, Error> {
    s.get(&ctx, &r.path.id).await
}
async fn remove(s: S, ctx: Ctx, r: Req<Id>) -> Result<(), Error> {
    s.delete(&ctx, &r.path.id).await
}
async fn cancel(s: S, ctx: Ctx, r: Req<Id>) -> Result<VersionView, Error> {
    s.cancel(&ctx, &r.path.id, None).await
}
async fn create_version(s: S, ctx: Ctx, r: Req<Id, (), NewVersion>) -> Result<VersionView, Error> {
    s.create_version(&ctx, &r.path.id, r.body).await
}
async fn show_version(s: S, ctx: Ctx, r: Req<VersionPath>) -> Result<VersionView, Error> {
    s.version(&ctx, &r.path.id, r.path.version).await
}
async fn cancel_version(s: S, ctx: Ctx, r: Req<VersionPath>) -> Result<VersionView, Error> {
    s.cancel(&ctx, &r.path.id, Some(r.path.version)).await
}
async fn compare(s: S, ctx: Ctx, r: Req<Id, Pair>) -> Result<Comparison, Error> {
    s.compare(&ctx, &r.path.id, r.query.a, r.query.b).await
}

async fn graph(s: S, ctx: Ctx, r: Req<ProjectPath, FlowQuery>) -> Result<Flow, Error> {
    s.flow(&ctx, &r.path.project, &r.query).await
}
async fn units(s: S, ctx: Ctx, r: Req<(), UnitsQuery>) -> Result<Units, Error> {
    s.units(&ctx, &r.query).await
}

async fn logs(
    State(s): State<S>,
    Extension(ctx): Extension<Ctx>,
    request: Request,
) -> Result<Response, Problem> {
    let Req { path, query, headers, .. } = Req::<Id, LogQuery>::read(request).await?;
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let format = query.format.unwrap_or_else(|| LogFormat::of_accept(accept));
    let mut answer = if format == LogFormat::Json {
        Json(s.logs(&ctx, &path.id, &query).await?).into_response()
    } else {
        whole_log(&s, &ctx, &path.id, &query, format).await?
    };
    if query.download {
        let name = s.log_file_name(&ctx, &path.id, query.version, format).await?;
        let value = disposition("attachment", &name).parse().map_err(Error::internal)?;
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(answer)
}

/// The log as it comes, batch by batch: a million lines need no more memory than a hundred thousand.
async fn whole_log(
    s: &S,
    ctx: &Ctx,
    process: &str,
    query: &LogQuery,
    format: LogFormat,
) -> Result<Response, Error> {
    let filter = query.filter()?;
    let batches = s.log_stream(ctx, process, query.version, query.after.unwrap_or(0), query.follow).await?;
    let body =
        futures::stream::unfold(
            batches,
            |mut batches| async move { batches.recv().await.map(|b| (b, batches)) },
        )
        .map(move |batch| {
            let batch = filter.apply(batch?)?;
            if format == LogFormat::Text { text(&batch) } else { Ok(batch.data) }
        })
        // What wraps the body may ask once more after the end, which an unfolding stream does not forgive.
        .fuse();
    Ok(([(header::CONTENT_TYPE, format.media_type())], Body::from_stream(body)).into_response())
}

/// The bytes that the program wrote, stdout and stderr in their order, with the system's lines marked.
fn text(batch: &LogBatch) -> Result<bytes::Bytes, Error> {
    let mut all = Vec::with_capacity(batch.data.len());
    for line in batch.parse()? {
        match line.stream {
            Stream::Stdout | Stream::Stderr => all.extend_from_slice(&line.bytes()),
            Stream::System => all.extend_from_slice(format!("castalia: {}\n", line.line).as_bytes()),
            Stream::Progress => {}
        }
    }
    Ok(all.into())
}
