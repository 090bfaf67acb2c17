//! What of a message's headers belongs to one connection only, and what the back end is told about the client.

use crate::host;
use crate::peer::Peer;
use hyper::HeaderMap;
use hyper::header::{self, HeaderName, HeaderValue};

macro_rules! names {
    ($($constant:ident = $text:literal),* $(,)?) => {
        $(pub(crate) const $constant: HeaderName = HeaderName::from_static($text);)*
    };
}
names! {
    FORWARDED_FOR = "x-forwarded-for",
    FORWARDED_HOST = "x-forwarded-host",
    FORWARDED_PORT = "x-forwarded-port",
    FORWARDED_PROTO = "x-forwarded-proto",
    FORWARDED_PREFIX = "x-forwarded-prefix",
    REAL_IP = "x-real-ip",
}
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");

/// Headers that a message may not take away by naming them in `Connection`: framing, and who asks for what.
fn protected(name: &str) -> bool {
    matches!(
        name,
        "host" | "content-length" | "authorization" | "cookie" | "set-cookie" | "origin" | "forwarded"
    ) || name.starts_with("x-forwarded-")
        || name.starts_with("x-real-")
        || name.starts_with("sec-")
}

/// Whether a header belongs to a connection and not to the message (RFC 9110, section 7.6.1).
fn is_hop(name: &HeaderName) -> bool {
    // The first five are told apart by number, the others by a comparison of their texts.
    *name == header::CONNECTION
        || *name == header::TRANSFER_ENCODING
        || *name == header::UPGRADE
        || *name == header::TE
        || *name == header::PROXY_AUTHORIZATION
        || *name == KEEP_ALIVE
        || *name == PROXY_CONNECTION
        || *name == HTTP2_SETTINGS
}

/// Takes away what belongs to the connection. Keeps `TE: trailers`, the only value that may pass.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    // Most messages hold none of them; looking is cheaper than taking each away.
    if !headers.keys().any(is_hop) {
        return;
    }
    let mut gone: Vec<HeaderName> = headers.keys().filter(|name| is_hop(name)).cloned().collect();
    let listed = tokens(headers, &header::CONNECTION).map(str::to_ascii_lowercase);
    gone.extend(listed.filter(|name| !protected(name)).filter_map(|name| HeaderName::try_from(name).ok()));
    let trailers = tokens(headers, &header::TE).any(|token| token.eq_ignore_ascii_case("trailers"));
    for name in &gone {
        headers.remove(name);
    }
    if trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
    }
}

/// The comma-separated words of a header.
pub(crate) fn tokens<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|token| !token.is_empty())
}

/// Takes away headers that some servers read as others: CGI and WSGI see `_` and `-` as the same.
pub(crate) fn strip_lookalikes(headers: &mut HeaderMap) {
    let lookalike = |name: &HeaderName| {
        let text = name.as_str();
        text.contains('_') && {
            let dashed = text.replace('_', "-");
            protected(&dashed) || matches!(dashed.as_str(), "transfer-encoding" | "remote-user" | "proxy")
        }
    };
    // CGI programs would read `Proxy` as the variable HTTP_PROXY.
    let wrong = |name: &HeaderName| lookalike(name) || name.as_str() == "proxy";
    if headers.keys().any(wrong) {
        let found: Vec<HeaderName> = headers.keys().filter(|name| wrong(name)).cloned().collect();
        found.iter().for_each(|name| drop(headers.remove(name)));
    }
}

/// Tells the back end where the request came from.
///
/// A trusted peer's own words about scheme, host and port stay; its address is added to the list. Everybody else's are
/// replaced. Back ends that read `Forwarded` before `X-Forwarded-*` must not be misled when a trusted peer sent only
/// the latter, so the former is made from them. It tells no host: one with a port must stand in quotes there (RFC 7239),
/// and back ends that compare it with `Origin` (code-server) keep the quotes.
pub(crate) fn forwarded(headers: &mut HeaderMap, peer: &Peer, host: Option<&str>, port: &str) {
    // Room for what comes, so that the map grows once.
    headers.reserve(7);
    let theirs = if peer.trusted { believed(headers) } else { None };
    if !peer.trusted {
        for name in [&FORWARDED_HOST, &FORWARDED_PORT, &FORWARDED_PROTO, &FORWARDED_PREFIX, &REAL_IP] {
            headers.remove(name);
        }
    }
    let list = match (peer.trusted, joined(headers, &FORWARDED_FOR)) {
        (true, Some(list)) => appended(&list, &peer.address),
        _ => peer.address.clone(),
    };
    headers.insert(FORWARDED_FOR, list);
    let proto = if peer.tls { "https" } else { "http" };
    headers.entry(FORWARDED_PROTO).or_insert(HeaderValue::from_static(proto));
    let port = HeaderValue::from_str(port).unwrap_or_else(|_| peer.port.clone());
    headers.entry(FORWARDED_PORT).or_insert(port);
    let mut element = String::with_capacity(96);
    if let Some(theirs) = theirs {
        element.push_str(&theirs);
        element.push_str(", ");
    }
    element.push_str(&peer.element);
    if let Some(value) = host.and_then(|host| HeaderValue::from_str(host).ok()) {
        headers.entry(FORWARDED_HOST).or_insert(value);
    }
    if let Ok(value) = HeaderValue::from_maybe_shared(bytes::Bytes::from(element)) {
        headers.insert(header::FORWARDED, value);
    }
}

