//! What people see instead of a workspace: that it is stopped or starting, or that they may not. Programs get JSON.

use crate::model::State;
use crate::store::WorkspaceRow;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use castalia_base::html::escape;
use castalia_base::{Error, Kind};
use castalia_compute::health::Status;
use castalia_http::{Problem, status_of};
use serde_json::json;

/// What kind of answer a request wants.
pub(crate) struct Wants {
    /// A page for a person.
    pub(crate) page: bool,
    /// The address that was asked, below the server's prefix.
    pub(crate) target: String,
}

impl Wants {
    pub(crate) fn of(request: &Request) -> Self {
        let text = |name: header::HeaderName| {
            request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
        };
        let target = request.uri().path_and_query().map_or_else(String::new, |p| p.as_str().to_owned());
        let path = request.uri().path();
        // As Jupyter's own clients expect it: whatever looks like an API is answered as one.
        let api = path.split('/').any(|part| part == "api");
        let page = request.method() == Method::GET && text(header::ACCEPT).contains("text/html") && !api;
        Self { page, target }
    }
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;place-items:center;\
color:#1c2430;background:#f5f6f8}main{max-width:34rem;padding:2rem}h1{font-size:1.35rem;margin:0 0 .5rem}\
p{margin:.4rem 0}button,a.b{font:inherit;display:inline-block;margin-top:1rem;padding:.5rem 1.1rem;border:0;\
border-radius:.4rem;background:#2456c8;color:#fff;text-decoration:none;cursor:pointer}pre{white-space:pre-wrap;\
background:#0001;padding:.6rem;border-radius:.3rem;font-size:.85rem}\
@media(prefers-color-scheme:dark){body{color:#e6e9ef;background:#14181f}}";

/// A small page without scripts; `refresh` asks the browser to look again after so many seconds.
pub(crate) fn page(status: StatusCode, title: &str, body: &str, refresh: Option<u32>) -> Response {
    let refresh =
        refresh.map(|s| format!("<meta http-equiv=\"refresh\" content=\"{s}\">")).unwrap_or_default();
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{0}</title>{refresh}<style>{STYLE}</style><main><h1>{0}</h1>{body}</main></html>",
        escape(title)
    );
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'self'",
        ),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The address of the sign-in page that leads back to `target`.
pub(crate) fn sign_in(base: &str, target: &str) -> String {
    let back = format!("{}{target}", base.trim_end_matches('/'));
    let next: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
    format!("{base}?next={next}")
}

/// Why somebody is not let in.
pub(crate) fn refusal(base: &str, wants: &Wants, error: &Error) -> Response {
    if !wants.page {
        return json_refusal(error);
    }
    match error.kind() {
        Kind::Unauthenticated => Redirect::to(&sign_in(base, &wants.target)).into_response(),
        Kind::NotFound => page(
            StatusCode::NOT_FOUND,
            "There is no such workspace",
            "<p>It may have been deleted, or it belongs to somebody who has not shared it with you.</p>",
            None,
        ),
        kind => {
            let text = format!("<p>{}</p>", escape(error.detail()));
            page(status_of(kind), "This can't be opened", &text, None)
        }
    }
}

/// As `problem+json`, with the `message` that Jupyter's clients show.
pub(crate) fn json_refusal(error: &Error) -> Response {
    let problem = Error::new(error.kind(), error.code(), error.detail());
    let response = Problem(problem).into_response();
    let (parts, _) = response.into_parts();
    let status = parts.status;
    let body = json!({
        "type": "about:blank", "title": status.canonical_reason().unwrap_or("Error"), "status": status.as_u16(),
        "code": error.code(), "detail": error.detail(), "message": error.detail(),
    });
    let mut answer = (status, axum::Json(body)).into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
        if let Some(value) = parts.headers.get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

/// That a workspace does not serve now: 424, as JupyterHub says it.
pub(crate) fn not_ready(base: &str, wants: &Wants, w: &WorkspaceRow, status: Option<Status>) -> Response {
    let starting = matches!(w.state, State::Queued | State::Starting);
    let why = match (starting, status) {
        (true, Some(status)) => Some(status.reason),
        _ => w.reason.clone(),
    };
    let said = why.clone().unwrap_or_default();
    let code = StatusCode::FAILED_DEPENDENCY;
    if !wants.page {
        let message = match w.state {
            State::Queued | State::Starting => format!("{} is starting", w.name),
            State::Stopping => format!("{} is stopping", w.name),
            _ => format!("{} is not running", w.name),
        };
        let body = json!({
            "status": code.as_u16(), "code": "not_ready", "message": message, "detail": message,
            "state": w.state, "reason": why,
        });
        return (code, [(header::RETRY_AFTER, "1")], axum::Json(body)).into_response();
    }
    let note = format!("<p>{}</p>", escape(&said));
    if starting || w.state == State::Stopping {
        let verb = if starting { "is starting" } else { "is stopping" };
        return page(code, &format!("{} {verb}", w.title), &note, Some(1));
    }
    let next: String = url::form_urlencoded::byte_serialize(wants.target.as_bytes()).collect();
    let form = format!(
        "{note}<form method=\"post\" action=\"{base}hub/spawn/{}/{}?next={next}\"><button>Start it</button></form>",
        escape(&w.owner_name),
        escape(&w.name)
    );
    page(code, &format!("{} is not running", w.title), &form, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_runs_nothing_that_a_name_brings() {
        let mut w = crate::access::tests::row();
        w.title = "<script>alert(1)</script>".into();
        w.state = State::Failed;
        w.reason = Some("said \"<b>\"".into());
        let wants = Wants { page: true, target: "/user/ada/ada-lab-abc/lab?x=\"".into() };
        let answer = not_ready("/", &wants, &w, None);
        assert_eq!(answer.status(), StatusCode::FAILED_DEPENDENCY);
        assert!(
            answer.headers()["content-security-policy"]
                .to_str()
                .expect("text")
                .starts_with("default-src 'none'")
        );
        assert_eq!(escape(&w.title), "&lt;script&gt;alert(1)&lt;/script&gt;");
    }

    #[test]
    fn who_is_not_signed_in_comes_back_after_it() {
        assert_eq!(sign_in("/p/", "/user/a/b/lab?x=1"), "/p/?next=%2Fp%2Fuser%2Fa%2Fb%2Flab%3Fx%3D1");
    }
}
