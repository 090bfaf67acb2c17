//! How requests of a route are treated.

use hyper::header::{HeaderName, HeaderValue};
use std::time::Duration;

/// What happens to the route's prefix on the way to the back end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prefix {
    /// The back end sees the whole path, as Jupyter wants it.
    #[default]
    Keep,
    /// The back end sees the path below the prefix and learns the prefix from `X-Forwarded-Prefix`.
    Strip,
}

/// Whose name the `Host` header carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostHeader {
    /// The client's.
    #[default]
    Client,
    /// The back end's own, for servers that answer to nothing else.
    Target,
}

/// Which bytes of an upgraded connection are activity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SocketActivity {
    /// Every byte in either direction, pings included.
    Bytes,
    /// Messages in either direction, but no ping, pong or close: an open tab alone keeps nothing alive.
    #[default]
    Messages,
    /// Messages that the client sends.
    ClientMessages,
    /// None.
    Never,
}

/// What counts as activity of a route.
#[derive(Clone, Debug)]
pub struct ActivityRules {
    /// Paths below the prefix that never count (probes, dashboards). A `*` stands for any text.
    pub ignore: Vec<String>,
    /// Answers with this status or a higher one do not count.
    pub below_status: u16,
    /// Which bytes of upgraded connections count.
    pub sockets: SocketActivity,
}

impl Default for ActivityRules {
    fn default() -> Self {
        Self { ignore: Vec::new(), below_status: 300, sockets: SocketActivity::default() }
    }
}

impl ActivityRules {
    /// Whether a request for this path below the prefix (with its slash, without its query) may count.
    pub(crate) fn counts(&self, path: &str) -> bool {
        !self.ignore.iter().any(|pattern| matches(pattern.as_bytes(), path.as_bytes()))
    }
}

/// Whether the text is what the pattern says; only `*` is special.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p) == Some(&text[t]) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            (p, t) = (at + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&b| b == b'*')
}

/// How requests of a route are treated. Share one between routes that are treated alike.
#[derive(Clone, Debug)]
pub struct RouteOptions {
    /// What happens to the prefix.
    pub prefix: Prefix,
    /// For back ends that do not know their prefix: `Location`, the paths of cookies and `<base>` are put below it.
    pub rewrite: bool,
    /// Whose name `Host` carries.
    pub host_header: HostHeader,
    /// Largest request body in bytes; none unless told.
    pub max_body: Option<u64>,
    /// Limit of one try to connect.
    pub connect_timeout: Duration,
    /// How often connecting is tried before the request fails; at least once.
    pub connect_tries: u32,
    /// Limit from the sent request to the head of the answer; none unless told.
    pub response_timeout: Option<Duration>,
    /// Protocols that a connection may be upgraded to, in lower case.
    pub upgrades: Vec<String>,
    /// Whether the back end is told with `X-Forwarded-*` and `Forwarded` where a request comes from.
    pub forwarded: bool,
    /// Cookies that the back end neither sees nor sets: those of the server in front of it.
    pub hide_cookies: Vec<String>,
    /// Request headers that the back end does not see.
    pub hide_headers: Vec<HeaderName>,
    /// Request headers that the back end sees in place of the client's.
    pub set_headers: Vec<(HeaderName, HeaderValue)>,
    /// What counts as activity.
    pub activity: ActivityRules,
}

impl Default for RouteOptions {
    fn default() -> Self {
        Self {
            prefix: Prefix::Keep,
            rewrite: false,
            host_header: HostHeader::Client,
            max_body: None,
            connect_timeout: Duration::from_secs(5),
            connect_tries: 2,
            response_timeout: None,
            upgrades: vec!["websocket".to_owned()],
            forwarded: true,
            hide_cookies: Vec::new(),
            hide_headers: Vec::new(),
            set_headers: Vec::new(),
            activity: ActivityRules::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_ignored_paths() {
        let rules = ActivityRules {
            ignore: vec!["/api/status".into(), "/metrics*".into(), "*.map".into()],
            ..Default::default()
        };
        for path in ["/api/status", "/metrics", "/metrics/x", "/static/a.js.map"] {
            assert!(!rules.counts(path), "{path}");
        }
        for path in ["/api/statuses", "/api", "/map"] {
            assert!(rules.counts(path), "{path}");
        }
    }
}
