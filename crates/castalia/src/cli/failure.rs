//! What can go wrong in a command, what is said about it, and with which code the program ends.

use serde_json::Value;
use std::io;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was typed can't be meant (2).
    Usage(String),
    /// Something on this machine: a file, a disk, a terminal (1).
    Here(String),
    /// The work was done, and failed (1).
    Work(String),
    /// A name or a password is wrong (3).
    Denied(String),
    /// There is no such thing, as a list of the server shows (4).
    Absent(String),
    /// No answer (6).
    Unreachable {
        /// The server that was tried.
        url: String,
        /// What the network said.
        cause: String,
        /// Whether nothing listens there at all.
        refused: bool,
    },
    /// The server said no.
    Refused(Box<Refusal>),
    /// Whoever read our output has gone; nobody is left to be told (0).
    BrokenPipe,
    /// Ctrl-C (130), with what still goes on.
    Interrupted(Option<String>),
}

/// A problem document (RFC 9457) as the server sent it.
#[derive(Debug, Default)]
pub(crate) struct Refusal {
    /// HTTP status.
    pub(crate) status: u16,
    /// Stable code.
    pub(crate) code: String,
    /// What failed and what to do.
    pub(crate) detail: String,
    /// Wrong fields: JSON Pointer and message.
    pub(crate) fields: Vec<(String, String)>,
    /// Id of the request, for the server's log.
    pub(crate) request_id: Option<String>,
    /// Seconds after which trying again makes sense.
    pub(crate) retry_after: Option<u64>,
    /// The server.
    pub(crate) url: String,
    /// Whether a token was sent.
    pub(crate) signed_in: bool,
}

impl Refusal {
    /// Reads an error answer, whoever wrote it.
    pub(crate) fn read(status: u16, body: &[u8]) -> Self {
        let problem: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |key: &str| problem.get(key).and_then(Value::as_str).map(str::to_owned);
        let fields = problem.get("errors").and_then(Value::as_array).into_iter().flatten().map(|error| {
            let part = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            (part("path"), part("message"))
        });
        Self {
            status,
            code: text("code").unwrap_or_else(|| "http".into()),
            detail: text("detail")
                .or_else(|| text("title"))
                .unwrap_or_else(|| format!("the server answered {status}")),
            fields: fields.collect(),
            ..Self::default()
        }
    }

    /// Whether the detail says nothing but what the first wrong field says anyway.
    fn repeats_a_field(&self) -> bool {
        let said = |(path, message): &(String, String)| {
            let place = if path.is_empty() { "the input" } else { path };
            self.detail == format!("{place}: {message}")
        };
        self.fields.first().is_some_and(said)
    }

    fn exit_code(&self) -> u8 {
        match self.status {
            401 | 403 => 3,
            404 | 410 => 4,
            429 | 502 | 503 | 504 => 6,
            400..=499 => 5,
            _ => 1,
        }
    }

    fn message(&self) -> String {
        let mut text = match (self.status, self.signed_in) {
            (401, false) => {
                format!("not signed in at {}; run `castalia login` or set CASTALIA_TOKEN", self.url)
            }
            (401, true) => format!("{}; sign in again with `castalia login`", self.detail),
            (429, _) => match self.retry_after {
                Some(seconds) => format!("{}; try again in {seconds} s", self.detail),
                None => self.detail.clone(),
            },
            _ if self.code == "upload_exists" => format!("{} (--replace)", self.detail),
            _ if self.repeats_a_field() => self.code.replace('_', " "),
            _ => self.detail.clone(),
        };
        if let (500.., Some(id)) = (self.status, &self.request_id) {
            text.push_str(&format!(" (request {id}; the server's log says more)"));
        }
        for (path, message) in &self.fields {
            let path = if path.is_empty() { "the input" } else { path.trim_start_matches('/') };
            text.push_str(&format!("\n  {path}: {message}"));
        }
        text
    }
}

impl Failure {
    /// A failure of a file or folder.
    pub(crate) fn file(what: &str, path: &std::path::Path, error: &io::Error) -> Self {
        Self::Here(format!("could not {what} {}: {error}", path.display()))
    }

    /// The program's exit code, as `castalia --help` documents it.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::BrokenPipe => 0,
            Self::Here(_) | Self::Work(_) => 1,
            Self::Usage(_) => 2,
            Self::Denied(_) => 3,
            Self::Absent(_) => 4,
            Self::Unreachable { .. } => 6,
            Self::Refused(refusal) => refusal.exit_code(),
            Self::Interrupted(_) => 130,
        }
    }

    /// What to say on stderr; `None` when there is nothing to say.
    pub(crate) fn message(&self) -> Option<String> {
        match self {
            Self::Usage(text)
            | Self::Denied(text)
            | Self::Absent(text)
            | Self::Here(text)
            | Self::Work(text) => Some(text.clone()),
            Self::Unreachable { url, refused: true, .. } => Some(format!(
                "no server answers at {url}; start one with `castalia serve --demo` or choose another with --url or CASTALIA_URL"
            )),
            Self::Unreachable { url, cause, .. } => {
                Some(format!("no answer from {url}: {cause}; check --url or CASTALIA_URL"))
            }
            Self::Refused(refusal) => Some(refusal.message()),
            Self::BrokenPipe => None,
            Self::Interrupted(note) => note.clone(),
        }
    }

    /// Whether the same request may succeed a little later without anybody doing anything.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused(refusal) => matches!(refusal.status, 429 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// Whether the server says that there is no such thing.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(refusal) if matches!(refusal.status, 404 | 410))
    }
}

/// Of stdout alone: errors of named files go through [`Failure::file`].
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::BrokenPipe
        } else {
            Self::Here(format!("could not write the output: {error}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> Failure {
        let url = "http://here".to_owned();
        Failure::Refused(Box::new(Refusal {
            url,
            request_id: Some("req_1".into()),
            ..Refusal::read(status, body.as_bytes())
        }))
    }

    #[test]
    fn every_wrong_field_has_its_line() {
        let body = r#"{"code":"invalid_parameters","detail":"two are wrong","errors":[
            {"path":"/parameters/window","message":"must be one of hann, none"},{"path":"","message":"is empty"}]}"#;
        let failure = refused(422, body);
        let message = failure.message().expect("says something");
        assert_eq!(
            message,
            "two are wrong\n  parameters/window: must be one of hann, none\n  the input: is empty"
        );
        assert_eq!(failure.exit_code(), 5);
    }

    #[test]
    fn what_a_field_says_is_not_said_twice() {
        let body = r#"{"code":"invalid_parameters","detail":"/parameters/n: is required","errors":[
            {"path":"/parameters/n","message":"is required"}]}"#;
        let message = refused(422, body).message().expect("says something");
        assert_eq!(message, "invalid parameters\n  parameters/n: is required");
    }

    #[test]
    fn codes_tell_scripts_what_kind_of_failure_it_is() {
        let codes = [(401, 3), (403, 3), (404, 4), (409, 5), (402, 5), (503, 6), (500, 1)];
        for (status, code) in codes {
            assert_eq!(refused(status, "{}").exit_code(), code, "{status}");
        }
        assert_eq!(Failure::from(io::Error::from(io::ErrorKind::BrokenPipe)).exit_code(), 0);
    }

    #[test]
    fn who_is_not_signed_in_is_told_how() {
        let message = refused(401, "{}").message().expect("says something");
        assert!(message.contains("castalia login") && message.contains("http://here"), "{message}");
        assert!(refused(500, "not json").message().expect("says something").contains("req_1"));
    }
}
