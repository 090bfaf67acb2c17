//! Files, versions and conflicts over HTTP.

use super::service::{FILE_LIMIT, Format};
use crate::Service;
use crate::document::merge::{Conflict, Side};
use crate::files::{
    CellChange, HistoryView, NewPlace, OpenFile, Pieces, VersionView, VolumeFiles, WholeVersion,
};
use crate::model::NotebookView;
use axum::body::Body;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use castalia_base::{Ctx, Error, Kind, Timestamp};
use castalia_http::{Api, Operation, Page, Problem, Req, disposition};
use http_body_util::{BodyExt, Limited};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

type S = Arc<Service>;

#[derive(Deserialize, JsonSchema)]
struct Id {
    /// Id of the notebook.
    id: String,
}

#[derive(Deserialize, JsonSchema)]
struct WorkspacePath {
    /// The workspace, by id or name.
    workspace: String,
}

#[derive(Deserialize, JsonSchema)]
struct VersionPath {
    /// Id of the notebook.
    id: String,
    /// Id of the version.
    v: String,
}

#[derive(Deserialize, JsonSchema)]
struct ConflictPath {
    /// Id of the notebook.
    id: String,
    /// Id of the conflict, or of the cell whose texts it is about.
    conflict: String,
}

#[derive(Deserialize, JsonSchema)]
struct FileQuery {
    /// `ipynb` unless told.
    #[serde(default)]
    format: Format,
}

