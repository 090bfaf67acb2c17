//! What must not even be parsed.
//!
//! A SigV4 signature covers the headers that its `SignedHeaders` names and no others, and s3s 0.14 acts on
//! all of them: with a presigned PUT, whoever holds the URL could add `x-amz-copy-source` and read any
//! object that the signer can (s3s pull request 818, GHSA-g8w9-qw9q-fghr). So every `x-amz-*` header must be signed,
//! except a few that only describe the body.

use crate::linger::linger;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use s3s::{S3Error, S3ErrorCode};
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

/// The longest life of a presigned URL, in seconds.
const MAX_PRESIGN_SECONDS: u64 = 3600;

/// Headers that say how the body is framed and checked; changing them breaks the request and no more.
const HARMLESS: [&str; 4] =
    ["x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer", "x-amz-checksum-algorithm"];

pub(super) async fn pass(request: Request, next: Next) -> Response {
    linger(request, |request| admit(request, next)).await
}

async fn admit(request: Request, next: Next) -> Response {
    if let Err((code, message)) = check(request.method(), request.uri(), request.headers()) {
        metrics::counter!("castalia_s3_refused_total").increment(1);
        return refuse(code, message);
    }
    // s3s writes signatures to its debug log and every refusal to its error log.
    let response = next.run(request).with_subscriber(NoSubscriber::default()).await;
    metrics::counter!("castalia_s3_responses_total", "status" => response.status().as_u16().to_string())
        .increment(1);
    response
}

fn refuse(code: S3ErrorCode, message: &'static str) -> Response {
    match S3Error::with_message(code, message).to_http_response() {
        Ok(response) => response.map(axum::body::Body::new),
        Err(_) => axum::http::StatusCode::FORBIDDEN.into_response(),
    }
}

type Refusal = (S3ErrorCode, &'static str);

fn check(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
    let has = |name: &str| query.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
    let presigned = has("X-Amz-Signature");
    let authorization = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    let old = authorization.is_some_and(|a| !a.starts_with("AWS4-HMAC-SHA256"));
    if old || has("Signature") || has("AWSAccessKeyId") {
        return Err((S3ErrorCode::InvalidRequest, "only AWS4-HMAC-SHA256 signatures are accepted"));
    }
    if method == Method::POST && is_form(headers) {
        return Err((S3ErrorCode::AccessDenied, "uploads by HTML form are not offered; use PUT"));
    }
    if headers.contains_key("x-amz-security-token") || has("X-Amz-Security-Token") {
        return Err((S3ErrorCode::InvalidToken, "session tokens are not used here; leave it out"));
    }
    match (authorization, presigned) {
        (None, false) => {
            Err((S3ErrorCode::AccessDenied, "sign the request with the access key that you were given"))
        }
        (Some(_), true) => Err((S3ErrorCode::InvalidArgument, "only one way of signing is allowed")),
        (Some(authorization), false) => signed(headers, signed_headers(authorization)),
        (None, true) => presign(headers, &query),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("multipart/")
}

fn presign(headers: &HeaderMap, query: &[(String, String)]) -> Result<(), Refusal> {
    let value = |name: &str| query.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    match value("X-Amz-Expires").parse::<u64>() {
        Ok(1..=MAX_PRESIGN_SECONDS) => {}
        _ => {
            let text = "X-Amz-Expires must be between 1 and 3600 seconds";
            return Err((S3ErrorCode::AuthorizationQueryParametersError, text));
        }
    }
    signed(headers, value("X-Amz-SignedHeaders"))
}

/// The `SignedHeaders` of an `Authorization` header.
fn signed_headers(authorization: &str) -> &str {
    let parts = authorization.split([',', ' ']);
    parts.filter_map(|part| part.trim().strip_prefix("SignedHeaders=")).next().unwrap_or_default()
}

fn signed(headers: &HeaderMap, list: &str) -> Result<(), Refusal> {
    let covered = |name: &str| list.split(';').any(|signed| signed == name);
    if !covered("host") {
        return Err((S3ErrorCode::AccessDenied, "the host header must be signed"));
    }
    let loose = headers
        .keys()
        .map(axum::http::HeaderName::as_str)
        .any(|name| name.starts_with("x-amz-") && !HARMLESS.contains(&name) && !covered(name));
    if loose {
        return Err((
            S3ErrorCode::AccessDenied,
            "there were x-amz headers present in the request which were not signed",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: Method, uri: &str, pairs: &[(&'static str, &str)]) -> Option<S3ErrorCode> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a value"));
        }
        check(&method, &uri.parse().expect("a URI"), &headers).err().map(|(code, _)| code)
    }

    const AUTH: &str = "AWS4-HMAC-SHA256 Credential=K/20260101/r/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=0";

    #[test]
    fn headers_that_are_not_signed_are_refused() {
        let put = |pairs: &[(&'static str, &str)]| ask(Method::PUT, "/b/k", pairs);
        assert_eq!(put(&[("authorization", AUTH), ("x-amz-date", "d"), ("x-amz-content-sha256", "e")]), None);
        assert_eq!(
            put(&[("authorization", AUTH), ("x-amz-copy-source", "/b/other")]),
            Some(S3ErrorCode::AccessDenied)
        );
        let url = "/b/k?X-Amz-Signature=0&X-Amz-Expires=60&X-Amz-SignedHeaders=host";
        assert_eq!(ask(Method::PUT, url, &[]), None);
        assert_eq!(ask(Method::PUT, url, &[("x-amz-copy-source", "/b/o")]), Some(S3ErrorCode::AccessDenied));
        assert_eq!(ask(Method::PUT, url, &[("x-amz-meta-a", "b")]), Some(S3ErrorCode::AccessDenied));
    }

    #[test]
    fn other_ways_of_signing_are_refused() {
        assert_eq!(ask(Method::GET, "/b/k", &[]), Some(S3ErrorCode::AccessDenied));
        assert_eq!(
            ask(Method::GET, "/b/k", &[("authorization", "AWS K:sig")]),
            Some(S3ErrorCode::InvalidRequest)
        );
        assert_eq!(
            ask(Method::GET, "/b/k?AWSAccessKeyId=K&Signature=x", &[]),
            Some(S3ErrorCode::InvalidRequest)
        );
        assert_eq!(
            ask(Method::POST, "/b", &[("content-type", "multipart/form-data; boundary=x")]),
            Some(S3ErrorCode::AccessDenied)
        );
        assert_eq!(
            ask(Method::GET, "/b/k", &[("authorization", AUTH), ("x-amz-security-token", "t")]),
            Some(S3ErrorCode::InvalidToken)
        );
        let long = "/b/k?X-Amz-Signature=0&X-Amz-Expires=604800&X-Amz-SignedHeaders=host";
        assert_eq!(ask(Method::GET, long, &[]), Some(S3ErrorCode::AuthorizationQueryParametersError));
    }
}
