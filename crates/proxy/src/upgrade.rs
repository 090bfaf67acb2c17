//! Upgrades: the back end is asked first, and the client is answered with what the back end said.

use crate::failure::Failure;
use crate::headers;
use crate::options::RouteOptions;
use hyper::HeaderMap;
use hyper::body::Body as HttpBody;
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Version};

/// The protocol that a request asks to be upgraded to, if the route lets it pass. Others (`h2c` above all) are not
/// passed on, and the request goes its ordinary way.
pub(crate) fn wanted(parts: &Parts, options: &RouteOptions) -> Option<String> {
    if parts.version != Version::HTTP_11 || !parts.headers.contains_key(header::UPGRADE) {
        return None;
    }
    if !headers::tokens(&parts.headers, &header::CONNECTION)
        .any(|token| token.eq_ignore_ascii_case("upgrade"))
    {
        return None;
    }
    let mut named = headers::tokens(&parts.headers, &header::UPGRADE);
    let (Some(protocol), None) = (named.next(), named.next()) else { return None };
    let protocol = protocol.to_ascii_lowercase();
    options.upgrades.contains(&protocol).then_some(protocol)
}

/// Refuses upgrades that no honest client sends: their purpose is that two servers disagree about what follows.
pub(crate) fn check<B: HttpBody>(parts: &Parts, body: &B, protocol: &str) -> Result<(), Failure> {
    if !body.is_end_stream() {
        return Err(Failure::Malformed("an upgrade with a body".into()));
    }
    if protocol == "websocket" && parts.method != Method::GET {
        return Err(Failure::Malformed("a WebSocket is asked for with GET".into()));
    }
    Ok(())
}

/// Puts the upgrade back into headers from which everything of the connection was taken.
pub(crate) fn mark(headers: &mut HeaderMap, protocol: &str) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    if let Ok(value) = HeaderValue::from_str(protocol) {
        headers.insert(header::UPGRADE, value);
    }
}

/// Whether an answer with status 101 really is about this protocol.
pub(crate) fn agreed(headers: &HeaderMap, protocol: &str) -> bool {
    headers::tokens(headers, &header::UPGRADE).any(|token| token.eq_ignore_ascii_case(protocol))
}
