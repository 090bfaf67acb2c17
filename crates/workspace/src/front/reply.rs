//! Answers of this program: JSON, problems, pages, redirects.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
pub(super) use castalia_base::html::escape;
use castalia_proxy::Body;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// An answer with a body of a kind; never kept by anybody.
pub(super) fn answer(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::full(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// JSON.
pub(super) fn json_reply(status: u16, value: &Value) -> Response<Body> {
    answer(status, "application/json", value.to_string())
}

/// `application/problem+json`.
pub(super) fn problem(status: u16, code: &str, detail: &str) -> Response<Body> {
    let title = StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Error");
    let body =
        json!({"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail});
    answer(status, "application/problem+json", body.to_string())
}

/// A redirect.
pub(super) fn redirect(location: &str) -> Response<Body> {
    let mut response = answer(302, "text/plain", Bytes::new());
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Adds a header that may come more than once.
pub(super) fn with(
    mut response: Response<Body>,
    name: HeaderName,
    values: impl IntoIterator<Item = HeaderValue>,
) -> Response<Body> {
    for value in values {
        response.headers_mut().append(name.clone(), value);
    }
    response
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// A page that runs exactly this script, has exactly this style, talks to its own origin only, and can't be framed by
/// others.
pub(super) fn document(status: u16, html: String, style: &str, script: Option<&str>) -> Response<Body> {
    let script = script.map_or_else(|| "'none'".to_owned(), hash);
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {script}; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
        hash(style)
    );
    let mut response = answer(status, "text/html; charset=utf-8", html);
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

const STYLE: &str = include_str!("../../assets/page.css");

/// A plain page of ours; `body` is HTML, `title` text. `attributes` stand in the body's tag.
pub(super) fn page(
    status: u16,
    title: &str,
    attributes: &str,
    body: &str,
    script: Option<&str>,
) -> Response<Body> {
    let title = escape(title);
    let script_tag = script.map(|s| format!("<script>{s}</script>")).unwrap_or_default();
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><style>{STYLE}</style></head>\
         <body{attributes}><main><h1>{title}</h1>{body}</main>{script_tag}</body></html>\n"
    );
    document(status, html, STYLE, script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_runs_nothing_but_its_own_script() {
        let response = page(200, "<t>", "", "x", Some("alert(1)"));
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        let html = format!("{:?}", response.body());
        assert!(html.contains("&lt;t&gt;") && !html.contains("<t>"));
        let still = page(200, "t", "", "x", None);
        assert!(
            still.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("script-src 'none'")
        );
    }
}
