//! A route: a prefix, where it leads, and what is going on behind it.

use crate::live::{Activity, Live};
use crate::options::RouteOptions;
use crate::path;
use crate::target::Target;
use crate::upstream::Idle;
use castalia_base::{Clock, Timestamp};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value};
use std::sync::{Arc, OnceLock, PoisonError};
use tokio_util::sync::CancellationToken;

/// What can't stand in an address as it is. Percent signs can: they encode already.
const UNFIT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'?')
    .add(b'#')
    .add(b'{')
    .add(b'}')
    .add(b'\\')
    .add(b'^')
    .add(b'|');
/// Deeper prefixes are refused.
const MAX_DEPTH: usize = 64;

/// Why a text is no prefix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` can't be the prefix of a route: {reason}")]
pub struct BadPrefix {
    text: String,
    reason: String,
}

/// A prefix and where it leads. Shared: requests under way keep the route that they began with.
#[derive(Debug)]
pub struct Route {
    path: String,
    host: Option<String>,
    target: Target,
    options: Arc<RouteOptions>,
    note: Map<String, Value>,
    clock: Clock,
    pub(crate) live: Live,
    /// Connections that wait for the next request, one list for each worker.
    idle: OnceLock<Box<[Idle]>>,
}

impl Route {
    /// A route for everything below `prefix` (`/user/ada/lab`; a slash at the end makes no difference), percent-encoded
    /// as in an address; what could not stand in one is encoded.
    pub fn new(
        prefix: &str,
        target: Target,
        options: Arc<RouteOptions>,
        clock: &Clock,
    ) -> Result<Self, BadPrefix> {
        let bad = |reason: String| BadPrefix { text: prefix.to_owned(), reason };
        let rooted = if prefix.starts_with('/') { prefix.to_owned() } else { format!("/{prefix}") };
        path::check(&rooted).map_err(|error| bad(error.to_string()))?;
        if rooted.contains("//") {
            return Err(bad("it holds an empty segment".into()));
        }
        if path::segments(&rooted).count() > MAX_DEPTH {
            return Err(bad(format!("it is deeper than {MAX_DEPTH} segments")));
        }
        let path = match rooted.trim_end_matches('/') {
            "" => "/".to_owned(),
            trimmed => utf8_percent_encode(trimmed, UNFIT).to_string(),
        };
        let live = Live::new(clock.now());
        Ok(Self {
            path,
            host: None,
            target,
            options,
            note: Map::new(),
            clock: clock.clone(),
            live,
            idle: OnceLock::new(),
        })
    }

    /// The same route for requests to one host only (without its port).
    #[must_use]
    pub fn for_host(mut self, host: &str) -> Self {
        self.host = Some(host.to_ascii_lowercase());
        self
    }

    /// The same route with what its owner wants to remember about it.
    #[must_use]
    pub fn with_note(mut self, note: Map<String, Value>) -> Self {
        self.note = note;
        self
    }

    /// The prefix, with a slash at its begin and none at its end (`/` for the root).
    pub fn path(&self) -> &str {
        &self.path
    }
    /// The host it is for, if for one only.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }
    /// Where it leads.
    pub fn target(&self) -> &Target {
        &self.target
    }
    /// How its requests are treated.
    pub fn options(&self) -> &RouteOptions {
        &self.options
    }
    /// What its owner remembers about it.
    pub fn note(&self) -> &Map<String, Value> {
        &self.note
    }
    /// What is going on behind it.
    pub fn activity(&self) -> Activity {
        self.live.seen()
    }
    /// When something happened that counts.
    pub fn last_activity(&self) -> Timestamp {
        self.live.seen().last
    }
    /// Notes activity that the proxy can't see.
    pub fn touch(&self) {
        self.live.touch(&self.clock);
    }

    /// Ends the upgraded connections that are open now, as when a right was taken away. Later ones are not affected.
    pub fn close_sockets(&self) {
        let mut close = self.live.close.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *close, CancellationToken::new()).cancel();
    }

    /// The token that ends a socket which is opened now.
    pub(crate) fn closing(&self) -> CancellationToken {
        self.live.close.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The prefix as it stands before other paths: empty for the root.
    pub(crate) fn prefix(&self) -> &str {
        if self.path == "/" { "" } else { &self.path }
    }

    /// What of a raw request path lies below the prefix, with its slash; `None` when the path is not below it.
    pub(crate) fn below<'p>(&self, request: &'p str) -> Option<&'p str> {
        let mut end = 0;
        let mut theirs = path::segments(request);
        for (mine, _) in path::segments(&self.path) {
            let (segment, at) = theirs.next()?;
            if segment != mine {
                return None;
            }
            end = at;
        }
        Some(&request[end..])
    }

    /// The connections of a worker that wait for a request.
    pub(crate) fn idle(&self, worker: usize) -> &Idle {
        let lists = self.idle.get_or_init(|| (0..crate::MAX_WORKERS).map(|_| Idle::default()).collect());
        &lists[worker % crate::MAX_WORKERS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(prefix: &str) -> Result<Route, BadPrefix> {
        let target = Target::parse("http://127.0.0.1:1").expect("a target");
        Route::new(prefix, target, Arc::default(), &Clock::fixed(Timestamp(0)))
    }

    #[test]
    fn what_lies_below_a_prefix() {
        let r = route("/user/a%40b/").expect("a prefix");
        assert_eq!(r.path(), "/user/a%40b");
        assert_eq!(r.below("/user/a@b/tree"), Some("/tree"));
        assert_eq!(r.below("/user/a%40b"), Some(""));
        assert_eq!(r.below("/%75ser/a@b/"), Some("/"));
        assert_eq!(r.below("/user/a@bc"), None);
        assert_eq!(r.below("/user"), None);
        assert_eq!(route("").expect("the root").below("/x"), Some("/x"));
    }

    #[test]
    fn bad_prefixes_are_refused() {
        for prefix in ["/a/../b", "/a//b", "/%2e%2e", "/a%zz"] {
            assert!(route(prefix).is_err(), "{prefix}");
        }
    }
}
