//! The small servers beside the two: numbers for Prometheus, and the way from HTTP to HTTPS.

use crate::server::Handler;
use crate::{Body, Peer, Proxy, Table};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::{Request, Response, StatusCode};
use std::sync::Arc;

/// Answers `GET /metrics` in Prometheus' text format.
#[derive(Clone, Debug)]
pub struct Metrics(pub Arc<Table>);

impl Handler for Metrics {
    async fn answer(
        self: Arc<Self>,
        _proxy: Arc<Proxy>,
        request: Request<Incoming>,
        _peer: Arc<Peer>,
    ) -> Response<Body> {
        if request.uri().path() != "/metrics" {
            return status(StatusCode::NOT_FOUND);
        }
        let routes = self.0.list();
        let sum =
            |count: fn(crate::Activity) -> usize| routes.iter().map(|r| count(r.activity())).sum::<usize>();
        let mut text = String::new();
        for (name, help, value) in [
            ("castalia_proxy_routes", "Routes in the table.", routes.len()),
            ("castalia_proxy_requests", "Requests under way.", sum(|a| a.requests)),
            ("castalia_proxy_sockets", "Upgraded connections that are open.", sum(|a| a.sockets)),
        ] {
            text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n"));
        }
        let mut response = Response::new(Body::full(Bytes::from(text)));
        let kind = HeaderValue::from_static("text/plain; version=0.0.4");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}

/// Sends every client to the same address over HTTPS.
#[derive(Clone, Copy, Debug)]
pub struct Redirect {
    /// The port of HTTPS.
    pub port: u16,
}

impl Handler for Redirect {
    async fn answer(
        self: Arc<Self>,
        _proxy: Arc<Proxy>,
        request: Request<Incoming>,
        _peer: Arc<Peer>,
    ) -> Response<Body> {
        let (parts, _) = request.into_parts();
        let Ok(host) = crate::host::of(&parts) else { return status(StatusCode::BAD_REQUEST) };
        let name = crate::host::name_of(host);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let port = if self.port == 443 { String::new() } else { format!(":{}", self.port) };
        let Ok(location) = HeaderValue::from_str(&format!("https://{name}{port}{path}")) else {
            return status(StatusCode::BAD_REQUEST);
        };
        let mut response = status(StatusCode::MOVED_PERMANENTLY);
        response.headers_mut().insert(header::LOCATION, location);
        response
    }
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
