//! Operations: what a capability offers over HTTP, described once.

use crate::gate::{Door, Gate, pass};
use crate::problem::Problem;
use crate::request::{Part, Req, is_none};
use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use castalia_base::{Ctx, Error};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use std::sync::Arc;

type SchemaFn = fn(&mut SchemaGenerator) -> Schema;

/// One operation: a method on a path with one permission.
#[derive(Clone)]
pub struct Operation {
    /// Stable name, `noun.verb`; rate limits and metrics use it.
    pub id: &'static str,
    /// One line that says what it does.
    pub summary: &'static str,
    /// The permission that a caller needs, `None` for operations open to all.
    pub permission: Option<&'static str>,
    /// The request's method.
    pub method: Method,
    /// The path with `{parameters}`.
    pub path: &'static str,
    pub(crate) status: u16,
    pub(crate) path_schema: Option<SchemaFn>,
    pub(crate) query_schema: Option<SchemaFn>,
    pub(crate) body: Option<(&'static str, SchemaFn)>,
    pub(crate) reply: Option<(&'static str, SchemaFn)>,
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
fn binary(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({"type": "string", "format": "binary"})
}

impl Operation {
    /// An operation that needs `permission`.
    pub fn new(
        method: Method,
        path: &'static str,
        id: &'static str,
        permission: &'static str,
        summary: &'static str,
    ) -> Self {
        Self { permission: Some(permission), ..Self::open(method, path, id, summary) }
    }
    /// An operation open to everybody.
    pub fn open(method: Method, path: &'static str, id: &'static str, summary: &'static str) -> Self {
        Self {
            id,
            summary,
            permission: None,
            method,
            path,
            status: 200,
            path_schema: None,
            query_schema: None,
            body: None,
            reply: None,
        }
    }
    /// Answers with this status instead of 200.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status.as_u16();
        self
    }
    /// Documents the path parameters of a raw operation.
    #[must_use]
    pub fn path_params<P: JsonSchema>(mut self) -> Self {
        self.path_schema = Some(schemars_inline::<P>);
        self
    }
    /// Documents the query of a raw operation.
    #[must_use]
    pub fn query<Q: JsonSchema>(mut self) -> Self {
        self.query_schema = Some(schemars_inline::<Q>);
        self
    }
    /// Documents the JSON body of a raw operation.
    #[must_use]
    pub fn body<B: JsonSchema>(mut self) -> Self {
        self.body = Some(("application/json", schema::<B>));
        self
    }
    /// Documents a body of bytes.
    #[must_use]
    pub fn binary_body(mut self) -> Self {
        self.body = Some(("application/octet-stream", binary));
        self
    }
    /// Documents the JSON answer of a raw operation.
    #[must_use]
    pub fn returns<O: JsonSchema>(mut self) -> Self {
        self.reply = Some(("application/json", schema::<O>));
        self
    }
    /// Documents an answer of bytes or text.
    #[must_use]
    pub fn returns_media(mut self, media_type: &'static str) -> Self {
        self.reply = Some((media_type, binary));
        self
    }
}

fn schemars_inline<T: JsonSchema>(_: &mut SchemaGenerator) -> Schema {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    settings.into_generator().into_root_schema_for::<T>()
}

/// What a typed operation answers: a value, or nothing (204).
pub struct Reply<O>(pub Option<O>);

impl<O: Serialize> Reply<O> {
    fn respond(self, status: u16) -> Response {
        match self.0 {
            Some(value) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
                (status, axum::Json(value)).into_response()
            }
            None => StatusCode::NO_CONTENT.into_response(),
        }
    }
}

/// The operations of one capability over its service `S`.
pub struct Api<S = ()> {
    service: Arc<S>,
    routes: Vec<(Operation, MethodRouter)>,
}

impl<S: Send + Sync + 'static> Api<S> {
    /// No operations yet.
    pub fn new(service: Arc<S>) -> Self {
        Self { service, routes: Vec::new() }
    }

    /// Adds a typed operation; its schemas are those of the function's types.
    #[must_use]
    pub fn op<P, Q, B, O, F, Fut>(mut self, mut operation: Operation, run: F) -> Self
    where
        P: Part,
        Q: Part,
        B: Part,
        O: Serialize + JsonSchema + 'static,
        F: Fn(Arc<S>, Ctx, Req<P, Q, B>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<O, Error>> + Send + 'static,
    {
        operation.path_schema = (!is_none::<P>()).then_some(schemars_inline::<P>);
        operation.query_schema = (!is_none::<Q>()).then_some(schemars_inline::<Q>);
        operation.body = (!is_none::<B>()).then_some(("application/json", schema::<B>));
        operation.reply = (!is_none::<O>()).then_some(("application/json", schema::<O>));
        let status = if is_none::<O>() { 204 } else { operation.status };
        operation.status = status;
        let service = self.service.clone();
        let handler = move |request: Request| {
            let (service, run) = (service.clone(), run.clone());
            async move {
                let Some(ctx) = request.extensions().get::<Ctx>().cloned() else {
                    return Problem(Error::unauthenticated("sign in first")).into_response();
                };
                let request = match Req::read(request).await {
                    Ok(request) => request,
                    Err(problem) => return problem.into_response(),
                };
                match run(service, ctx, request).await {
                    Ok(value) => Reply((!is_none::<O>()).then_some(value)).respond(status),
                    Err(error) => Problem(error).into_response(),
                }
            }
        };
        self.routes.push((operation.clone(), on(filter(&operation.method), handler)));
        self
    }

    /// Adds an operation whose handler reads and answers by itself (streams, cookies, upgrades). The
    /// handler finds its [`Ctx`] in the request's extensions.
    #[must_use]
    pub fn raw<H, T>(mut self, operation: Operation, handler: H) -> Self
    where
        H: axum::handler::Handler<T, Arc<S>>,
        T: 'static,
    {
        let route = on(filter(&operation.method), handler).with_state(self.service.clone());
        self.routes.push((operation, route));
        self
    }

    /// The same operations without the service's type, to be merged with others.
    pub fn erase(self) -> Api {
        Api { service: Arc::new(()), routes: self.routes }
    }
}

impl Api {
    /// Adds the operations of another capability.
    #[must_use]
    pub fn merge<S>(mut self, other: Api<S>) -> Self {
        self.routes.extend(other.routes);
        self
    }
    /// All operations.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.routes.iter().map(|(operation, _)| operation)
    }
    /// The router, with `gate` before every operation.
    pub fn into_router(self, gate: Arc<dyn Gate>) -> Router {
        self.routes.into_iter().fold(Router::new(), |router, (operation, route)| {
            let path = operation.path;
            let door = Door { gate: gate.clone(), operation: Arc::new(operation) };
            router.route(path, route.layer(from_fn_with_state(door, pass)))
        })
    }
}

fn filter(method: &Method) -> MethodFilter {
    MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET)
}
