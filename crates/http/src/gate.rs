//! The door: every operation is let in, or not, in one place.

use crate::api::Operation;
use async_trait::async_trait;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use castalia_base::{Ctx, Error};
use std::net::SocketAddr;
use std::sync::Arc;

/// What is known of a caller before anybody has been asked who it is.
#[derive(Clone, Debug)]
pub struct Caller<'a> {
    /// The request's method.
    pub method: &'a Method,
    /// The request's target.
    pub uri: &'a Uri,
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// The other end of the connection, where known.
    pub peer: Option<SocketAddr>,
    /// The request's id.
    pub request_id: &'a str,
}

/// Decides who the caller is, whether it may use the operation, and whether it asks too often.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Returns the context in which the operation runs.
    ///
    /// `unauthenticated` without a good credential, `forbidden` without the permission anywhere,
    /// `rate_limited` with a time to wait.
    async fn admit(&self, caller: Caller<'_>, operation: &Operation) -> Result<Ctx, Error>;
}

#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) gate: Arc<dyn Gate>,
    pub(crate) operation: Arc<Operation>,
}

pub(crate) async fn pass(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let request_id = crate::layers::request_id(&request);
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let admitted = {
        let (method, uri, headers) =
            (request.method().clone(), request.uri().clone(), request.headers().clone());
        let caller = Caller { method: &method, uri: &uri, headers: &headers, peer, request_id: &request_id };
        door.gate.admit(caller, &door.operation).await
    };
    match admitted {
        Ok(ctx) => {
            let name = ctx.principal().name.clone();
            request.extensions_mut().insert(ctx);
            let mut response = next.run(request).await;
            response.extensions_mut().insert(crate::layers::Who { name, operation: door.operation.id });
            response
        }
        Err(error) => {
            let mut response = crate::Problem(error).into_response();
            response
                .extensions_mut()
                .insert(crate::layers::Who { name: "-".into(), operation: door.operation.id });
            response
        }
    }
}
