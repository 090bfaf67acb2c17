//! A real server on a free port, back ends that do exactly what they are told, and a client that sends raw bytes.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "shared by several test programs, each uses a part"
)]

use castalia_base::Clock;
use castalia_proxy::server::{ByTable, Handler, Server, ServerConfig, bind};
use castalia_proxy::{Route, RouteOptions, Table, Target};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long a test waits for something that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A proxy on a port of its own.
pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    pub(crate) table: Arc<Table>,
    pub(crate) clock: Clock,
    server: Option<Server>,
}

impl Front {
    pub(crate) fn start() -> Self {
        Self::with(ServerConfig { workers: 2, ..ServerConfig::default() })
    }

    pub(crate) fn with(config: ServerConfig) -> Self {
        Self::serving(config, Arc::default(), Arc::new(ByTable))
    }

    pub(crate) fn serving<H: Handler>(config: ServerConfig, table: Arc<Table>, handler: Arc<H>) -> Self {
        let bound = bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let (address, clock) = (bound.address().unwrap(), Clock::system());
        let server = Server::start(config, &bound, table.clone(), clock.clone(), handler).unwrap();
        Self { address, table, clock, server: Some(server) }
    }

    pub(crate) fn route(&self, prefix: &str, target: &str) -> Arc<Route> {
        self.route_with(prefix, target, RouteOptions::default())
    }

    pub(crate) fn route_with(&self, prefix: &str, target: &str, options: RouteOptions) -> Arc<Route> {
        let route =
            Route::new(prefix, Target::parse(target).unwrap(), Arc::new(options), &self.clock).unwrap();
        self.table.insert(route).0
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn raw(&self) -> Raw {
        Raw::connect(self.address).await
    }

    pub(crate) fn connections(&self) -> usize {
        self.server.as_ref().unwrap().connections()
    }

    pub(crate) fn stop(&mut self) {
        self.server.take().unwrap().stop();
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop();
        }
    }
}

/// A connection that sends and reads bytes.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), read: Vec::new() }
    }

    pub(crate) fn of(stream: TcpStream) -> Self {
        Self { stream, read: Vec::new() }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads up to and with the text, and returns it.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        self.try_until(text)
            .await
            .unwrap_or_else(|read| panic!("the connection ended before {text:?}: {read:?}"))
    }

    /// The same; what was read when the connection ends before.
    pub(crate) async fn try_until(&mut self, text: &str) -> Result<String, String> {
        let found = async {
            loop {
                if let Some(at) = self.read.windows(text.len()).position(|w| w == text.as_bytes()) {
                    let rest = self.read.split_off(at + text.len());
                    return Ok(String::from_utf8_lossy(&std::mem::replace(&mut self.read, rest)).into_owned());
                }
                if !matches!(self.stream.read_buf(&mut self.read).await, Ok(1..)) {
                    return Err(String::from_utf8_lossy(&self.read).into_owned());
                }
            }
        };
        tokio::time::timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("waited too long for {text:?}"))
    }

    /// The head of the next answer.
    pub(crate) async fn head(&mut self) -> String {
        self.until("\r\n\r\n").await
    }

    /// Everything until the other side closes.
    pub(crate) async fn rest(mut self) -> String {
        let read = async {
            while matches!(self.stream.read_buf(&mut self.read).await, Ok(1..)) {}
            String::from_utf8_lossy(&self.read).into_owned()
        };
        tokio::time::timeout(PATIENCE, read).await.expect("the other side does not close")
    }
}

/// A back end that hands each connection to a function; counts them.
pub(crate) struct Back {
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
    pub(crate) connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Back {
    pub(crate) async fn raw<F, R>(serve: F) -> Self
    where
        F: Fn(Raw, usize) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(Raw::of(stream), count.fetch_add(1, Ordering::SeqCst)));
            }
        });
        Self { url: format!("http://{address}"), address, connections, task }
    }

    /// An axum router.
    pub(crate) async fn app(router: axum::Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url: format!("http://{address}"), address, connections: Arc::default(), task }
    }

    /// Answers every request with what it looked like.
    pub(crate) async fn mirror() -> Self {
        Self::raw(|mut raw, _| async move {
            while let Ok(head) = raw.try_until("\r\n\r\n").await {
                let body = head.replace("\r\n", "\n");
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                raw.send(&answer).await;
            }
        })
        .await
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Back {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Waits until something is so.
pub(crate) async fn eventually(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "waited too long: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A port on which nobody listens.
pub(crate) fn dead_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
