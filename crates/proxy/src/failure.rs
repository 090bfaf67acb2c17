//! What can go wrong between a client and a back end, and how a client is told.

use crate::body::Body;
use bytes::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use serde_json::json;

/// Why a request was not answered by its back end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No route has this address (404).
    #[error("nothing is reachable at this address")]
    NoRoute,
    /// The request is not one that may be passed on (400).
    #[error("the request is malformed: {0}")]
    Malformed(String),
    /// A method that is not passed on (405).
    #[error("this method is not passed on")]
    Method,
    /// The body is larger than the route allows (413).
    #[error("the request is larger than {0} bytes, the most that is accepted here")]
    TooLarge(u64),
    /// The client stopped sending in the middle of its body (408).
    #[error("the rest of the request did not come in time")]
    ClientStalled,
    /// The back end does not take connections (503).
    #[error("what should answer here can't be reached: {0}")]
    Unreachable(String),
    /// The back end broke the connection, or its answer is not HTTP (502).
    #[error("what should answer here broke off: {0}")]
    Broken(String),
    /// The back end took the request and did not answer in time (504).
    #[error("what should answer here did not do so in time")]
    TimedOut,
}

impl Failure {
    /// The status that a client is told.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoRoute => StatusCode::NOT_FOUND,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ClientStalled => StatusCode::REQUEST_TIMEOUT,
            Self::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken(_) => StatusCode::BAD_GATEWAY,
            Self::TimedOut => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRoute => "no_route",
            Self::Malformed(_) => "malformed_request",
            Self::Method => "method_not_allowed",
            Self::TooLarge(_) => "too_large",
            Self::ClientStalled => "client_stalled",
            Self::Unreachable(_) => "backend_unreachable",
            Self::Broken(_) => "backend_broke_off",
            Self::TimedOut => "backend_timed_out",
        }
    }

    /// What a person is told: what it means, and what may help.
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::NoRoute => (
                "Nothing is here",
                "Nothing is reachable at this address. It may have been stopped, or the address is mistyped.",
            ),
            Self::Malformed(_) | Self::Method => {
                ("This request was refused", "It is not one that can be passed on safely.")
            }
            Self::TooLarge(_) => ("This is too large", "What was sent is larger than is accepted here."),
            Self::ClientStalled => {
                ("The rest did not come", "The request broke off on its way. Please try again.")
            }
            Self::Unreachable(_) => (
                "Nobody answers yet",
                "What should answer here can't be reached. It may still be starting or may have been stopped. Please try again in a moment.",
            ),
            Self::Broken(_) => (
                "The answer broke off",
                "What should answer here broke the connection. Please try again; its log says more.",
            ),
            Self::TimedOut => (
                "The answer takes too long",
                "What should answer here took the request but has not answered in time. It may be busy.",
            ),
        }
    }

    /// The answer for a client: a page for people, `application/problem+json` for programs. What the back end's
    /// address is stays here.
    pub fn answer(&self, wants: Wants) -> Response<Body> {
        let (status, (title, text)) = (self.status(), self.words());
        let (kind, body) = match wants {
            Wants::Page => ("text/html; charset=utf-8", page(status, title, text)),
            Wants::Problem => {
                let detail = match self {
                    // These say where the back end is; that is for the log.
                    Self::Unreachable(_) | Self::Broken(_) => text.to_owned(),
                    other => other.to_string(),
                };
                let problem = json!({
                    "type": "about:blank", "title": title, "status": status.as_u16(),
                    "code": self.code(), "detail": detail,
                });
                ("application/problem+json", problem.to_string())
            }
        };
        let mut response = Response::new(Body::full(Bytes::from(body)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
        );
        if matches!(self, Self::Unreachable(_)) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        if matches!(self, Self::Malformed(_) | Self::ClientStalled | Self::TooLarge(_)) {
            // What of the request has not been read must not be taken for the next one.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// What a client can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// A page.
    Page,
    /// `application/problem+json`.
    Problem,
}

impl Wants {
    /// People navigate with a browser, which says that it takes HTML; programs do not.
    pub fn of(parts: &Parts) -> Self {
        Self::from_head(&parts.method, &parts.headers)
    }

    pub(crate) fn from_head(method: &Method, headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let html = (method == Method::GET || method == Method::HEAD || method == Method::POST)
            && accept.contains("text/html");
        if html { Self::Page } else { Self::Problem }
    }
}

/// A page that needs nothing else: no script, no picture, no font. All texts are our own.
fn page(status: StatusCode, title: &str, text: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><style>\
:root{{color-scheme:light dark}}body{{margin:0;min-height:100vh;display:grid;place-items:center;\
font:1rem/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}}main{{max-width:32rem;padding:2rem}}\
h1{{font-size:1.5rem;margin:0 0 .5rem}}p{{margin:.5rem 0}}small{{opacity:.7}}</style></head>\
<body><main><h1>{title}</h1><p>{text}</p><p><small>{} {}</small></p></main></body></html>\n",
        status.as_u16(),
        status.canonical_reason().unwrap_or("Error"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_nothing_that_runs_or_loads() {
        let page = page(StatusCode::BAD_GATEWAY, "t", "x");
        for word in ["<script", "src=", "url(", "http:", "https:", "@import"] {
            assert!(!page.contains(word), "{word}");
        }
    }

    #[test]
    fn an_answer_never_says_where_the_back_end_is() {
        let failure = Failure::Unreachable("127.0.0.1:4711: refused".into());
        let response = failure.answer(Wants::Problem);
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(!format!("{:?}", response.body()).contains("4711"));
    }
}
