//! Which page a path means. What is served to nobody in particular is named here and nowhere else.

use percent_encoding::percent_decode_str;

/// A place of this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place<'p> {
    /// Not below the workspace's path.
    Outside,
    /// The workspace's path without its slash.
    Bare,
    /// `/health`, also at the root of the port, where container engines ask.
    Health,
    /// `/api`: that something is here.
    Api,
    /// Where OAuth comes back.
    Callback,
    /// The page to sign in.
    Login,
    /// Signing out.
    Logout,
    /// `/api/status`.
    Status,
    /// `/api/services` and what is below: names and orders, not yet understood.
    Services(&'p str),
    /// `/metrics`.
    Metrics,
    /// The list for people.
    List,
    /// `/port/{n}`, with what follows.
    Port(u16),
    /// Everything else belongs to services.
    Service,
}

impl Place<'_> {
    /// Whether nobody is asked who they are.
    pub(super) fn is_public(&self) -> bool {
        matches!(
            self,
            Self::Outside
                | Self::Bare
                | Self::Health
                | Self::Api
                | Self::Callback
                | Self::Login
                | Self::Logout
        )
    }
}

/// The part of a raw path below a prefix (with slashes at both ends), with its slash; none when it is not below.
/// Segments are compared decoded, since clients and proxies encode names as they like.
pub(super) fn below<'p>(prefix: &str, path: &'p str) -> Option<&'p str> {
    let mut rest = path;
    for segment in prefix.split('/').filter(|s| !s.is_empty()) {
        let tail = rest.strip_prefix('/')?;
        let end = tail.find('/').unwrap_or(tail.len());
        let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
        if decoded(&tail[..end]) != decoded(segment) {
            return None;
        }
        rest = &tail[end..];
    }
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// What a path means.
pub(super) fn place<'p>(prefix: &str, path: &'p str) -> Place<'p> {
    if path == "/health" {
        return Place::Health;
    }
    let Some(rest) = below(prefix, path) else { return Place::Outside };
    match rest {
        "" => Place::Bare,
        "/health" => Place::Health,
        "/api" | "/api/" => Place::Api,
        "/oauth_callback" => Place::Callback,
        "/login" => Place::Login,
        "/logout" => Place::Logout,
        "/api/status" => Place::Status,
        "/metrics" => Place::Metrics,
        "/services" | "/services/" => Place::List,
        _ => {
            if let Some(below) = rest.strip_prefix("/api/services")
                && (below.is_empty() || below.starts_with('/'))
            {
                return Place::Services(below.trim_matches('/'));
            }
            let number = rest.strip_prefix("/port/").map(|tail| tail.split('/').next().unwrap_or_default());
            match number.and_then(|n| n.parse().ok()) {
                Some(port @ 1..) => Place::Port(port),
                _ => Place::Service,
            }
        }
    }
}

/// A path to come back to after signing in: one of ours, so that nobody is sent elsewhere by a link.
pub(super) fn safe_next(prefix: &str, next: &str) -> Option<String> {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let plain = !next.starts_with("//") && next.bytes().all(|b| b > 0x20 && b != 0x7f && b != b'\\');
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let stays = !decoded.split('/').any(|s| s == "..") && !path.contains("//");
    (plain && stays && next.starts_with(prefix)).then(|| next.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_exact() {
        for (path, expected) in [
            ("/health", Place::Health),
            ("/u/a%40b", Place::Bare),
            ("/u/a@b/api", Place::Api),
            ("/u/%61@b/api/status", Place::Status),
            ("/u/a@b/api/services/x/log", Place::Services("x/log")),
            ("/u/a@b/api/servicesx", Place::Service),
            ("/u/a@b/port/80/x", Place::Port(80)),
            ("/u/a@b/port/0", Place::Service),
            ("/u/a@b/port/99999", Place::Service),
            ("/u/a@b/", Place::Service),
            ("/u/a@b/api%2Fstatus", Place::Service),
            ("/u/a@b/%61pi", Place::Service),
            ("/u/a@b//api", Place::Service),
            ("/u/a@bc/api", Place::Outside),
            ("/u%2Fa@b/api", Place::Outside),
            ("/", Place::Outside),
            ("/api", Place::Outside),
        ] {
            assert_eq!(place("/u/a%40b/", path), expected, "{path}");
        }
        assert_eq!(place("/", "/"), Place::Service);
        assert_eq!(place("/", "/api"), Place::Api);
    }

    #[test]
    fn only_places_of_ours_are_come_back_to() {
        for next in ["/u/a/", "/u/a/x?y=//z#f"] {
            assert!(safe_next("/u/a/", next).is_some(), "{next}");
        }
        for next in [
            "//evil.example/u/a/",
            "/u/b/",
            "http://evil.example/",
            "/u/a/../b",
            "/u/a/%2e%2e/b",
            "/u/a/\\x",
            "/u/a/ x",
            "",
        ] {
            assert!(safe_next("/u/a/", next).is_none(), "{next}");
        }
        assert!(safe_next("/", "//evil.example").is_none());
    }
}
