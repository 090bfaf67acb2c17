//! Prefixes as configurable-http-proxy's API writes them: decoded in listings, the host as first segment.

use crate::route::Route;
use percent_encoding::percent_decode_str;

/// Host and prefix of what stands behind `/api/routes`, percent-encoded.
pub(super) fn split(rest: &str, by_host: bool) -> (Option<String>, String) {
    let path = format!("/{}", rest.trim_matches('/'));
    if !by_host || path == "/" {
        return (None, path);
    }
    let (host, below) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
    (Some(host.to_ascii_lowercase()), format!("/{below}"))
}

/// The name of a route in listings.
pub(super) fn name(route: &Route) -> String {
    let path = percent_decode_str(route.path()).decode_utf8_lossy();
    match route.host() {
        Some(host) if path == "/" => format!("/{host}"),
        Some(host) => format!("/{host}{path}"),
        None => path.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_first_segments() {
        let split = |rest, by_host| split(rest, by_host);
        assert_eq!(split("/user/a/", false), (None, "/user/a".into()));
        assert_eq!(split("", true), (None, "/".into()));
        assert_eq!(split("/A.example/user/b", true), (Some("a.example".into()), "/user/b".into()));
        assert_eq!(split("/a.example", true), (Some("a.example".into()), "/".into()));
    }
}
