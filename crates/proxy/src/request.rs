//! What of a client's request the back end gets to see.

use crate::cookies;
use crate::failure::Failure;
use crate::headers;
use crate::host;
use crate::options::{HostHeader, Prefix};
use crate::path;
use crate::peer::Peer;
use crate::route::Route;
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Uri, Version};

/// What is known about a request before it is changed for the back end.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// The client's word for the host it calls.
    pub(crate) host: Option<String>,
    /// Whether the request may be activity.
    pub(crate) counts: bool,
    /// Whether the page it asks for may have to be rewritten.
    pub(crate) page: bool,
    pub(crate) is_head: bool,
}

/// Refuses requests that must not be passed on, whatever their route.
pub(crate) fn check(parts: &Parts) -> Result<(), Failure> {
    let malformed = |why: &str| Failure::Malformed(why.to_owned());
    if matches!(parts.method, Method::CONNECT | Method::TRACE) {
        return Err(Failure::Method);
    }
    path::check(parts.uri.path()).map_err(|error| malformed(&error.to_string()))?;
    if parts.version == Version::HTTP_11
        || parts.headers.contains_key(header::HOST)
        || parts.uri.authority().is_some()
    {
        host::of(parts).map_err(malformed)?;
    }
    if parts.headers.get_all(header::CONTENT_LENGTH).iter().count() > 1 {
        return Err(malformed("more than one Content-Length"));
    }
    if parts.headers.contains_key(header::CONTENT_LENGTH)
        && parts.headers.contains_key(header::TRANSFER_ENCODING)
    {
        return Err(malformed("both Content-Length and Transfer-Encoding"));
    }
    Ok(())
}

/// Makes the client's request the back end's. Expects a checked request.
pub(crate) fn prepare(parts: &mut Parts, route: &Route, peer: &Peer) -> Result<Head, Failure> {
    let options = route.options();
    let host = host::of(parts).ok().map(str::to_owned);
    let below = route.below(parts.uri.path()).ok_or(Failure::NoRoute)?;
    let counts = options.activity.counts(below);
    let uri = address(&parts.uri, below, route)?;
    let page = options.rewrite
        && parts.method == Method::GET
        && parts
            .headers
            .get(header::ACCEPT)
            .is_some_and(|a| a.as_bytes().windows(9).any(|w| w == b"text/html"));
    parts.uri = uri;
    parts.version = Version::HTTP_11;
    parts.extensions.clear();

    let map = &mut parts.headers;
    headers::strip_hop_by_hop(map);
    headers::strip_lookalikes(map);
    // The client is told to go on when its body is first read.
    map.remove(header::EXPECT);
    if options.forwarded {
        headers::forwarded(map, peer, host.as_deref(), headers::port(peer, host.as_deref()));
    }
    if options.prefix == Prefix::Strip
        && let Ok(prefix) = HeaderValue::from_str(route.prefix())
    {
        map.insert(headers::FORWARDED_PREFIX, prefix);
    }
    let named = match options.host_header {
        HostHeader::Client => host.as_deref().unwrap_or(&route.target().authority),
        HostHeader::Target => &route.target().authority,
    };
    if map.get(header::HOST).is_none_or(|there| there != named) {
        let value = HeaderValue::from_str(named).map_err(|_| Failure::Malformed("the host".into()))?;
        map.insert(header::HOST, value);
    }
    if page {
        // A page that is to be read on the way must not come compressed, nor in parts.
        map.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        map.remove(header::RANGE);
    }
    cookies::hide_from_backend(map, &options.hide_cookies);
    for name in &options.hide_headers {
        map.remove(name);
    }
    for (name, value) in &options.set_headers {
        map.insert(name, value.clone());
    }
    Ok(Head { host, counts, page, is_head: parts.method == Method::HEAD })
}

/// The address that the back end sees.
fn address(uri: &Uri, below: &str, route: &Route) -> Result<Uri, Failure> {
    let base = &route.target().base;
    let strip = route.options().prefix == Prefix::Strip && route.path() != "/";
    let known = uri.path_and_query();
    if base.is_empty() && !strip {
        return match (uri.authority(), known) {
            (Some(_), Some(known)) => Ok(Uri::from(known.clone())),
            _ => Ok(uri.clone()),
        };
    }
    // What follows the prefix begins with one slash: `//host` would be an address of its own.
    let path = if strip { below.trim_start_matches('/') } else { uri.path().trim_start_matches('/') };
    let mut text = format!("{base}/{path}");
    if let Some(query) = uri.query() {
        text.push('?');
        text.push_str(query);
    }
    let whole = PathAndQuery::from_maybe_shared(bytes::Bytes::from(text));
    whole.map(Uri::from).map_err(|_| Failure::Malformed("the address".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::RouteOptions;
    use crate::target::Target;
    use castalia_base::{Clock, Timestamp};
    use std::sync::Arc;

    fn seen(prefix: &str, target: &str, strip: Prefix, path: &str) -> String {
        let options = RouteOptions { prefix: strip, ..RouteOptions::default() };
        let target = Target::parse(target).expect("a target");
        let route =
            Route::new(prefix, target, Arc::new(options), &Clock::fixed(Timestamp(0))).expect("a route");
        let uri: Uri = path.parse().expect("an address");
        let below = route.below(uri.path()).expect("below");
        address(&uri, below, &route).expect("an address").to_string()
    }

    #[test]
    fn addresses_that_the_back_end_sees() {
        for (prefix, target, strip, path, expected) in [
            ("/", "http://h", Prefix::Keep, "/a?b=c", "/a?b=c"),
            ("/p", "http://h", Prefix::Keep, "/p/a%2Fb", "/p/a%2Fb"),
            ("/p", "http://h", Prefix::Strip, "/p/a%2Fb?x", "/a%2Fb?x"),
            ("/p", "http://h", Prefix::Strip, "/p", "/"),
            ("/p", "http://h", Prefix::Strip, "/p?x", "/?x"),
            ("/p", "http://h", Prefix::Strip, "/p//evil.example/", "/evil.example/"),
            ("/%70", "http://h", Prefix::Strip, "/p/a", "/a"),
            ("/p", "http://h/base/", Prefix::Keep, "/p/a", "/base/p/a"),
            ("/p", "http://h/base", Prefix::Strip, "/p/a", "/base/a"),
            ("/p", "http://h", Prefix::Keep, "http://public/p/a", "/p/a"),
        ] {
            assert_eq!(seen(prefix, target, strip, path), expected, "{prefix} {target} {path}");
        }
    }
}
