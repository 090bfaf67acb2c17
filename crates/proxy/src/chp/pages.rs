//! The public side: answers by the table, with the owner's pages for what goes wrong.

use crate::body::{Body, RequestBody};
use crate::failure::{Failure, Wants};
use crate::server::Handler;
use crate::target::Target;
use crate::upstream::{Upstream, dial};
use crate::{Peer, Proxy};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Request, Response, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const MAX_PAGE: usize = 4 << 20;
const PATIENCE: Duration = Duration::from_secs(5);

/// Where pages for failures come from.
#[derive(Clone, Debug, Default)]
pub enum ErrorPages {
    /// Our own.
    #[default]
    Own,
    /// Files `CODE.html`, else `error.html`, in a folder.
    Folder(PathBuf),
    /// A server that is asked for `BASE/CODE?url=PATH`.
    Server(Target),
}

/// The public side of a proxy that stands in for configurable-http-proxy.
#[derive(Clone, Debug, Default)]
pub struct Public {
    /// Where pages for failures come from.
    pub pages: ErrorPages,
}

impl Handler for Public {
    async fn answer(
        self: Arc<Self>,
        proxy: Arc<Proxy>,
        request: Request<Incoming>,
        peer: Arc<Peer>,
    ) -> Response<Body> {
        if request.uri().path() == "/_chp_healthz" {
            let mut response = Response::new(Body::full(Bytes::from_static(b"{\"status\": \"OK\"}")));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            return response;
        }
        let wants = Wants::from_head(request.method(), request.headers());
        let upgrade = request.headers().contains_key(header::UPGRADE);
        let asked = match self.pages {
            ErrorPages::Server(_) => request.uri().path_and_query().map(ToString::to_string),
            _ => None,
        };
        let failure = match proxy.try_handle(request, &peer).await {
            Ok(response) => return response,
            Err(failure) => failure,
        };
        tracing::warn!(status = failure.status().as_u16(), why = %failure, "a request was not answered");
        let plain = failure.answer(wants);
        // A program that wants JSON, or a socket, has no use for a page.
        if upgrade || (wants == Wants::Problem && matches!(self.pages, ErrorPages::Folder(_))) {
            return plain;
        }
        Box::pin(self.page(&failure, asked.as_deref().unwrap_or("/"))).await.map_or_else(
            |why| {
                tracing::debug!(why, "the owner's page for a failure can't be had");
                failure.answer(wants)
            },
            |page| dressed(page, plain),
        )
    }
}

impl Public {
    async fn page(&self, failure: &Failure, asked: &str) -> Result<Response<Body>, String> {
        let code = failure.status();
        match &self.pages {
            ErrorPages::Own => Err("it has none".into()),
            ErrorPages::Folder(folder) => {
                let own = folder.join(format!("{}.html", code.as_u16()));
                let read = match tokio::fs::read(&own).await {
                    Ok(page) => page,
                    Err(_) => tokio::fs::read(folder.join("error.html")).await.map_err(|e| e.to_string())?,
                };
                let mut response = Response::new(Body::full(Bytes::from(read)));
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
                Ok(response)
            }
            ErrorPages::Server(target) => {
                tokio::time::timeout(PATIENCE, fetch(target, code, asked)).await.map_err(|e| e.to_string())?
            }
        }
    }
}

/// The owner's page with the failure's status and what else its answer says.
fn dressed(page: Response<Body>, plain: Response<Body>) -> Response<Body> {
    let (mut parts, _) = plain.into_parts();
    let (theirs, body) = page.into_parts();
    parts.headers.remove(header::CONTENT_SECURITY_POLICY);
    for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING] {
        if let Some(value) = theirs.headers.get(&name) {
            parts.headers.insert(name, value.clone());
        }
    }
    Response::from_parts(parts, body)
}

async fn fetch(target: &Target, code: StatusCode, asked: &str) -> Result<Response<Body>, String> {
    let url = utf8_percent_encode(asked, NON_ALPHANUMERIC);
    let mut request = Request::new(RequestBody::Empty);
    let path = format!("{}/{}?url={url}", target.base, code.as_u16());
    *request.uri_mut() = path.parse().map_err(|_| "the address is none".to_owned())?;
    let mut headers = HeaderMap::new();
    let host = HeaderValue::from_str(&target.authority).map_err(|e| e.to_string())?;
    headers.insert(header::HOST, host);
    headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    *request.headers_mut() = headers;
    let stream = dial(&target.place).await.map_err(|e| e.to_string())?;
    let mut upstream = Upstream::new(stream).await.map_err(|e| e.to_string())?;
    let answer = upstream.exchange(request).await.map_err(|lost| lost.error.to_string())?;
    let (parts, body) = answer.into_parts();
    let mut collected = std::pin::pin!(Limited::new(body, MAX_PAGE).collect());
    let body = std::future::poll_fn(|cx| {
        upstream.drive(cx);
        collected.as_mut().poll(cx)
    });
    let body = body.await.map_err(|e| e.to_string())?;
    Ok(Response::from_parts(parts, Body::full(body.to_bytes())))
}
