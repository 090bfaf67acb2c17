//! Which port a workspace is given, so that nobody else takes it before its program does.

use castalia_base::Error;
use std::collections::HashMap;
use std::ops::Range;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::sync::{Mutex, PoisonError};

/// Below it are the ports that people give to servers by hand.
const LOWEST: u16 = 20_000;
/// How many are tried before it is said that none is free.
const MOST_TRIES: usize = 10_000;

/// The ports that this server has promised to its workspaces. Between the promise and the moment when the program binds
/// the port, an abstract socket keeps every other Castalia server of this machine from promising it too: the program of
/// another hub would answer at it, and be taken for ours. Such a socket has no file and ends with its server.
#[derive(Default)]
pub(crate) struct Ports(Mutex<HashMap<u16, UnixListener>>);

impl Ports {
    /// A free port that is none of `given`, promised to nobody else until it has been among `given` and is not any more.
    /// Another program may take it all the same; then the start is tried with another (see [`taken_by_another`]).
    pub(crate) fn take(&self, given: &[u16]) -> Result<u16, Error> {
        let mut promised = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        promised.retain(|port, _| given.contains(port));
        for _ in 0..MOST_TRIES {
            let port = rand::random_range(range());
            if given.contains(&port) || !is_free(port) {
                continue;
            }
            let Ok(name) = SocketAddr::from_abstract_name(format!("castalia-port-{port}")) else { continue };
            if let Ok(promise) = UnixListener::bind_addr(&name) {
                promised.insert(port, promise);
                return Ok(port);
            }
        }
        Err(Error::unavailable(format!("no port is free from {LOWEST} to {}", range().end)))
    }
}

/// Whether somebody listens at a port, when ours, to whom it was given, has ended.
pub(crate) fn taken_by_another(port: u16) -> bool {
    let bound = std::net::TcpListener::bind(("127.0.0.1", port));
    bound.is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse)
}

fn is_free(port: u16) -> bool {
    std::net::TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// Below the ports that the system gives to outgoing connections, which come and go at any moment (ip(7),
/// `ip_local_port_range`).
fn range() -> Range<u16> {
    let text = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let outgoing = text.split_whitespace().next().and_then(|low| low.parse().ok()).unwrap_or(32_768);
    if outgoing >= LOWEST + 1_000 { LOWEST..outgoing } else { LOWEST..u16::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_servers_are_never_promised_the_same_port() {
        let (one, other) = (Ports::default(), Ports::default());
        let mut given = Vec::new();
        for n in 0..200 {
            let port = if n % 2 == 0 { one.take(&given) } else { other.take(&given) }.unwrap();
            assert!(range().contains(&port) && !given.contains(&port), "{port}");
            given.push(port);
        }
        let promised = one.0.lock().unwrap().keys().copied().collect::<Vec<_>>();
        let name = |port| SocketAddr::from_abstract_name(format!("castalia-port-{port}")).unwrap();
        assert!(promised.iter().all(|port| UnixListener::bind_addr(&name(*port)).is_err()));
        // What is over is anybody's.
        one.take(&[]).unwrap();
        assert!(promised.iter().any(|port| UnixListener::bind_addr(&name(*port)).is_ok()));
    }
}
