//! Dialling a back end.

use crate::stream::Stream;
use crate::target::Place;
use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpStream, UnixStream};

/// One try to connect.
pub(crate) async fn dial(place: &Place) -> io::Result<Stream> {
    match place {
        Place::Address(address) => tcp(*address).await,
        Place::Name(name, port) => {
            let mut last = None;
            for address in tokio::net::lookup_host((name.as_str(), *port)).await? {
                match tcp(address).await {
                    Ok(stream) => return Ok(stream),
                    Err(error) => last = Some(error),
                }
            }
            Err(last.unwrap_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the name has no address")))
        }
        Place::Socket(path) => Ok(Stream::Unix(UnixStream::connect(path).await?)),
    }
}

async fn tcp(address: SocketAddr) -> io::Result<Stream> {
    let stream = TcpStream::connect(address).await?;
    prepare(&stream);
    Ok(Stream::Tcp(stream))
}

/// No delay for small pieces; a peer that vanished without a word is noticed after about two minutes.
pub(crate) fn prepare(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let socket = SockRef::from(stream);
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(60))
        .with_interval(Duration::from_secs(15))
        .with_retries(4);
    let _ = socket.set_tcp_keepalive(&keepalive);
    #[cfg(target_os = "linux")]
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, 120_000);
}