#[derive(Deserialize, JsonSchema)]
struct ChangesQuery {
    /// Id of the version to compare with; the notebook as it is now unless told.
    against: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct HistoryQuery {
    /// Milliseconds since 1970.
    at: i64,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Checkpoint {
    /// The document is right even if it lost cells that nobody was seen deleting.
    #[serde(default)]
    believe: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Name {
    /// The version's name.
    name: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Choice {
    /// Which version stays.
    keep: Side,
}

/// What changed.
#[derive(Serialize, JsonSchema)]
struct Changes {
    /// Cell by cell.
    changes: Vec<CellChange>,
}

/// What somebody has to decide.
#[derive(Serialize, JsonSchema)]
struct Conflicts {
    /// Each with both versions.
    items: Vec<Conflict>,
}

/// How the file stands, as in the document's `file`.
#[derive(Serialize, JsonSchema)]
struct FileState {
    /// `name`, `saved_at`, `dirty_since`, `error`, `conflicts`.
    file: Value,
}

/// Adds the operations.
pub(crate) fn add(api: Api<Service>) -> Api<Service> {
    let op = |method, path, id, permission, summary| Operation::new(method, path, id, permission, summary);
    let (view, edit) = ("notebooks.view", "notebooks.edit");
    api.op(
        op(
            Method::GET,
            "/api/workspaces/{workspace}/notebooks",
            "notebooks.volume_files",
            view,
            "The files of a workspace's volume that can be opened as live notebooks",
        ),
        volume_files,
    )
    .op(
        op(
            Method::POST,
            "/api/workspaces/{workspace}/notebooks",
            "notebooks.open_file",
            "notebooks.create",
            "Opens a file of a workspace's volume as a live notebook of its project",
        ),
        open_file,
    )
    .op(
        op(
            Method::PUT,
            "/api/notebooks/{id}/place",
            "notebooks.set_place",
            edit,
            "Lets a notebook's file lie in a workspace's volume, or in the project's storage",
        ),
        set_place,
    )
    .op(
        op(
            Method::POST,
            "/api/notebooks/{id}/checkpoint",
            "notebooks.checkpoint",
            edit,
            "Writes a notebook into its file now",
        ),
        checkpoint,
    )
    .raw(
        op(
            Method::GET,
            "/api/notebooks/{id}/file",
            "notebooks.export",
            view,
            "A notebook as a file: ipynb, py (percent format), html, md",
        )
        .path_params::<Id>()
        .query::<FileQuery>()
        .returns_media("application/octet-stream"),
        export,
    )
    .raw(
        op(
            Method::PUT,
            "/api/notebooks/{id}/file",
            "notebooks.bring_file",
            edit,
            "Merges a file that was changed outside into the notebook",
        )
        .path_params::<Id>()
        .query::<FileQuery>()
        .binary_body()
        .returns::<FileState>(),
        bring,
    )
    .op(
        op(
            Method::GET,
            "/api/notebooks/{id}/conflicts",
            "notebooks.conflicts",
            view,
            "What was changed on both sides of a merge",
        ),
        conflicts,
    )
    .op(
        op(
            Method::POST,
            "/api/notebooks/{id}/conflicts/{conflict}",
            "notebooks.resolve",
            edit,
            "Ends a conflict by a choice",
        ),
        resolve,
    )
    .op(
        op(
            Method::GET,
            "/api/notebooks/{id}/versions",
            "notebooks.versions",
            view,
            "What a notebook was before",
        ),
        versions,
    )
    .op(
        op(
            Method::POST,
            "/api/notebooks/{id}/versions",
            "notebooks.name_version",
            edit,
            "Keeps a notebook as it is now, under a name",
        )
        .status(StatusCode::CREATED),
        name_version,
    )
    .op(
        op(
            Method::GET,
            "/api/notebooks/{id}/versions/{v}",
            "notebooks.version",
            view,
            "A version with its content",
        ),
        version,
    )
    .op(
        op(
            Method::GET,
            "/api/notebooks/{id}/versions/{v}/changes",
            "notebooks.version_changes",
            view,
            "What changed since a version, cell by cell",
        ),
        changes,
    )
    .raw(
        op(
            Method::GET,
            "/api/notebooks/{id}/versions/{v}/file",
            "notebooks.version_file",
            view,
            "The file of a version",
        )
        .path_params::<VersionPath>()
        .returns_media("application/x-ipynb+json"),
        version_file,
    )
    .op(
        op(
            Method::POST,
            "/api/notebooks/{id}/versions/{v}/restore",
            "notebooks.restore",
            edit,
            "Makes a notebook what a version was, by ordinary edits",
        ),
        restore,
    )
    .op(
        op(
            Method::GET,
            "/api/notebooks/{id}/history",
            "notebooks.history",
            view,
            "A notebook as it was at a time: sources, layout, outputs",
        ),
        history,
    )
}

async fn volume_files(s: S, ctx: Ctx, r: Req<WorkspacePath>) -> Result<VolumeFiles, Error> {
    s.volume_files(&ctx, &r.path.workspace).await
}

async fn open_file(s: S, ctx: Ctx, r: Req<WorkspacePath, (), OpenFile>) -> Result<NotebookView, Error> {
    s.open_file(&ctx, &r.path.workspace, r.body).await
}

async fn set_place(s: S, ctx: Ctx, r: Req<Id, (), NewPlace>) -> Result<NotebookView, Error> {
    s.set_place(&ctx, &r.path.id, r.body).await
}

async fn checkpoint(s: S, ctx: Ctx, r: Req<Id, (), Checkpoint>) -> Result<FileState, Error> {
    Ok(FileState { file: s.checkpoint(&ctx, &r.path.id, r.body.believe).await? })
}

async fn conflicts(s: S, ctx: Ctx, r: Req<Id>) -> Result<Conflicts, Error> {
    Ok(Conflicts { items: s.conflicts(&ctx, &r.path.id).await? })
}

async fn resolve(s: S, ctx: Ctx, r: Req<ConflictPath, (), Choice>) -> Result<(), Error> {
    s.resolve(&ctx, &r.path.id, &r.path.conflict, r.body.keep).await
}

async fn versions(s: S, ctx: Ctx, r: Req<Id>) -> Result<Page<VersionView>, Error> {
    let items = s.versions(&ctx, &r.path.id).await?;
    // Their number is bounded.
    let limit = items.len();
    Ok(Page::of(items, limit, |version| version.version.clone()))
}

async fn name_version(s: S, ctx: Ctx, r: Req<Id, (), Name>) -> Result<VersionView, Error> {
    s.name_version(&ctx, &r.path.id, &r.body.name).await
}

async fn version(s: S, ctx: Ctx, r: Req<VersionPath>) -> Result<WholeVersion, Error> {
    s.version(&ctx, &r.path.id, &r.path.v).await
}

async fn changes(s: S, ctx: Ctx, r: Req<VersionPath, ChangesQuery>) -> Result<Changes, Error> {
    let changes = s.version_changes(&ctx, &r.path.id, &r.path.v, r.query.against.as_deref()).await?;
    Ok(Changes { changes })
}

async fn restore(s: S, ctx: Ctx, r: Req<VersionPath>) -> Result<(), Error> {
    s.restore(&ctx, &r.path.id, &r.path.v).await
}

async fn history(s: S, ctx: Ctx, r: Req<Id, HistoryQuery>) -> Result<HistoryView, Error> {
    s.history_at(&ctx, &r.path.id, Timestamp(r.query.at)).await
}

/// A file to be saved, never to be shown: what is in it is foreign.
fn download(name: &str, media_type: &str, bytes: Pieces) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition("attachment", name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, Body::from_stream(bytes)).into_response()
}

async fn export(
    State(s): State<S>,
    Extension(ctx): Extension<Ctx>,
    Path(Id { id }): Path<Id>,
    Query(query): Query<FileQuery>,
) -> Result<Response, Problem> {
    let (name, bytes) = s.export(&ctx, &id, query.format).await?;
    Ok(download(&name, query.format.media_type(), bytes))
}

async fn version_file(
    State(s): State<S>,
    Extension(ctx): Extension<Ctx>,
    Path(VersionPath { id, v }): Path<VersionPath>,
) -> Result<Response, Problem> {
    let (version, bytes) = s.version_file(&ctx, &id, &v).await?;
    Ok(download(&format!("{}.ipynb", version.version), Format::Ipynb.media_type(), bytes))
}

async fn bring(
    State(s): State<S>,
    Extension(ctx): Extension<Ctx>,
    Path(Id { id }): Path<Id>,
    Query(query): Query<FileQuery>,
    request: Request,
) -> Result<Response, Problem> {
    s.find(&ctx, &id, "notebooks.edit").await?;
    let body = Limited::new(request.into_body(), FILE_LIMIT).collect().await;
    let bytes = body
        .map_err(|_| Error::new(Kind::TooLarge, "file_too_large", "a notebook's file has at most 256 MiB"))?;
    let file = s.bring_file(&ctx, &id, query.format, &bytes.to_bytes()).await?;
    Ok(axum::Json(FileState { file }).into_response())
}
