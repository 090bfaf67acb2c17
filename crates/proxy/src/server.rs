//! A standing server in front of the proxy: threads with a runtime each, connections that are watched.
//!
//! Each worker accepts from the same sockets and keeps its own connections to back ends, so a request never changes its
//! thread. Clients that send or read too slowly, stay idle too long or come in too great a number are closed.

mod connection;
mod guarded;
mod io;
mod listen;
mod tls;
mod watch;

pub use guarded::serve_guarded;
pub use listen::{Bound, bind, bind_unix};
pub use tls::tls;

use crate::body::Body;
use crate::peer::{Peer, Trust};
use crate::{Config, Proxy, Table};
use castalia_base::Clock;
use castalia_base::tasks::Tasks;
pub use hyper::body::Incoming;
use hyper::{Request, Response};
use std::future::Future;
use std::io as std_io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How the server treats its clients.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Threads, each with connections of its own.
    pub workers: usize,
    /// Connections at the same time; more are closed at once.
    pub max_connections: usize,
    /// How long the head of a request may take, and the TLS handshake.
    pub head_timeout: Duration,
    /// How long a connection may wait for its next request.
    pub keep_alive: Duration,
    /// How long a client may refuse to read.
    pub write_timeout: Duration,
    /// How long requests under way may take to end when the server stops.
    pub drain: Duration,
    /// Who is believed about where a request came from.
    pub trust: Trust,
    /// Limits of forwarding.
    pub proxy: Config,
    /// Speaks TLS with this configuration, if any.
    pub tls: Option<Arc<tokio_rustls::rustls::ServerConfig>>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(2, usize::from).min(crate::MAX_WORKERS),
            max_connections: 20_000,
            head_timeout: Duration::from_secs(20),
            keep_alive: Duration::from_secs(75),
            write_timeout: Duration::from_secs(60),
            drain: Duration::from_secs(3),
            trust: Trust::Nobody,
            proxy: Config::default(),
            tls: None,
        }
    }
}

/// What answers the requests of a server.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request.
    fn answer(
        self: Arc<Self>,
        proxy: Arc<Proxy>,
        request: Request<Incoming>,
        peer: Arc<Peer>,
    ) -> impl Future<Output = Response<Body>> + Send;
}

/// Answers by the table alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByTable;

impl Handler for ByTable {
    async fn answer(
        self: Arc<Self>,
        proxy: Arc<Proxy>,
        request: Request<Incoming>,
        peer: Arc<Peer>,
    ) -> Response<Body> {
        proxy.handle(request, &peer).await
    }
}

/// A running server. Dropping it does not stop it; [`Server::stop`] does.
#[derive(Debug)]
pub struct Server {
    stop: CancellationToken,
    threads: Vec<JoinHandle<()>>,
    connections: Arc<AtomicUsize>,
}

pub(crate) struct Shared<H> {
    config: ServerConfig,
    handler: Arc<H>,
    stop: CancellationToken,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Starts the workers on a socket.
    pub fn start<H: Handler>(
        config: ServerConfig,
        bound: &Bound,
        table: Arc<Table>,
        clock: Clock,
        handler: Arc<H>,
    ) -> std_io::Result<Self> {
        let stop = CancellationToken::new();
        let connections = Arc::new(AtomicUsize::new(0));
        let workers = config.workers.clamp(1, crate::MAX_WORKERS);
        let shared =
            Arc::new(Shared { config, handler, stop: stop.clone(), connections: connections.clone() });
        let mut threads = Vec::with_capacity(workers);
        for worker in 0..workers {
            let (bound, shared) = (bound.again()?, shared.clone());
            let (table, clock) = (table.clone(), clock.clone());
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let thread = std::thread::Builder::new().name(format!("proxy-{worker}")).spawn(move || {
                runtime.block_on(work(shared, bound, table, clock, worker));
            })?;
            threads.push(thread);
        }
        Ok(Self { stop, threads, connections })
    }

    /// Connections that are open now, upgraded ones not counted.
    pub fn connections(&self) -> usize {
        self.connections.load(Relaxed)
    }

    /// Takes no more connections, lets requests under way end within the drain limit, ends the rest. Blocks.
    pub fn stop(self) {
        self.stop.cancel();
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

async fn work<H: Handler>(
    shared: Arc<Shared<H>>,
    bound: Bound,
    table: Arc<Table>,
    clock: Clock,
    worker: usize,
) {
    let (sockets, connections) = (Tasks::new(), Tasks::new());
    let proxy = Proxy::for_worker(shared.config.proxy.clone(), table, clock, &sockets, worker);
    let listener = match bound.listen() {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "a worker of the proxy can't listen"),
    };
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, remote)) => {
                if shared.connections.fetch_add(1, Relaxed) >= shared.config.max_connections {
                    shared.connections.fetch_sub(1, Relaxed);
                    continue;
                }
                let (shared, proxy) = (shared.clone(), proxy.clone());
                let port = bound.port();
                connections.spawn("proxy.connection", async move {
                    connection::serve(&shared, proxy, stream, remote, port).await;
                    shared.connections.fetch_sub(1, Relaxed);
                });
            }
            Err(error) => {
                // Too many open files, most likely: it passes when some close.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    connections.shutdown(shared.config.drain).await;
    sockets.shutdown(Duration::from_secs(1)).await;
}
