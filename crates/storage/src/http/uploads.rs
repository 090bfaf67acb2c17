//! Uploads in one request.

use super::{ById, answer, ctx, header, query};
use crate::linger::linger;
use crate::preview::Preview;
use crate::{Grid, GridQuery, Series, SeriesQuery, Service, Upload, UploadFilter, UploadOptions};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header as names};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use castalia_base::{Ctx, Error};
use castalia_http::{Page, Req};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// What an upload will be.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct PutQuery {
    /// The project, by name or id.
    project: String,
    /// Its name there; may have folders.
    name: String,
    /// Whether an upload of this name may be replaced.
    #[serde(default)]
    replace: bool,
}

/// How much of a preview.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct PreviewQuery {
    /// Rows of a table at most (1 to 1000, 20 unless told).
    pub(super) rows: Option<u32>,
}

impl PreviewQuery {
    pub(super) fn rows(&self) -> usize {
        self.rows.unwrap_or(20).clamp(1, 1000) as usize
    }
}

pub(super) async fn list(
    service: Arc<Service>,
    ctx: Ctx,
    req: Req<(), UploadFilter>,
) -> Result<Page<Upload>, Error> {
    service.list_uploads(&ctx, &req.query).await
}

pub(super) async fn show(service: Arc<Service>, ctx: Ctx, req: Req<ById>) -> Result<Upload, Error> {
    service.get_upload(&ctx, &req.path.id).await
}

pub(super) async fn preview(
    service: Arc<Service>,
    ctx: Ctx,
    req: Req<ById, PreviewQuery>,
) -> Result<Preview, Error> {
    service.preview_upload(&ctx, &req.path.id, req.query.rows()).await
}

pub(super) async fn series(
    service: Arc<Service>,
    ctx: Ctx,
    req: Req<ById, SeriesQuery>,
) -> Result<Series, Error> {
    service.upload_series(&ctx, &req.path.id, &req.query).await
}

pub(super) async fn grid(service: Arc<Service>, ctx: Ctx, req: Req<ById, GridQuery>) -> Result<Grid, Error> {
    service.upload_grid(&ctx, &req.path.id, &req.query).await
}

pub(super) async fn put(State(service): State<Arc<Service>>, request: Request) -> Response {
    linger(request, |request| async move { answer(put_body(service, request).await) }).await
}

async fn put_body(service: Arc<Service>, request: Request) -> Result<Response, Error> {
    let ctx = ctx(&request)?;
    let asked: PutQuery = query(&request)?;
    let headers = request.headers();
    let options = UploadOptions {
        project: asked.project,
        name: asked.name,
        replace: asked.replace,
        media_type: media_type(header(headers, names::CONTENT_TYPE.as_str())),
        sha256: checksum(headers)?,
        size: header(headers, names::CONTENT_LENGTH.as_str()).and_then(|text| text.parse().ok()),
    };
    let upload = service.upload(&ctx, &options, request.into_body().into_data_stream()).await?;
    Ok((StatusCode::CREATED, Json(upload)).into_response())
}

/// What the sender says it is; what HTTP clients send when they were told nothing says nothing.
pub(super) fn media_type(given: Option<&str>) -> Option<String> {
    let vague = ["", "application/octet-stream", "application/x-www-form-urlencoded", "binary/octet-stream"];
    given.filter(|kind| !vague.contains(kind)).map(str::to_owned)
}

/// The announced SHA-256 in hexadecimal: `X-Checksum-Sha256` (hexadecimal), or RFC 9530's `Content-Digest`
/// or `Repr-Digest` (`sha-256=:BASE64:`), or RFC 3230's `Digest` (`SHA-256=BASE64`).
fn checksum(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let bad = |name: &str| Error::invalid("invalid_checksum", format!("`{name}` holds no SHA-256"));
    if let Some(text) = header(headers, "x-checksum-sha256") {
        return sha256_hex(text).map(Some).ok_or_else(|| bad("X-Checksum-Sha256"));
    }
    for name in ["content-digest", "repr-digest", "digest"] {
        let parts = header(headers, name).unwrap_or_default().split(',');
        let found = parts
            .filter_map(|part| part.trim().split_once('='))
            .find(|(a, _)| a.eq_ignore_ascii_case("sha-256"));
        if let Some((_, value)) = found {
            let bytes = STANDARD.decode(value.trim_matches(':')).ok().filter(|bytes| bytes.len() == 32);
            return bytes.map(|bytes| Some(hex::encode(bytes))).ok_or_else(|| bad(name));
        }
    }
    Ok(None)
}

pub(super) fn sha256_hex(text: &str) -> Option<String> {
    let bytes = hex::decode(text).ok()?;
    (bytes.len() == 32).then(|| text.to_ascii_lowercase())
}
