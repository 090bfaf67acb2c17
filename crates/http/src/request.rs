//! A typed request: path, query and body, each parsed with the place of what is wrong.

use crate::problem::Problem;
use axum::extract::{ConnectInfo, FromRequestParts, Path, Request};
use axum::http::{HeaderMap, header};
use castalia_base::{Error, FieldError, Kind, actions::pointer};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::any::TypeId;
use std::net::SocketAddr;

/// The largest JSON body, in bytes. Files have endpoints of their own.
pub(crate) const JSON_LIMIT: usize = 4 << 20;

/// The parts of a request; `()` stands for none.
#[derive(Debug)]
pub struct Req<P = (), Q = (), B = ()> {
    /// Parameters of the path.
    pub path: P,
    /// Parameters behind the `?`.
    pub query: Q,
    /// The JSON body.
    pub body: B,
    /// The headers.
    pub headers: HeaderMap,
    /// The other end of the connection, where known.
    pub peer: Option<SocketAddr>,
}

/// Anything that can be a part of a request.
pub trait Part: DeserializeOwned + JsonSchema + Send + 'static {}
impl<T: DeserializeOwned + JsonSchema + Send + 'static> Part for T {}

pub(crate) fn is_none<T: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<()>()
}

fn nothing<T: DeserializeOwned>() -> Result<T, Error> {
    Ok(serde_json::from_value(serde_json::Value::Null)?)
}

impl<P: Part, Q: Part, B: Part> Req<P, Q, B> {
    /// Reads a request; raw handlers use it for what is typed about theirs.
    ///
    /// # Errors
    /// `invalid_path`, `invalid_query`, `invalid_json`, `invalid_input` with the place of what is wrong.
    pub async fn read(request: Request) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        let path = if is_none::<P>() {
            nothing()?
        } else {
            Path::<P>::from_request_parts(&mut parts, &())
                .await
                .map_err(|e| Error::new(Kind::Invalid, "invalid_path", e.body_text()))?
                .0
        };
        let query =
            if is_none::<Q>() { nothing()? } else { read_query(parts.uri.query().unwrap_or_default())? };
        let body = if is_none::<B>() { nothing()? } else { read_json(&parts.headers, body).await? };
        Ok(Self { path, query, body, headers: parts.headers, peer })
    }
}

/// Repeated parameters (`?y=a&y=b`) are a list.
fn read_query<Q: DeserializeOwned>(text: &str) -> Result<Q, Error> {
    let pairs = serde_html_form::Deserializer::from_bytes(text.as_bytes());
    serde_path_to_error::deserialize(pairs).map_err(|e| {
        let message = e.inner().to_string();
        let place = e.path().to_string();
        let named = if place == "." { message } else { format!("`{place}`: {message}") };
        Error::new(Kind::Invalid, "invalid_query", format!("the query can't be read: {named}"))
    })
}

async fn read_json<B: DeserializeOwned>(headers: &HeaderMap, body: axum::body::Body) -> Result<B, Error> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("application/json");
    if !(kind.starts_with("application/json") || kind.contains("+json")) {
        return Err(Error::invalid("unsupported_media_type", "send the body as application/json"));
    }
    let bytes = Limited::new(body, JSON_LIMIT).collect().await.map_err(|error| {
        if error.downcast_ref::<LengthLimitError>().is_some() {
            Error::new(Kind::TooLarge, "body_too_large", format!("a JSON body may have {JSON_LIMIT} bytes"))
        } else {
            Error::invalid("broken_body", "the body ended early")
        }
    })?;
    let bytes = bytes.to_bytes();
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    let mut json = serde_json::Deserializer::from_slice(text);
    serde_path_to_error::deserialize(&mut json).map_err(|e| {
        let message = e.inner().to_string();
        if e.inner().is_data() {
            let path = pointer(e.path());
            let place = if path.is_empty() { "the body" } else { &path };
            Error::unprocessable(
                "invalid_input",
                format!("{place}: {message}"),
                vec![FieldError { path, message }],
            )
        } else {
            Error::invalid("invalid_json", format!("the body is not JSON: {message}"))
        }
    })
}
