//! Where a route leads.

use percent_encoding::percent_decode_str;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use url::Url;

/// The address of a back end: `http://HOST:PORT/BASE`, or `http+unix://%2Fpath%2Fto%2Fsocket/BASE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub(crate) place: Place,
    /// Put before every path; no slash at its end.
    pub(crate) base: String,
    /// What a `Host` header for the back end itself says.
    pub(crate) authority: String,
    text: String,
}

/// How a back end is dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Address(SocketAddr),
    Name(String, u16),
    Socket(PathBuf),
}

/// Why a text is no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no back end: {reason}")]
pub struct BadTarget {
    text: String,
    reason: String,
}

impl Target {
    /// Reads an address. The text is kept as it was given.
    pub fn parse(text: &str) -> Result<Self, BadTarget> {
        let bad = |reason: &str| BadTarget { text: text.to_owned(), reason: reason.to_owned() };
        let url = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(bad("it must not hold a query, a fragment or a user"));
        }
        let base = url.path().trim_end_matches('/').to_owned();
        let (place, authority) = match url.scheme() {
            "http" => {
                let port = url.port().unwrap_or(80);
                let place = match url.host() {
                    Some(url::Host::Ipv4(ip)) => Place::Address((IpAddr::V4(ip), port).into()),
                    Some(url::Host::Ipv6(ip)) => Place::Address((IpAddr::V6(ip), port).into()),
                    Some(url::Host::Domain(name)) => Place::Name(name.to_owned(), port),
                    None => return Err(bad("it names no host")),
                };
                let host = url.host_str().unwrap_or_default();
                (place, url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
            }
            "http+unix" | "unix+http" => {
                let raw = url.host_str().ok_or_else(|| bad("it names no socket"))?;
                let path =
                    percent_decode_str(raw).decode_utf8().map_err(|_| bad("the socket is not UTF-8"))?;
                (Place::Socket(PathBuf::from(path.as_ref())), "localhost".to_owned())
            }
            other => return Err(bad(&format!("`{other}` is not spoken here, only http and http+unix"))),
        };
        Ok(Self { place, base, authority, text: text.to_owned() })
    }

    /// The target without the path that is put before every request's.
    #[must_use]
    pub fn without_base(mut self) -> Self {
        self.base.clear();
        self
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for Target {
    type Err = BadTarget;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_names_and_sockets() {
        let t = Target::parse("http://127.0.0.1:8888/base/").expect("parses");
        assert_eq!((t.base.as_str(), t.authority.as_str()), ("/base", "127.0.0.1:8888"));
        assert_eq!(t.place, Place::Address(([127, 0, 0, 1], 8888).into()));
        assert_eq!(t.to_string(), "http://127.0.0.1:8888/base/");
        let t = Target::parse("http://lab").expect("parses");
        assert_eq!(t.place, Place::Name("lab".into(), 80));
        let t = Target::parse("http://[::1]:9").expect("parses");
        assert_eq!(
            (t.place, t.authority.as_str()),
            (Place::Address((IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]), 9).into()), "[::1]:9")
        );
        let t = Target::parse("http+unix://%2Ftmp%2Fa.sock/x").expect("parses");
        assert_eq!((t.place, t.base.as_str()), (Place::Socket("/tmp/a.sock".into()), "/x"));
    }

    #[test]
    fn what_is_no_target_says_why() {
        for text in ["https://a", "ftp://a", "a:1", "http://", "http://u@h", "http://h/?q"] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
        assert!(Target::parse("https://a").is_err_and(|e| e.to_string().contains("https")));
    }
}
