//! The same care for clients in front of a server that answers by itself, on the runtime that it has already.

use super::ServerConfig;
use super::connection::{preface, talk};
use super::watch::Patience;
use crate::body::BoxError;
use crate::stream::Stream;
use bytes::Bytes;
use castalia_base::tasks::Tasks;
use hyper::body::{Body as HttpBody, Incoming};
use hyper::{Request, Response};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Serves a socket until `stop`, then lets what is under way end within the drain limit. Of `config` it uses the limits
/// on clients and their number; it speaks HTTP/1.1, and HTTP/2 with prior knowledge, without TLS.
pub async fn serve_guarded<A, F, B>(
    listener: TcpListener,
    config: ServerConfig,
    stop: CancellationToken,
    answer: A,
) where
    A: Fn(Request<Incoming>, SocketAddr) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let (connections, open) = (Tasks::new(), Arc::new(AtomicUsize::new(0)));
    let patience =
        Patience { head: config.head_timeout, idle: config.keep_alive, write: config.write_timeout };
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, remote) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many open files, most likely: it passes when some close.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        if open.load(Relaxed) >= config.max_connections {
            continue;
        }
        let one = Counted::new(&open);
        crate::upstream::prepare(&stream);
        let (stop, answer) = (stop.clone(), answer.clone());
        connections.spawn("proxy.guarded", async move {
            let _one = one;
            let mut stream = Stream::Tcp(stream);
            let read = tokio::select! {
                () = stop.cancelled() => return,
                read = tokio::time::timeout(patience.head, preface(&mut stream)) => read,
            };
            if let Ok(Ok((ahead, second))) = read {
                talk((stream, ahead, second), patience, &stop, move |request| answer(request, remote)).await;
            }
        });
    }
    drop(listener);
    connections.shutdown(config.drain).await;
}

/// Counts a connection while it lives.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Relaxed);
        Self(open.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
