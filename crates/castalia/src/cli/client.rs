//! Requests to the server, errors read, names encoded.

use super::address::{Address, Query};
use super::failure::{Failure, Refusal};
use super::out::Out;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a plain request may take. Adding an environment or asking for a big list takes seconds, not minutes.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a request that the rate limit refused is sent again.
const RETRIES: usize = 5;

/// One server with one identity.
pub(crate) struct Client {
    http: reqwest::Client,
    base: Address,
    /// The server as the user named it.
    pub(crate) url: String,
    token: Option<String>,
    out: Out,
}

impl Client {
    /// A client of the server at `url`.
    pub(crate) fn new(url: &str, token: Option<String>, out: Out) -> Result<Self, Failure> {
        let base = Address::parse(url)?;
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("castalia-cli/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .tcp_keepalive(Duration::from_secs(30))
            // A token must not follow a redirect to who knows where.
            .redirect(reqwest::redirect::Policy::none());
        if base.is_loopback() {
            // A proxy that the environment names can't reach this machine's own loopback.
            http = http.no_proxy();
        }
        let http =
            http.build().map_err(|e| Failure::Here(format!("could not set up the HTTP client: {e}")))?;
        Ok(Self { http, base, url: url.to_owned(), token, out })
    }

    /// The same server with another token.
    pub(crate) fn with_token(&self, token: Option<String>) -> Self {
        Self { http: self.http.clone(), base: self.base.clone(), url: self.url.clone(), token, out: self.out }
    }

    /// Whether there is a token to send.
    pub(crate) fn signed_in(&self) -> bool {
        self.token.is_some()
    }

    /// A request that the caller completes. `parts` are those behind `/api/`.
    pub(crate) fn request(
        &self,
        method: Method,
        parts: &[&str],
        query: Query<'_>,
    ) -> Result<RequestBuilder, Failure> {
        Ok(self.authorised(self.http.request(method, self.base.of(parts, query)?)))
    }

    /// A request to an address that the server gave. It is refused when it leads to another server.
    pub(crate) fn request_at(&self, method: Method, address: &str) -> Result<RequestBuilder, Failure> {
        Ok(self.authorised(self.http.request(method, self.base.given(address)?)))
    }

    fn authorised(&self, builder: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => builder.bearer_auth(token),
            None => builder,
        }
    }

    /// Sends a request; an answer that is an error becomes a failure.
    pub(crate) async fn open(&self, builder: RequestBuilder) -> Result<Response, Failure> {
        let response = builder.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if status.is_redirection() {
            return Err(Failure::Usage(format!(
                "{} is not the server itself: it leads elsewhere; use its final address",
                self.url
            )));
        }
        let text = |headers: &HeaderMap, name: &str| {
            headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned)
        };
        let request_id = text(response.headers(), "x-request-id");
        let retry_after = text(response.headers(), RETRY_AFTER.as_str()).and_then(|s| s.parse().ok());
        let body = response.bytes().await.unwrap_or_default();
        let refusal = Refusal {
            request_id,
            retry_after,
            url: self.url.clone(),
            signed_in: self.signed_in(),
            ..Refusal::read(status.as_u16(), &body)
        };
        Err(Failure::Refused(Box::new(refusal)))
    }

    /// What a broken connection is.
    pub(crate) fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let mut cause = error.to_string();
        let mut source = std::error::Error::source(error);
        let mut refused = false;
        while let Some(inner) = source {
            cause = inner.to_string();
            refused |= inner
                .downcast_ref::<std::io::Error>()
                .is_some_and(|e| e.kind() == std::io::ErrorKind::ConnectionRefused);
            source = inner.source();
        }
        if error.is_timeout() {
            cause = "it took too long".into();
        }
        Failure::Unreachable { url: self.url.clone(), cause, refused }
    }

    /// Sends JSON, gets JSON (null for an empty answer). A refusal by the rate limit is waited for: nothing was done.
    pub(crate) async fn send(
        &self,
        method: Method,
        parts: &[&str],
        query: Query<'_>,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        for attempt in 0.. {
            let mut builder = self.request(method.clone(), parts, query)?.timeout(PATIENCE);
            if let Some(body) = body {
                builder = builder.json(body);
            }
            match self.open(builder).await {
                Ok(response) => return self.read_json(response).await,
                Err(Failure::Refused(refusal))
                    if refusal.status == 429 && refusal.code == "rate_limited" && attempt < RETRIES =>
                {
                    let seconds = refusal.retry_after.unwrap_or(1).clamp(1, 60);
                    self.out.note(&format!("the server asks to wait {seconds} s"));
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::Here("unreachable".into()))
    }

    /// The JSON of an answer; null when it is empty.
    pub(crate) async fn read_json(&self, response: Response) -> Result<Value, Failure> {
        let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|_| Failure::Unreachable {
            url: self.url.clone(),
            cause: "what answers there is not a Castalia server".into(),
            refused: false,
        })
    }

    /// Reads.
    pub(crate) async fn get(&self, parts: &[&str], query: Query<'_>) -> Result<Value, Failure> {
        self.send(Method::GET, parts, query, None).await
    }

    /// Makes or does something.
    pub(crate) async fn post(&self, parts: &[&str], body: &Value) -> Result<Value, Failure> {
        self.send(Method::POST, parts, &[], Some(body)).await
    }

    /// Changes something.
    pub(crate) async fn patch(&self, parts: &[&str], body: &Value) -> Result<Value, Failure> {
        self.send(Method::PATCH, parts, &[], Some(body)).await
    }

    /// Removes something.
    pub(crate) async fn delete(&self, parts: &[&str]) -> Result<Value, Failure> {
        self.send(Method::DELETE, parts, &[], None).await
    }

    /// A list: the server's own JSON when it has no pages or one page is enough, else one page of up to `limit` entries.
    pub(crate) async fn list(
        &self,
        parts: &[&str],
        query: Query<'_>,
        limit: usize,
    ) -> Result<Value, Failure> {
        let mut items: Vec<Value> = Vec::new();
        let mut after = None;
        loop {
            let page_size = (limit - items.len()).clamp(1, 500).to_string();
            let mut query = query.to_vec();
            query.extend([("after", after.clone()), ("limit", Some(page_size))]);
            let mut page = self.get(parts, &query).await?;
            let next = page.get("next").and_then(Value::as_str).map(str::to_owned);
            let Some(Value::Array(found)) = page.get_mut("items").map(Value::take) else {
                return Ok(page);
            };
            let empty = found.is_empty();
            items.extend(found);
            if next.is_none() || next == after || empty || items.len() >= limit {
                items.truncate(limit);
                let mut whole = json!({ "items": items });
                if let Some(next) = next {
                    whole["next"] = next.into();
                }
                return Ok(whole);
            }
            after = next;
        }
    }
}

/// The entries of a list, with pages or without.
pub(crate) fn items(list: &Value) -> &[Value] {
    let array = list.as_array().or_else(|| list.get("items").and_then(Value::as_array));
    array.map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_with_pages_or_without() {
        assert_eq!(items(&json!([1, 2])).len(), 2);
        assert_eq!(items(&json!({"items": [1]})).len(), 1);
        assert!(items(&json!({})).is_empty());
    }
}
