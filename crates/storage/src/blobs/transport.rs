//! The HTTP client of the object store: the workspace's own `reqwest`, so that there is one TLS stack.

use async_trait::async_trait;
use http_body_util::BodyExt;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
    HttpService,
};
use std::time::Duration;

/// Makes clients.
#[derive(Debug)]
pub(super) struct Connector;

#[derive(Debug)]
struct Client(reqwest::Client);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(60))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|source| object_store::Error::Generic { store: "S3", source: Box::new(source) })?;
        Ok(HttpClient::new(Client(client)))
    }
}

fn convert(error: reqwest::Error) -> HttpError {
    let kind = match &error {
        e if e.is_timeout() => HttpErrorKind::Timeout,
        e if e.is_connect() => HttpErrorKind::Connect,
        e if e.is_decode() => HttpErrorKind::Decode,
        e if e.is_request() || e.is_body() => HttpErrorKind::Request,
        _ => HttpErrorKind::Unknown,
    };
    HttpError::new(kind, error.without_url())
}

#[async_trait]
impl HttpService for Client {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let mut builder = self.0.request(parts.method, parts.uri.to_string()).headers(parts.headers);
        if body.content_length() > 0 {
            builder = builder.body(reqwest::Body::wrap(body));
        }
        let response: axum::http::Response<reqwest::Body> = builder.send().await.map_err(convert)?.into();
        let (parts, body) = response.into_parts();
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::new(body.map_err(convert))))
    }
}
