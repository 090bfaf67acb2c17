//! Answers and refusals in JupyterHub's way, and what is read of its requests.

use super::S;
use axum::extract::{FromRequestParts, Path, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use castalia_base::{Ctx, Error, Kind};
use castalia_http::status_of;
use castalia_identity::{Identity, Via};
use http_body_util::{BodyExt, Limited};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The largest body, in bytes.
const BODY_LIMIT: usize = 1 << 20;

/// A refusal.
#[derive(Debug)]
pub(crate) struct HubError {
    pub(crate) status: u16,
    pub(crate) message: String,
    retry_after_ms: Option<u64>,
}

impl HubError {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after_ms: None }
    }
}

impl From<Error> for HubError {
    fn from(error: Error) -> Self {
        let status = match error.kind() {
            // JupyterHub's servers take 401 for a fault of the hub; 403 is "nobody".
            Kind::Unauthenticated => 403,
            Kind::Unprocessable => 400,
            kind => status_of(kind).as_u16(),
        };
        if status >= 500 {
            tracing::error!(error = error.chain(), "a request of JupyterHub's API failed");
        }
        Self { status, message: error.detail().to_owned(), retry_after_ms: error.retry_after_ms() }
    }
}

impl IntoResponse for HubError {
    fn into_response(self) -> Response {
        let mut answer = json_reply(self.status, &json!({"status": self.status, "message": self.message}));
        if let Some(ms) = self.retry_after_ms {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(ms.div_ceil(1000).max(1)));
        }
        answer
    }
}

/// A JSON answer.
pub(crate) fn json_reply(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, axum::Json(body)).into_response()
}

/// An answer without a body.
pub(crate) fn empty(status: u16) -> Response {
    StatusCode::from_u16(status).unwrap_or(StatusCode::NO_CONTENT).into_response()
}

/// Who asks; 403 for nobody.
pub(crate) fn known(
    s: &S,
    request: &Request,
) -> impl Future<Output = Result<(Ctx, Identity), HubError>> + Send + use<> {
    // A request that is looked at from two threads would have to be more than it is; its head is copied instead.
    let (s, method, headers) = (s.clone(), request.method().clone(), request.headers().clone());
    let id = request.extensions().get::<Ctx>().map_or("hub", Ctx::request_id).to_owned();
    async move {
        let who = s.identity.authenticate(&headers).await?;
        if who.via == Via::Nothing {
            return Err(HubError::new(403, "sign in, or send a token as `Authorization: token`"));
        }
        s.identity.check_origin(&method, &headers, who.via)?;
        Ok((Ctx::new(who.principal.clone(), s.clock.clone(), id), who))
    }
}

/// The parameters of the path, and what is left of the request.
pub(crate) async fn path<P: DeserializeOwned + Send>(request: Request) -> Result<(P, Request), HubError> {
    let (mut parts, body) = request.into_parts();
    let path = Path::<P>::from_request_parts(&mut parts, &()).await;
    let path = path.map_err(|e| HubError::new(404, e.body_text()))?.0;
    Ok((path, Request::from_parts(parts, body)))
}

/// The JSON body; an empty one is null.
pub(crate) async fn body(request: Request) -> Result<Value, HubError> {
    let bytes = bytes(request).await?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&bytes)
        .map_err(|e| HubError::new(400, format!("Invalid JSON in body of request: {e}")))
}

/// The body as it came.
pub(crate) async fn bytes(request: Request) -> Result<bytes::Bytes, HubError> {
    let limited = Limited::new(request.into_body(), BODY_LIMIT).collect().await;
    Ok(limited.map_err(|_| HubError::new(413, "the body is too large or broke off"))?.to_bytes())
}

/// The query.
pub(crate) fn query<Q: DeserializeOwned>(request: &Request) -> Result<Q, HubError> {
    serde_html_form::from_str(request.uri().query().unwrap_or_default())
        .map_err(|e| HubError::new(400, format!("Invalid argument: {e}")))
}
