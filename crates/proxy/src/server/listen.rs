//! Sockets that are bound first and served by several threads afterwards.

use crate::stream::Stream;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use tokio::net::{TcpListener, UnixListener};

/// A bound socket.
#[derive(Debug)]
pub enum Bound {
    /// TCP.
    Tcp(std::net::TcpListener),
    /// A Unix socket.
    Unix(std::os::unix::net::UnixListener),
}

/// Binds TCP addresses: the first that can be had.
pub fn bind(addresses: &[SocketAddr]) -> io::Result<Bound> {
    use socket2::{Domain, Protocol, Socket, Type};
    let mut last = io::Error::new(io::ErrorKind::InvalidInput, "no address to listen on");
    for address in addresses {
        let tried = (|| {
            let socket = Socket::new(Domain::for_address(*address), Type::STREAM, Some(Protocol::TCP))?;
            socket.set_reuse_address(true)?;
            socket.set_nonblocking(true)?;
            if address.is_ipv6() {
                // `::` alone stands for all addresses, of both kinds.
                socket.set_only_v6(!address.ip().is_unspecified())?;
            }
            socket.bind(&(*address).into())?;
            socket.listen(4096)?;
            Ok(socket)
        })();
        match tried {
            Ok(socket) => return Ok(Bound::Tcp(socket.into())),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Binds a Unix socket, in place of one that nobody listens on any more.
pub fn bind_unix(path: &Path) -> io::Result<Bound> {
    if path.exists() && std::os::unix::net::UnixStream::connect(path).is_err() {
        std::fs::remove_file(path)?;
    }
    let listener = std::os::unix::net::UnixListener::bind(path)?;
    listener.set_nonblocking(true)?;
    Ok(Bound::Unix(listener))
}

pub(crate) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Bound {
    /// The address, if it is TCP.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix(_) => None,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address().map_or(80, |address| address.port())
    }

    pub(crate) fn again(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Tcp(listener) => Self::Tcp(listener.try_clone()?),
            Self::Unix(listener) => Self::Unix(listener.try_clone()?),
        })
    }

    pub(crate) fn listen(&self) -> io::Result<Listener> {
        Ok(match self.again()? {
            Self::Tcp(listener) => Listener::Tcp(TcpListener::from_std(listener)?),
            Self::Unix(listener) => Listener::Unix(UnixListener::from_std(listener)?),
        })
    }
}

impl Listener {
    pub(crate) async fn accept(&self) -> io::Result<(Stream, Option<SocketAddr>)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, remote) = listener.accept().await?;
                crate::upstream::prepare(&stream);
                Ok((Stream::Tcp(stream), Some(remote)))
            }
            Self::Unix(listener) => Ok((Stream::Unix(listener.accept().await?.0), None)),
        }
    }
}
