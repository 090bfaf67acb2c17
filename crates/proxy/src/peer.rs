//! Who is at the other end, and whom of them to believe about where a request came from.

use hyper::header::HeaderValue;
use std::net::{IpAddr, SocketAddr};

/// Which peers may say with `X-Forwarded-*` and `Forwarded` where a request came from. What others say is replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// None: this proxy stands at the edge.
    #[default]
    Nobody,
    /// Peers on loopback and in private networks, where another proxy of the same house may stand.
    Private,
    /// Every peer.
    Everybody,
}

impl Trust {
    fn covers(self, ip: IpAddr) -> bool {
        match (self, ip.to_canonical()) {
            (Self::Nobody, _) => false,
            (Self::Everybody, _) => true,
            (Self::Private, IpAddr::V4(ip)) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
            (Self::Private, IpAddr::V6(ip)) => {
                ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()
            }
        }
    }
}

/// The other end of a client's connection. Made once for each connection.
#[derive(Clone, Debug)]
pub struct Peer {
    pub(crate) trusted: bool,
    pub(crate) tls: bool,
    pub(crate) address: HeaderValue,
    /// `for=…;proto=…` of the header `Forwarded`.
    pub(crate) element: String,
    pub(crate) port: HeaderValue,
}

impl Peer {
    /// `remote` is the client's address, `None` on a Unix socket; `port` the one of ours that it called.
    pub fn new(remote: Option<SocketAddr>, port: u16, tls: bool, trust: Trust) -> Self {
        let ip = remote.map(|r| r.ip().to_canonical());
        let text = ip.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string());
        let quoted = match ip {
            Some(IpAddr::V6(ip)) => format!("\"[{ip}]\""),
            _ => text.clone(),
        };
        let proto = if tls { "https" } else { "http" };
        Self {
            trusted: ip.map_or(trust != Trust::Nobody, |ip| trust.covers(ip)),
            tls,
            address: HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("unknown")),
            element: format!("for={quoted};proto={proto}"),
            port: HeaderValue::from(port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_believed() {
        let covers = |trust: Trust, ip: &str| trust.covers(ip.parse().expect("an address"));
        for ip in ["127.0.0.1", "10.1.2.3", "192.168.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"] {
            assert!(covers(Trust::Private, ip) && !covers(Trust::Nobody, ip), "{ip}");
        }
        for ip in ["8.8.8.8", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert!(!covers(Trust::Private, ip) && covers(Trust::Everybody, ip), "{ip}");
        }
    }
}
