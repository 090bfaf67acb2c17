//! Resumable uploads by the tus protocol 1.0.0 (tus.io/protocols/resumable-upload): core, creation,
//! termination, checksum, expiration.

use super::uploads::{media_type, sha256_hex};
use super::{ById, ctx, header, id_of, query};
use crate::linger::linger;
use crate::service::{ChunkAlgorithm, ChunkSum, Progress};
use crate::{Service, UploadOptions};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use castalia_base::Error;
use castalia_http::{Api, Operation, Problem};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,termination,checksum,expiration";

/// The project may stand in the query, or in the metadata.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
struct BeginQuery {
    /// The project, by name or id.
    project: Option<String>,
    /// Whether an upload of this name may be replaced.
    replace: Option<bool>,
}

pub(super) fn add(api: Api<Service>) -> Api<Service> {
    let op = Operation::new;
    api.raw(
        Operation::open(
            Method::OPTIONS,
            "/api/uploads",
            "uploads.options",
            "What resumable uploads can do here",
        ),
        options,
    )
    .raw(
        op(
            Method::POST,
            "/api/uploads",
            "uploads.begin",
            "uploads.create",
            "Begin a resumable upload (tus 1.0)",
        )
        .status(StatusCode::CREATED)
        .query::<BeginQuery>(),
        begin,
    )
    .raw(
        op(
            Method::HEAD,
            "/api/uploads/{id}",
            "uploads.progress",
            "uploads.create",
            "Where a resumable upload stands",
        )
        .path_params::<ById>(),
        progress,
    )
    .raw(
        op(
            Method::PATCH,
            "/api/uploads/{id}",
            "uploads.append",
            "uploads.create",
            "Go on with a resumable upload",
        )
        .status(StatusCode::NO_CONTENT)
        .path_params::<ById>()
        .binary_body(),
        append,
    )
    .raw(
        op(
            Method::DELETE,
            "/api/uploads/{id}",
            "uploads.delete",
            "uploads.delete",
            "Delete an upload, or give one up",
        )
        .status(StatusCode::NO_CONTENT)
        .path_params::<ById>(),
        delete,
    )
}

/// Adds what every answer of the protocol has.
fn with_version(mut response: Response) -> Response {
    response.headers_mut().insert("tus-resumable", HeaderValue::from_static(VERSION));
    response
}

