//! The API itself.

use super::paths;
use crate::failure::{Failure, Wants};
use crate::options::RouteOptions;
use crate::route::Route;
use crate::server::Handler;
use crate::target::Target;
use crate::{Body, Peer, Proxy, Table};
use bytes::Bytes;
use castalia_base::{Clock, Timestamp};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use subtle::ConstantTimeEq;

const MAX_BODY: usize = 1 << 20;

/// The API. As a [`Handler`] it needs a server of its own with one worker.
#[derive(Debug)]
pub struct Api {
    table: Arc<Table>,
    clock: Clock,
    token: Option<String>,
    options: Arc<RouteOptions>,
    prepend_path: bool,
    by_host: bool,
}

impl Api {
    /// An API over a table. Without a token everybody who reaches it may change it.
    pub fn new(table: Arc<Table>, clock: Clock, token: Option<String>, options: RouteOptions) -> Self {
        let token = token.filter(|token| !token.is_empty());
        Self { table, clock, token, options: Arc::new(options), prepend_path: true, by_host: false }
    }

    /// The same API, where the first segment of a route is a host.
    #[must_use]
    pub fn with_hosts(mut self, by_host: bool) -> Self {
        self.by_host = by_host;
        self
    }

    /// The same API, where the paths of targets are put before those of requests, or are not.
    #[must_use]
    pub fn with_prepended_paths(mut self, prepend: bool) -> Self {
        self.prepend_path = prepend;
        self
    }

    /// Adds a route as a request would; `rest` is what follows `/api/routes`.
    pub fn add(&self, rest: &str, mut note: Map<String, Value>) -> Result<(), String> {
        let Some(Value::String(target)) = note.remove("target") else {
            return Err("the body must be an object with the string `target`".into());
        };
        let parsed = Target::parse(&target).map_err(|error| error.to_string())?;
        let parsed = if self.prepend_path { parsed } else { parsed.without_base() };
        // Both are ours to tell.
        note.remove("last_activity");
        let (host, path) = paths::split(rest, self.by_host);
        if let Some(host) = &host {
            note.insert("host".into(), json!(host));
        }
        let route = Route::new(&path, parsed, self.options.clone(), &self.clock)
            .map_err(|error| error.to_string())?;
        let route = route.with_note(note);
        let route = match &host {
            Some(host) => route.for_host(host),
            None => route,
        };
        let (route, before) = self.table.insert(route);
        let verb = if before.is_some() { "changed" } else { "added" };
        tracing::info!(route = paths::name(&route), %target, "route {verb}");
        Ok(())
    }

    fn remove(&self, rest: &str) -> StatusCode {
        let (host, path) = paths::split(rest, self.by_host);
        match self.table.remove(host.as_deref(), &path) {
            Some(route) => {
                tracing::info!(route = paths::name(&route), "route removed");
                StatusCode::NO_CONTENT
            }
            None => StatusCode::NOT_FOUND,
        }
    }

