//! A router with the REST operations and a door that knows one person.

use crate::support::World;
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use castalia_base::{Ctx, Error};
use castalia_http::{Api, Caller, Gate, Operation};
use http_body_util::BodyExt;
use std::sync::Arc;
use tower::ServiceExt;

struct OnePerson(Ctx);

#[async_trait]
impl Gate for OnePerson {
    async fn admit(&self, _: Caller<'_>, operation: &Operation) -> Result<Ctx, Error> {
        match operation.permission {
            Some(permission) if !self.0.can_somewhere(permission) => Err(Error::forbidden(permission)),
            _ => Ok(self.0.clone()),
        }
    }
}

pub(crate) fn router(world: &World, ctx: &Ctx) -> Router {
    let api = Api::new(Arc::new(())).merge(castalia_storage::api(world.service.clone()));
    castalia_http::finish(api.into_router(Arc::new(OnePerson(ctx.clone()))))
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

pub(crate) async fn send(
    router: &Router,
    method: Method,
    uri: &str,
    headers: &[(&str, &str)],
    body: Body,
) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(body).expect("a request")).await.expect("answers");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("reads").to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

pub(crate) async fn get(router: &Router, uri: &str, headers: &[(&str, &str)]) -> Answer {
    send(router, Method::GET, uri, headers, Body::empty()).await
}
