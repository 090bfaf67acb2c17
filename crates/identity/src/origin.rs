//! Requests that another site's page sent with our cookie, and where a request comes from.
//!
//! `SameSite=Lax` already keeps the cookie off most of them. On top, what changes something by cookie must
//! say in `Sec-Fetch-Site` or `Origin` that it comes from our own page, and so must a WebSocket, which
//! browsers open across sites with cookies.

use crate::{Client, Config, Via};
use axum::http::{HeaderMap, Method, Uri, header};
use castalia_base::{Error, Kind};
use std::net::{IpAddr, SocketAddr};

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether the request may change something.
pub(crate) fn is_unsafe(method: &Method, headers: &HeaderMap) -> bool {
    let socket = text(headers, "upgrade").is_some_and(|u| u.eq_ignore_ascii_case("websocket"));
    socket || !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// What the browser says about the page: ours, another's, or nothing.
#[derive(Debug, PartialEq, Eq)]
enum Site {
    Ours,
    Other,
    Unsaid,
}

fn site(headers: &HeaderMap, config: &Config) -> Site {
    let allowed = |origin: &str| config.allowed_origins.iter().any(|o| o.eq_ignore_ascii_case(origin));
    if let Some(origin) = text(headers, "origin").filter(|o| allowed(o)) {
        tracing::trace!(origin, "an allowed origin");
        return Site::Ours;
    }
    match text(headers, "sec-fetch-site") {
        Some("same-origin" | "none") => return Site::Ours,
        Some(_) => return Site::Other,
        None => {}
    }
    let Some(origin) = text(headers, "origin") else {
        return Site::Unsaid;
    };
    let forwarded = text(headers, "x-forwarded-host").filter(|_| config.trust_proxy);
    let host = forwarded.or_else(|| text(headers, header::HOST.as_str())).unwrap_or_default();
    if same_host(origin, host) { Site::Ours } else { Site::Other }
}

/// Whether `origin` (`scheme://host[:port]`) names the `Host` that was asked. A proxy that ends TLS hides the
/// scheme, so either default port is taken for none.
fn same_host(origin: &str, host: &str) -> bool {
    let Ok(origin) = origin.parse::<Uri>() else {
        return false;
    };
    let Some(authority) = origin.authority() else {
        return false;
    };
    let plain = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.strip_suffix(":443").or_else(|| text.strip_suffix(":80")).map_or(text.clone(), str::to_owned)
    };
    !host.is_empty() && plain(authority.as_str()) == plain(host)
}

/// Refuses what another site's page sends.
pub(crate) fn check(method: &Method, headers: &HeaderMap, via: Via, config: &Config) -> Result<(), Error> {
    if !is_unsafe(method, headers) || !matches!(via, Via::Session | Via::Nothing) {
        return Ok(());
    }
    match site(headers, config) {
        Site::Ours => Ok(()),
        // Without a cookie there is nothing to misuse; programs say no origin.
        Site::Unsaid if via == Via::Nothing => Ok(()),
        Site::Unsaid => Err(cross_site("send `Origin`, or use an API token instead of the cookie")),
        Site::Other => Err(cross_site("the request comes from another site's page")),
    }
}

fn cross_site(detail: &str) -> Error {
    Error::new(Kind::Forbidden, "cross_site", detail)
}

/// Whether the browser reached us by https.
pub(crate) fn is_https(headers: &HeaderMap) -> bool {
    text(headers, "x-forwarded-proto").is_some_and(|p| p.trim().eq_ignore_ascii_case("https"))
}

/// The caller's address: the last that our own proxy added, else the connection's.
pub(crate) fn address(headers: &HeaderMap, peer: Option<SocketAddr>, config: &Config) -> Option<IpAddr> {
    let forwarded = text(headers, "x-forwarded-for").filter(|_| config.trust_proxy);
    let last = forwarded.and_then(|list| list.rsplit(',').next()).and_then(|a| a.trim().parse().ok());
    last.or_else(|| peer.map(|p| p.ip().to_canonical()))
}

/// Where a sign-in comes from.
pub(crate) fn client(headers: &HeaderMap, peer: Option<SocketAddr>, config: &Config) -> Client {
    Client { address: address(headers, peer, config), agent: text(headers, "user-agent").map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MasterKey;

    fn ask(method: Method, via: Via, pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().expect("a value"));
        }
        let config = Config {
            allowed_origins: vec!["https://app.example".into()],
            ..Config::new(MasterKey::new([0; 32]))
        };
        check(&method, &headers, via, &config).is_ok()
    }

    #[test]
    fn a_cookie_changes_things_only_from_our_own_page() {
        let post = |pairs: &[(&'static str, &str)]| ask(Method::POST, Via::Session, pairs);
        assert!(post(&[("sec-fetch-site", "same-origin")]) && post(&[("sec-fetch-site", "none")]));
        assert!(post(&[("origin", "http://localhost:8000"), ("host", "localhost:8000")]));
        assert!(post(&[("origin", "https://cas.example"), ("host", "cas.example:443")]));
        assert!(post(&[
            ("origin", "https://app.example"),
            ("host", "cas.example"),
            ("sec-fetch-site", "cross-site")
        ]));
        assert!(!post(&[]) && !post(&[("sec-fetch-site", "same-site")]) && !post(&[("origin", "null")]));
        assert!(!post(&[("origin", "http://localhost:3000"), ("host", "localhost:8000")]));
        assert!(!post(&[
            ("origin", "https://evil.example"),
            ("host", "cas.example"),
            ("x-forwarded-host", "evil.example")
        ]));
    }

    #[test]
    fn reading_is_free_but_sockets_are_not() {
        assert!(ask(Method::GET, Via::Session, &[]));
        assert!(!ask(
            Method::GET,
            Via::Session,
            &[("upgrade", "websocket"), ("origin", "https://evil.example"), ("host", "a")]
        ));
        assert!(ask(Method::POST, Via::Token, &[("origin", "https://evil.example")]));
        assert!(
            ask(Method::POST, Via::Nothing, &[])
                && !ask(Method::POST, Via::Nothing, &[("sec-fetch-site", "cross-site")])
        );
    }
}