    fn list(&self, query: &str) -> Response<Body> {
        let asked = url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, value)| (key == "inactiveSince" || key == "inactive_since") && !value.is_empty());
        let before = match asked.map(|(_, text)| (time(&text), text)) {
            None => None,
            Some((Some(time), _)) => Some(time),
            Some((None, text)) => {
                return problem(
                    StatusCode::BAD_REQUEST,
                    "invalid_time",
                    &format!("`{text}` is not an ISO 8601 time"),
                );
            }
        };
        let routes: Map<String, Value> = self
            .table
            .list()
            .iter()
            .filter(|route| before.is_none_or(|before| route.last_activity() < before))
            .map(|route| (paths::name(route), model(route)))
            .collect();
        answer(StatusCode::OK, &Value::Object(routes))
    }

    fn get(&self, rest: &str) -> Response<Body> {
        let (host, path) = paths::split(rest, self.by_host);
        match self.table.get(host.as_deref(), &path) {
            Some(route) => answer(StatusCode::OK, &model(&route)),
            None => problem(StatusCode::NOT_FOUND, "no_route", "there is no such route"),
        }
    }

    fn allowed<B>(&self, request: &Request<B>) -> bool {
        let Some(token) = &self.token else { return true };
        let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|text| {
            let (scheme, token) = text.trim().split_once(char::is_whitespace)?;
            (scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer"))
                .then(|| token.trim())
        });
        given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(token.as_bytes())))
    }

    async fn respond(&self, request: Request<Incoming>) -> Response<Body> {
        let (path, query) =
            (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
        let rest = path.strip_prefix("/api/routes").filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let Some(rest) = rest else {
            return problem(StatusCode::NOT_FOUND, "not_found", "this API has /api/routes only");
        };
        if !matches!(*request.method(), Method::GET | Method::POST | Method::DELETE) {
            return problem(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "GET, POST and DELETE are possible",
            );
        }
        if !self.allowed(&request) {
            return problem(StatusCode::FORBIDDEN, "forbidden", "the token is missing or wrong");
        }
        match *request.method() {
            Method::GET if rest.is_empty() || rest == "/" => self.list(&query),
            Method::GET => self.get(rest),
            Method::DELETE => match self.remove(rest) {
                StatusCode::NO_CONTENT => empty(StatusCode::NO_CONTENT),
                status => problem(status, "no_route", "there is no such route"),
            },
            _ => self.post(rest, request.into_body()).await,
        }
    }

    async fn post(&self, rest: &str, body: Incoming) -> Response<Body> {
        let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
            return problem(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "the body can't be read or is too large",
            );
        };
        let added = match serde_json::from_slice::<Value>(&body.to_bytes()) {
            Ok(Value::Object(note)) => self.add(rest, note),
            Ok(_) => Err("the body must be an object with the string `target`".into()),
            Err(error) => Err(format!("the body is not JSON: {error}")),
        };
        match added {
            Ok(()) => empty(StatusCode::CREATED),
            Err(why) => problem(StatusCode::BAD_REQUEST, "invalid_route", &why),
        }
    }
}

impl Handler for Api {
    async fn answer(
        self: Arc<Self>,
        _proxy: Arc<Proxy>,
        request: Request<Incoming>,
        _peer: Arc<Peer>,
    ) -> Response<Body> {
        if request.headers().get_all(header::HOST).iter().count() > 1 {
            return Failure::Malformed("more than one host".into()).answer(Wants::Problem);
        }
        self.respond(request).await
    }
}

/// A route as the API shows it: what was posted, and the time of the last activity.
fn model(route: &Route) -> Value {
    let mut model = route.note().clone();
    model.insert("target".into(), json!(route.target().to_string()));
    model.insert("last_activity".into(), json!(route.last_activity()));
    Value::Object(model)
}

/// A time as JavaScript reads it: RFC 3339, without a zone in UTC, or a date.
fn time(text: &str) -> Option<Timestamp> {
    // A plus sign that was not encoded arrives as a space.
    let text = text.trim().replace(' ', "+");
    [text.clone(), format!("{text}Z"), format!("{text}T00:00:00Z")].iter().find_map(|text| text.parse().ok())
}

fn answer(status: StatusCode, value: &Value) -> Response<Body> {
    let mut response = Response::new(Body::full(Bytes::from(value.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn problem(status: StatusCode, code: &str, detail: &str) -> Response<Body> {
    let title = status.canonical_reason().unwrap_or("Error");
    let problem = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "code": code, "detail": detail});
    let mut response = answer(status, &problem);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_they_are_sent() {
        for text in ["2026-01-02T03:04:05.000Z", "2026-01-02T04:04:05 01:00", "2026-01-02T03:04:05"] {
            assert_eq!(
                time(text).map(|t| t.to_string()).as_deref(),
                Some("2026-01-02T03:04:05.000Z"),
                "{text}"
            );
        }
        assert!(time("2026-01-02").is_some());
        assert!(time("yesterday").is_none());
    }
}
