//! One error type for all services: a transport-neutral kind, a stable code, words that say what to do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Shorthand for a result with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure it is. Each transport maps these once (see `castalia-http`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The request is not well formed (400).
    Invalid,
    /// Nobody is signed in, or the credential is not good (401).
    Unauthenticated,
    /// The project's credit does not cover it (402).
    PaymentRequired,
    /// Signed in, but without the permission (403).
    Forbidden,
    /// It does not exist, or the caller may not know that it does (404).
    NotFound,
    /// The state of the thing forbids it now (409).
    Conflict,
    /// Larger than a limit (413).
    TooLarge,
    /// Well formed, but the content is wrong; see the fields (422).
    Unprocessable,
    /// Too many requests (429).
    RateLimited,
    /// A part we depend on is away; trying again later may help (503).
    Unavailable,
    /// Our fault (500). The detail shown to callers is general; the log has the cause.
    Internal,
}

/// One wrong field of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) to the field, `""` for the whole input.
    pub path: String,
    /// What is wrong with it, lower case, no full stop.
    pub message: String,
}

/// A failure that a caller can act on.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    kind: Kind,
    code: &'static str,
    detail: String,
    fields: Vec<FieldError>,
    retry_after_ms: Option<u64>,
    revision: Option<i64>,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of any kind. `code` is stable, `detail` a lower-case fragment.
    pub fn new(kind: Kind, code: &'static str, detail: impl Into<String>) -> Self {
        let (detail, fields) = (detail.into(), Vec::new());
        Self { kind, code, detail, fields, retry_after_ms: None, revision: None, source: None }
    }
    /// The request is not well formed.
    pub fn invalid(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, code, detail)
    }
    /// `what` (“process”) with this name does not exist, or the caller may not see it.
    pub fn not_found(what: &str, name: impl std::fmt::Display) -> Self {
        Self::new(Kind::NotFound, "not_found", format!("no {what} `{name}` that you may see"))
    }
    /// The state of the thing forbids it now.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, code, detail)
    }
    /// The caller lacks `permission`.
    pub fn forbidden(permission: &str) -> Self {
        Self::new(Kind::Forbidden, "forbidden", format!("this needs the permission `{permission}`"))
    }
    /// Nobody is signed in.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(Kind::Unauthenticated, "unauthenticated", detail)
    }
    /// The content is wrong; every wrong field is named.
    pub fn unprocessable(code: &'static str, detail: impl Into<String>, fields: Vec<FieldError>) -> Self {
        Self { fields, ..Self::new(Kind::Unprocessable, code, detail) }
    }
    /// One wrong field.
    pub fn field(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        let field = FieldError { path: path.into(), message: message.into() };
        let place = if field.path.is_empty() { "the input" } else { &field.path };
        Self::unprocessable(code, format!("{place}: {}", field.message), vec![field])
    }
    /// A part we depend on is away.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(Kind::Unavailable, "unavailable", detail)
    }
    /// Our fault; `source` goes to the log, not to the caller.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source = source.into();
        Self {
            source: Some(source),
            ..Self::new(Kind::Internal, "internal", "something went wrong on our side")
        }
    }
    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
    /// The same error with the time after which trying again makes sense.
    #[must_use]
    pub fn with_retry_after_ms(mut self, ms: u64) -> Self {
        self.retry_after_ms = Some(ms);
        self
    }
    /// The same error with the revision that is there now, for a change that was based on another one.
    #[must_use]
    pub fn with_revision(mut self, revision: i64) -> Self {
        self.revision = Some(revision);
        self
    }
    /// What sort of failure it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }
    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }
    /// What failed and what to do.
    pub fn detail(&self) -> &str {
        &self.detail
    }
    /// The wrong fields, if any.
    pub fn fields(&self) -> &[FieldError] {
        &self.fields
    }
    /// Milliseconds after which trying again makes sense.
    pub fn retry_after_ms(&self) -> Option<u64> {
        self.retry_after_ms
    }
    /// The revision that is there now, when the change was based on another one.
    pub fn revision(&self) -> Option<i64> {
        self.revision
    }
    /// The whole chain of causes in one line, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.detail.clone();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

impl From<serde_json::Error> for Error {
    /// For JSON of our own making; foreign input is parsed where its path is known.
    fn from(error: serde_json::Error) -> Self {
        Error::internal(error)
    }
}