/// The protocol has status numbers of its own for some failures.
fn refuse(error: Error) -> Response {
    let status = match error.code() {
        "checksum_mismatch" => StatusCode::from_u16(460).ok(),
        "unsupported_tus_version" => Some(StatusCode::PRECONDITION_FAILED),
        "unsupported_media_type" => Some(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        "upload_busy" => Some(StatusCode::LOCKED),
        _ => None,
    };
    let mut response = Problem(error).into_response();
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    response.headers_mut().insert("tus-version", HeaderValue::from_static(VERSION));
    with_version(response)
}

fn answer(result: Result<Response, Error>) -> Response {
    result.map_or_else(refuse, with_version)
}

/// Refuses another version of the protocol.
fn check_version(headers: &HeaderMap) -> Result<(), Error> {
    match header(headers, "tus-resumable") {
        Some(VERSION) => Ok(()),
        _ => Err(Error::invalid("unsupported_tus_version", "send the header Tus-Resumable: 1.0.0")),
    }
}

async fn options(State(service): State<Arc<Service>>) -> Response {
    let limit = service.config.max_upload_bytes.to_string();
    let headers = [
        ("tus-version", VERSION.to_owned()),
        ("tus-extension", EXTENSIONS.to_owned()),
        ("tus-max-size", limit),
        ("tus-checksum-algorithm", "md5,sha1,sha256".to_owned()),
    ];
    with_version((StatusCode::NO_CONTENT, headers).into_response())
}

async fn begin(State(service): State<Arc<Service>>, request: Request) -> Response {
    answer(begin_upload(service, request).await)
}

async fn begin_upload(service: Arc<Service>, request: Request) -> Result<Response, Error> {
    check_version(request.headers())?;
    let asked: BeginQuery = query(&request)?;
    let said = metadata(header(request.headers(), "upload-metadata").unwrap_or_default())?;
    let missing = |what: &str| Error::invalid("invalid_upload", format!("say the {what}"));
    let one = |names: &[&str]| names.iter().find_map(|name| said.get(*name)).cloned();
    let size = header(request.headers(), "upload-length").and_then(|text| text.parse().ok());
    let sha256 = one(&["sha256"]);
    let options = UploadOptions {
        project: asked.project.or_else(|| one(&["project"])).ok_or_else(|| missing("project"))?,
        name: one(&["filename", "name"]).ok_or_else(|| missing("filename in Upload-Metadata"))?,
        replace: asked.replace.unwrap_or_else(|| one(&["replace"]).is_some_and(|text| text == "true")),
        media_type: media_type(one(&["filetype", "type"]).as_deref()),
        sha256: match sha256 {
            Some(text) => Some(sha256_hex(&text).ok_or_else(|| missing("sha256 in hexadecimal"))?),
            None => None,
        },
        size: Some(size.ok_or_else(|| missing("size in Upload-Length"))?),
    };
    let begun = service.begin_upload(&ctx(&request)?, &options).await?;
    // Relative, so that it holds behind a proxy with a path prefix too.
    let location = [("location", format!("uploads/{}", begun.id))];
    Ok((StatusCode::CREATED, location, progress_headers(&begun)).into_response())
}

async fn progress(State(service): State<Arc<Service>>, request: Request) -> Response {
    let run = async {
        check_version(request.headers())?;
        let ctx = ctx(&request)?;
        let (id, _) = id_of(request).await?;
        let stands = service.upload_progress(&ctx, &id).await?;
        let length = [("upload-length", stands.size.to_string()), ("cache-control", "no-store".to_owned())];
        Ok((StatusCode::OK, length, progress_headers(&stands)).into_response())
    };
    answer(run.await)
}

async fn append(State(service): State<Arc<Service>>, request: Request) -> Response {
    linger(request, |request| async move { answer(append_chunk(service, request).await) }).await
}

async fn append_chunk(service: Arc<Service>, request: Request) -> Result<Response, Error> {
    check_version(request.headers())?;
    if header(request.headers(), "content-type") != Some("application/offset+octet-stream") {
        let text = "send chunks as application/offset+octet-stream";
        return Err(Error::invalid("unsupported_media_type", text));
    }
    let offset = header(request.headers(), "upload-offset").and_then(|text| text.parse().ok());
    let offset = offset.ok_or_else(|| Error::invalid("invalid_upload", "say the offset in Upload-Offset"))?;
    let sum = header(request.headers(), "upload-checksum").map(chunk_sum).transpose()?;
    let ctx = ctx(&request)?;
    let (id, request) = id_of(request).await?;
    let body = request.into_body().into_data_stream();
    let stands = service.append_upload(&ctx, &id, offset, sum, body).await?;
    Ok((StatusCode::NO_CONTENT, progress_headers(&stands)).into_response())
}

async fn delete(State(service): State<Arc<Service>>, request: Request) -> Response {
    let run = async {
        let ctx = ctx(&request)?;
        let (id, _) = id_of(request).await?;
        service.end_upload(&ctx, &id).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    answer(run.await)
}

fn progress_headers(stands: &Progress) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("upload-offset", HeaderValue::from(stands.offset));
    if let Some(at) = stands.expires.filter(|_| !stands.is_complete()) {
        let text = crate::http::content::http_date(at);
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert("upload-expires", value);
        }
    }
    headers
}

/// `key base64,key base64`; a key alone means an empty value.
fn metadata(text: &str) -> Result<BTreeMap<String, String>, Error> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let decode = |pair: &str| {
        let (name, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let bytes = STANDARD.decode(value.trim()).ok()?;
        Some((name.to_owned(), String::from_utf8(bytes).ok()?))
    };
    let bad = || {
        Error::invalid(
            "invalid_upload",
            "Upload-Metadata must be names with base64 values, with commas between",
        )
    };
    pairs.map(|pair| decode(pair).ok_or_else(bad)).collect()
}

/// `algorithm base64`.
fn chunk_sum(text: &str) -> Result<ChunkSum, Error> {
    let parsed = text.split_once(' ').and_then(|(name, value)| {
        let algorithm = ChunkAlgorithm::parse(name)?;
        Some(ChunkSum { algorithm, digest: STANDARD.decode(value.trim()).ok()? })
    });
    parsed.ok_or_else(|| {
        Error::invalid("invalid_checksum", "Upload-Checksum must be md5, sha1 or sha256 and a base64 value")
    })
}