/// The port that the client called, as far as its words or ours tell.
pub(crate) fn port<'a>(peer: &'a Peer, host: Option<&'a str>) -> &'a str {
    let ours = || peer.port.to_str().unwrap_or(if peer.tls { "443" } else { "80" });
    host.and_then(host::port_of).unwrap_or_else(ours)
}

/// What a trusted peer says in `Forwarded`, or would have said in it.
fn believed(headers: &HeaderMap) -> Option<String> {
    if let Some(said) = joined(headers, &header::FORWARDED) {
        return Some(said);
    }
    let first = |name: &HeaderName| {
        let text = tokens(headers, name).next()?.to_owned();
        text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b';' && b != b'\\').then_some(text)
    };
    let client = first(&FORWARDED_FOR);
    let proto = first(&FORWARDED_PROTO);
    let mut parts = Vec::new();
    if let Some(client) = client {
        let bare = client.contains(':') && !client.starts_with('[');
        parts.push(if bare { format!("for=\"[{client}]\"") } else { format!("for=\"{client}\"") });
    }
    parts.extend(proto.map(|proto| format!("proto={proto}")));
    (!parts.is_empty()).then(|| parts.join(";"))
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let all: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn appended(list: &str, last: &HeaderValue) -> HeaderValue {
    let text = format!("{list}, {}", last.to_str().unwrap_or("unknown"));
    HeaderValue::from_maybe_shared(bytes::Bytes::from(text)).unwrap_or_else(|_| last.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::Trust;

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(HeaderName::try_from(*name).expect("a name"), value.parse().expect("a value"));
        }
        map
    }

    fn peer(trust: Trust) -> Peer {
        Peer::new("10.0.0.9:4000".parse().ok(), 8000, false, trust)
    }

    fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
        headers.get(name).map_or("", |v| v.to_str().expect("ASCII"))
    }

    #[test]
    fn what_belongs_to_the_connection_goes() {
        let mut h = map(&[
            ("connection", "keep-alive, X-Gone, Cookie, x-forwarded-for, te"),
            ("keep-alive", "5"),
            ("x-gone", "1"),
            ("x-stays", "1"),
            ("cookie", "a=b"),
            ("x-forwarded-for", "1.1.1.1"),
            ("te", "gzip, trailers"),
            ("upgrade", "h2c"),
            ("http2-settings", "x"),
            ("proxy-authorization", "x"),
            ("transfer-encoding", "chunked"),
        ]);
        strip_hop_by_hop(&mut h);
        let mut left: Vec<&str> = h.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["cookie", "te", "x-forwarded-for", "x-stays"]);
        assert_eq!(text(&h, "te"), "trailers");
    }

    #[test]
    fn lookalikes_go_and_others_stay() {
        let mut h = map(&[
            ("x_forwarded_for", "9.9.9.9"),
            ("content_length", "3"),
            ("my_header", "1"),
            ("proxy", "evil"),
        ]);
        strip_lookalikes(&mut h);
        assert_eq!(h.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["my_header"]);
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let mut h = map(&[
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "for=1.1.1.1"),
            ("x-real-ip", "1.1.1.1"),
        ]);
        forwarded(&mut h, &peer(Trust::Nobody), Some("h:8000"), "8000");
        assert_eq!(text(&h, "x-forwarded-for"), "10.0.0.9");
        assert_eq!(text(&h, "x-forwarded-proto"), "http");
        assert_eq!(text(&h, "x-forwarded-host"), "h:8000");
        assert_eq!(text(&h, "x-forwarded-port"), "8000");
        assert_eq!(text(&h, "forwarded"), "for=10.0.0.9;proto=http");
        assert_eq!(text(&h, "x-real-ip"), "");
    }

    #[test]
    fn a_proxy_of_the_house_is_believed() {
        let mut h = map(&[
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "hub.example"),
        ]);
        forwarded(&mut h, &peer(Trust::Private), Some("h"), "8000");
        assert_eq!(text(&h, "x-forwarded-for"), "1.1.1.1, 10.0.0.9");
        assert_eq!(text(&h, "x-forwarded-proto"), "https");
        assert_eq!(text(&h, "x-forwarded-host"), "hub.example");
        assert_eq!(text(&h, "forwarded"), "for=\"1.1.1.1\";proto=https, for=10.0.0.9;proto=http");
    }
}
