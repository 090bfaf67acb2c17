//! What every request passes: id, log, metrics, limits, security headers, compression.

use crate::problem::Problem;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use castalia_base::{Error, Kind, id};
use std::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Who made the request, told by the door to the log.
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) name: String,
    pub(crate) operation: &'static str,
}

#[derive(Clone)]
struct RequestId(String);

pub(crate) fn request_id(request: &Request) -> String {
    request.extensions().get::<RequestId>().map_or_else(|| id::fresh("req"), |id| id.0.clone())
}

/// Puts the common layers around a router.
pub fn finish(router: Router) -> Router {
    finish_with(router, |_| None)
}

/// As [`finish`], with pages for addresses that no operation has.
pub fn finish_with<F>(router: Router, pages: F) -> Router
where
    F: Fn(&Request) -> Option<Response> + Clone + Send + Sync + 'static,
{
    let compress = SizeAbove::new(1024)
        .and(NotForContentType::new("image/"))
        .and(NotForContentType::new("application/octet-stream"))
        .and(NotForContentType::new("application/x-ndjson"))
        .and(NotForContentType::new("text/event-stream"));
    router
        .fallback(move |request: Request| async move {
            pages(&request)
                .unwrap_or_else(|| Problem(Error::not_found("page", "at this address")).into_response())
        })
        .method_not_allowed_fallback(|| async {
            let mut response =
                Problem(Error::invalid("method_not_allowed", "this address has no such method"))
                    .into_response();
            *response.status_mut() = axum::http::StatusCode::METHOD_NOT_ALLOWED;
            response
        })
        .layer(CompressionLayer::new().compress_when(compress))
        .layer(CatchPanicLayer::custom(on_panic))
        .layer(from_fn(observe))
}

fn on_panic(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_default();
    Problem(Error::new(Kind::Internal, "internal", "something went wrong on our side").with_source(text))
        .into_response()
}

fn given_id(request: &Request) -> Option<String> {
    let text = request.headers().get(&REQUEST_ID)?.to_str().ok()?;
    let plain = !text.is_empty()
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    plain.then(|| text.to_owned())
}

async fn observe(mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let request_id = given_id(&request).unwrap_or_else(|| id::fresh("req"));
    request.extensions_mut().insert(RequestId(request_id.clone()));
    let method = request.method().clone();
    // The path only: queries may hold what does not belong in a log.
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let elapsed = begun.elapsed();
    let who = response.extensions().get::<Who>().cloned();
    let operation = who.as_ref().map_or("none", |w| w.operation);
    let status = response.status().as_u16();
    metrics::histogram!("castalia_api_request_duration_seconds", "operation" => operation)
        .record(elapsed.as_secs_f64());
    metrics::counter!("castalia_api_requests_total", "operation" => operation, "status" => status.to_string()).increment(1);
    tracing::debug!(
        %method, path, status, operation, request_id,
        user = who.as_ref().map_or("-", |w| w.name.as_str()),
        ms = elapsed.as_secs_f64() * 1000.0,
        "request"
    );
    secure(&mut response, &request_id);
    response
}

fn secure(response: &mut Response, request_id: &str) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(&REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    // Answers of the API are data: nothing in them may run or load anything, whatever it is.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
