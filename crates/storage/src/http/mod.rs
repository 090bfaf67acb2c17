//! The REST operations of storage.

mod content;
mod datasets;
mod json_rows;
mod keys;
mod tus;
mod uploads;

use crate::Service;
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use castalia_base::{Ctx, Error};
use castalia_http::{Api, Operation, Problem};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// The id in a path.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
struct ById {
    /// `up_…` or `ds_…`.
    id: String,
}

/// The operations of storage.
pub fn api(service: Arc<Service>) -> Api<Service> {
    let op = Operation::new;
    let (get, put, post, delete) = (Method::GET, Method::PUT, Method::POST, Method::DELETE);
    let api = Api::new(service)
        .op(
            op(get.clone(), "/api/uploads", "uploads.list", "uploads.view", "The uploads of a project"),
            uploads::list,
        )
        .raw(
            op(put, "/api/uploads", "uploads.put", "uploads.create", "Upload a file in one request")
                .status(StatusCode::CREATED)
                .query::<uploads::PutQuery>()
                .binary_body()
                .returns::<crate::Upload>(),
            uploads::put,
        )
        .op(op(get.clone(), "/api/uploads/{id}", "uploads.show", "uploads.view", "One upload"), uploads::show)
        .raw(
            op(
                get.clone(),
                "/api/uploads/{id}/content",
                "uploads.content",
                "uploads.view",
                "The bytes of an upload",
            )
            .path_params::<ById>()
            .query::<content::ContentQuery>()
            .returns_media("application/octet-stream"),
            content::upload,
        )
        .op(
            op(
                get.clone(),
                "/api/uploads/{id}/preview",
                "uploads.preview",
                "uploads.view",
                "A first look at an upload",
            ),
            uploads::preview,
        )
        .op(
            op(
                get.clone(),
                "/api/uploads/{id}/series",
                "uploads.series",
                "uploads.view",
                "Columns of an upload against one of them, thinned so that extremes stay",
            ),
            uploads::series,
        )
        .op(
            op(
                get.clone(),
                "/api/uploads/{id}/grid",
                "uploads.grid",
                "uploads.view",
                "An upload as values on a grid, thinned to means of blocks",
            ),
            uploads::grid,
        );
    tus::add(api)
        .op(
            op(get.clone(), "/api/datasets", "datasets.list", "datasets.view", "The datasets of a project"),
            datasets::list,
        )
        .op(
            op(
                get.clone(),
                "/api/datasets/{id}",
                "datasets.show",
                "datasets.view",
                "One dataset and its inputs",
            ),
            datasets::show,
        )
        .op(
            op(delete, "/api/datasets/{id}", "datasets.delete", "datasets.delete", "Delete a dataset"),
            datasets::delete,
        )
        .raw(
            op(
                get.clone(),
                "/api/datasets/{id}/content",
                "datasets.content",
                "datasets.view",
                "The bytes of a dataset",
            )
            .path_params::<ById>()
            .query::<content::ContentQuery>()
            .returns_media("application/octet-stream"),
            content::dataset,
        )
        .op(
            op(
                get.clone(),
                "/api/datasets/{id}/preview",
                "datasets.preview",
                "datasets.view",
                "A first look at a dataset",
            ),
            datasets::preview,
        )
        .op(
            op(
                get.clone(),
                "/api/datasets/{id}/series",
                "datasets.series",
                "datasets.view",
                "Columns of a dataset against one of them, thinned so that extremes stay",
            ),
            datasets::series,
        )
        .op(
            op(
                get.clone(),
                "/api/datasets/{id}/grid",
                "datasets.grid",
                "datasets.view",
                "A dataset as values on a grid, thinned to means of blocks",
            ),
            datasets::grid,
        )
        .op(
            op(
                get,
                "/api/datasets/{id}/lineage",
                "datasets.lineage",
                "datasets.view",
                "What it was made from, and what from it",
            ),
            datasets::lineage,
        )
        .op(
            op(
                post,
                "/api/storage/keys",
                "storage.keys",
                "datasets.view",
                "An access key for one's own S3 client",
            )
            .status(StatusCode::CREATED),
            keys::create,
        )
}

/// The context that the door left in a raw request.
fn ctx(request: &Request) -> Result<Ctx, Error> {
    request.extensions().get::<Ctx>().cloned().ok_or_else(|| Error::unauthenticated("sign in first"))
}

/// The id in the path of a raw request, which is handed back.
async fn id_of(request: Request) -> Result<(String, Request), Error> {
    let (mut parts, body) = request.into_parts();
    let path = axum::extract::Path::<ById>::from_request_parts(&mut parts, &()).await;
    let id = path.map_err(|e| Error::invalid("invalid_path", e.body_text()))?.0.id;
    Ok((id, Request::from_parts(parts, body)))
}

fn query<T: serde::de::DeserializeOwned>(request: &Request) -> Result<T, Error> {
    let parsed = axum::extract::Query::<T>::try_from_uri(request.uri());
    parsed.map(|query| query.0).map_err(|e| Error::invalid("invalid_query", e.body_text()))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

fn answer(result: Result<Response, Error>) -> Response {
    result.unwrap_or_else(|error| Problem(error).into_response())
}
