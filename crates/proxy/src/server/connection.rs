//! One client's connection, from the first byte to the last.

use super::io::Io;
use super::watch::{Patience, Watch, Watched};
use super::{Handler, Shared};
use crate::Proxy;
use crate::body::BoxError;
use crate::peer::Peer;
use crate::stream::Stream;
use bytes::{Bytes, BytesMut};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;

/// The first bytes of HTTP/2 with prior knowledge.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The largest head of a request, and how much of a body is read at once.
const MAX_BUFFER: usize = 64 * 1024;

/// Serves a connection until it ends or is ended.
pub(super) async fn serve<H: Handler>(
    shared: &Arc<Shared<H>>,
    proxy: Arc<Proxy>,
    stream: Stream,
    remote: Option<SocketAddr>,
    port: u16,
) {
    let config = &shared.config;
    let greeted = async {
        let mut stream = encrypted(stream, config.tls.as_ref()).await?;
        let (ahead, second) = preface(&mut stream).await?;
        io::Result::Ok((stream, ahead, second))
    };
    let limit = config.head_timeout;
    let greeted = tokio::select! {
        () = shared.stop.cancelled() => return,
        greeted = tokio::time::timeout(limit, greeted) => greeted,
    };
    let Ok(Ok((stream, ahead, second))) = greeted else { return };
    let peer = Arc::new(Peer::new(remote, port, config.tls.is_some(), config.trust));
    let patience = Patience { head: limit, idle: config.keep_alive, write: config.write_timeout };
    let handler = shared.handler.clone();
    let answer = move |request: Request<Incoming>| {
        let (handler, proxy, peer) = (handler.clone(), proxy.clone(), peer.clone());
        async move { handler.answer(proxy, request, peer).await }
    };
    talk((stream, ahead, second), patience, &shared.stop, answer).await;
}

/// Answers the requests of a connection, whose first bytes were read ahead (`second`: it is HTTP/2), until it ends, is
/// ended for what it does, or `stop` is called and what is under way is over.
pub(super) async fn talk<A, F, B>(
    (stream, ahead, second): (Stream, Bytes, bool),
    patience: Patience,
    stop: &CancellationToken,
    answer: A,
) where
    A: Fn(Request<Incoming>) -> F + Send + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let watch = Watch::new(second);
    let io = TokioIo::new(Io::new(stream, ahead, watch.clone()));
    let service = service_fn({
        let watch = watch.clone();
        move |request: Request<Incoming>| {
            let (counted, answer) = (Counted::new(&watch), answer(request));
            async move { Ok::<_, Infallible>(answer.await.map(|body| Served { body, _counted: counted })) }
        }
    });
    if second {
        let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(200)
            .keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(20));
        let mut watched = Watched::new(builder.serve_connection(io, service), watch, patience);
        tokio::select! {
            () = &mut watched => return,
            () = stop.cancelled() => watched.connection().graceful_shutdown(),
        }
        watched.await;
    } else {
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.max_buf_size(MAX_BUFFER).header_read_timeout(None);
        let connection = builder.serve_connection(io, service).with_upgrades();
        let mut watched = Watched::new(connection, watch, patience);
        tokio::select! {
            () = &mut watched => return,
            () = stop.cancelled() => watched.connection().graceful_shutdown(),
        }
        watched.await;
    }
}

async fn encrypted(
    stream: Stream,
    tls: Option<&Arc<tokio_rustls::rustls::ServerConfig>>,
) -> io::Result<Stream> {
    match (stream, tls) {
        (Stream::Tcp(stream), Some(tls)) => {
            let stream = tokio_rustls::TlsAcceptor::from(tls.clone()).accept(stream).await?;
            Ok(Stream::Tls(Box::new(stream)))
        }
        (stream, _) => Ok(stream),
    }
}

/// Reads until it is clear whether this is HTTP/2.
pub(super) async fn preface(stream: &mut Stream) -> io::Result<(Bytes, bool)> {
    let mut ahead = BytesMut::with_capacity(4096);
    loop {
        if stream.read_buf(&mut ahead).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let length = ahead.len().min(PREFACE.len());
        if ahead[..length] != PREFACE[..length] {
            return Ok((ahead.freeze(), false));
        }
        if length == PREFACE.len() {
            return Ok((ahead.freeze(), true));
        }
    }
}

/// Counts a request until its answer was handed over.
struct Counted(Arc<Watch>);

impl Counted {
    fn new(watch: &Arc<Watch>) -> Self {
        watch.request();
        Self(watch.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.answered();
    }
}

/// An answer's body that is counted.
struct Served<B> {
    body: B,
    _counted: Counted,
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Served<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
