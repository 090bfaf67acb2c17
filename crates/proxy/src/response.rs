//! What of a back end's answer the client gets to see.

use crate::cookies;
use crate::headers;
use crate::host;
use crate::html::BaseRewriter;
use crate::options::Prefix;
use crate::request::Head;
use crate::route::Route;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::response::Parts;
use hyper::{StatusCode, Version};

/// Makes the back end's answer ours; the rewriter is for its body, if that must be read on the way.
pub(crate) fn prepare(parts: &mut Parts, route: &Route, head: &Head) -> Option<BaseRewriter> {
    parts.version = Version::HTTP_11;
    headers::strip_hop_by_hop(&mut parts.headers);
    // What a back end says about HTTP/3 and the like is about its own address.
    parts.headers.remove(header::ALT_SVC);
    let options = route.options();
    let prefix = (options.rewrite && !route.prefix().is_empty()).then(|| route.prefix());
    cookies::set_by_backend(&mut parts.headers, &options.hide_cookies, prefix);
    let prefix = prefix?;
    for name in [header::LOCATION, header::CONTENT_LOCATION] {
        relocate(parts, &name, route, head, prefix);
    }
    let html =
        parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let plain = parts.headers.get(header::CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity");
    let whole = !head.is_head
        && parts.status != StatusCode::PARTIAL_CONTENT
        && parts.status != StatusCode::NOT_MODIFIED;
    if !(head.page && html && plain && whole) {
        return None;
    }
    // Its length will be another.
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::ACCEPT_RANGES);
    Some(BaseRewriter::new(prefix))
}

fn relocate(parts: &mut Parts, name: &HeaderName, route: &Route, head: &Head, prefix: &str) {
    let Some(text) = parts.headers.get(name).and_then(|value| value.to_str().ok()) else { return };
    let Some(moved) = moved(text, route, head.host.as_deref(), prefix) else { return };
    if let Ok(value) = HeaderValue::from_str(&moved) {
        parts.headers.insert(name, value);
    }
}

/// Where an address of the back end lies for the client; `None` when it stays as it is.
fn moved(location: &str, route: &Route, host: Option<&str>, prefix: &str) -> Option<String> {
    let target = route.target();
    let rooted = if location.starts_with('/') && !location.starts_with("//") {
        location
    } else {
        // The back end may name itself, or the host that the client called.
        let rest = location.strip_prefix("http://").or_else(|| location.strip_prefix("https://"))?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let same = |other: &str| authority.eq_ignore_ascii_case(other);
        if !same(&target.authority) && !host.is_some_and(|h| same(h) || same(host::name_of(h))) {
            return None;
        }
        if path.is_empty() { "/" } else { path }
    };
    // Its own base comes off, where requests had it put on.
    let based = !target.base.is_empty() && below(rooted, &target.base);
    let rooted = if based { &rooted[target.base.len()..] } else { rooted };
    let kept = route.options().prefix == Prefix::Keep && based;
    Some(if kept {
        rooted.to_owned()
    } else {
        put_below(if rooted.is_empty() { "/" } else { rooted }, prefix)
    })
}

/// Whether a path is a prefix or lies below it.
fn below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// A path with the prefix before it, unless it stands there already.
pub(crate) fn put_below(path: &str, prefix: &str) -> String {
    if !path.starts_with('/') || below(path, prefix) { path.to_owned() } else { format!("{prefix}{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::RouteOptions;
    use crate::target::Target;
    use castalia_base::{Clock, Timestamp};
    use std::sync::Arc;

    #[test]
    fn addresses_of_answers() {
        let location = |target: &str, text: &str| {
            let options = RouteOptions { prefix: Prefix::Strip, rewrite: true, ..RouteOptions::default() };
            let target = Target::parse(target).expect("a target");
            let route =
                Route::new("/p", target, Arc::new(options), &Clock::fixed(Timestamp(0))).expect("a route");
            moved(text, &route, Some("public:8000"), "/p")
        };
        for (text, expected) in [
            ("/", Some("/p/")),
            ("/x?y=/z#f", Some("/p/x?y=/z#f")),
            ("/p/x", Some("/p/x")),
            ("/px", Some("/p/px")),
            ("http://h:9/x", Some("/p/x")),
            ("http://h:9", Some("/p/")),
            ("https://public:8000/x", Some("/p/x")),
            ("http://elsewhere/x", None),
            ("//elsewhere/x", None),
            ("x", None),
            ("../x", None),
        ] {
            assert_eq!(location("http://h:9", text).as_deref(), expected, "{text}");
        }
        assert_eq!(location("http://h/base", "/base/x").as_deref(), Some("/p/x"));
        assert_eq!(location("http://h/base", "/base").as_deref(), Some("/p/"));
    }
}
