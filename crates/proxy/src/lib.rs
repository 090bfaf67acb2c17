//! A streaming reverse proxy: HTTP/1.1, HTTP/2 and WebSockets in front, HTTP/1.1 behind, by a table of routes.
//!
//! Two ways to use it. Another server decides by itself who may do what and calls [`Proxy::forward`] with a request and
//! the route it chose. Or [`server::Server`] listens, answers by the [`Table`], and [`chp`] lets JupyterHub change it.
//!
//! Invariants: nothing is buffered in either direction beyond what is on its way; the client is answered with an upgrade
//! only after the back end agreed to it; a request is sent twice only when nothing of it was sent before, or when it is
//! safe and met a connection that the back end had given up; a path is compared, cut and sent as the same segments; what
//! a client says about where it comes from is believed of trusted peers only; changing the table ends no connection.
//!
//! Deliberately absent: a cache, load balancing, TLS to back ends, any decision about who may use a route.

mod body;
pub mod chp;
mod cookies;
mod failure;
mod forward;
mod frames;
mod headers;
mod host;
mod html;
mod live;
mod options;
mod path;
mod peer;
mod request;
mod response;
mod route;
pub mod server;
mod stream;
mod table;
mod target;
mod tunnel;
mod upgrade;
mod upstream;

pub use body::{Body, BoxError};
pub use failure::{Failure, Wants};
pub use live::Activity;
pub use options::{ActivityRules, HostHeader, Prefix, RouteOptions, SocketActivity};
pub use peer::{Peer, Trust};
pub use route::{BadPrefix, Route};
pub use table::Table;
pub use target::{BadTarget, Target};

use castalia_base::Clock;
use castalia_base::tasks::Tasks;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// More threads than this share their waiting connections.
pub(crate) const MAX_WORKERS: usize = 16;

/// Limits that are the same for all routes.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long a client may take for the next piece of its body.
    pub body_patience: Duration,
    /// How long an upgraded connection may be half closed, or a write to it stuck, without anything moving.
    pub socket_patience: Duration,
    /// How long nothing at all may move on an upgraded connection; for ever unless told.
    pub socket_idle: Option<Duration>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            body_patience: Duration::from_secs(60),
            socket_patience: Duration::from_secs(30),
            socket_idle: None,
        }
    }
}

/// Forwards requests. One for each runtime: its connections to back ends belong to it.
#[derive(Debug)]
pub struct Proxy {
    config: Config,
    table: Arc<Table>,
    clock: Clock,
    tasks: Tasks,
    worker: usize,
    /// Routes that may have waiting connections.
    watched: Mutex<Vec<Weak<Route>>>,
}

impl Proxy {
    /// A proxy with a table, on the runtime that calls. `tasks` owns its sockets and its sweep.
    pub fn new(config: Config, table: Arc<Table>, clock: Clock, tasks: &Tasks) -> Arc<Self> {
        Self::for_worker(config, table, clock, tasks, 0)
    }

    pub(crate) fn for_worker(
        config: Config,
        table: Arc<Table>,
        clock: Clock,
        tasks: &Tasks,
        worker: usize,
    ) -> Arc<Self> {
        let watched = Mutex::default();
        let proxy = Arc::new(Self { config, table, clock, tasks: tasks.clone(), worker, watched });
        let weak = Arc::downgrade(&proxy);
        tasks.spawn_until_stop("proxy.sweep", async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let Some(proxy) = weak.upgrade() else { return };
                proxy.sweep();
            }
        });
        proxy
    }

    /// The table.
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// Remembers that a route may have waiting connections.
    fn watch(&self, route: &Arc<Route>) {
        if route.idle(self.worker).watch() {
            let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
            watched.push(Arc::downgrade(route));
        }
    }

    fn sweep(&self) {
        let mut watched = std::mem::take(&mut *self.watched.lock().unwrap_or_else(PoisonError::into_inner));
        watched.retain(|route| {
            let Some(route) = route.upgrade() else { return false };
            let idle = route.idle(self.worker);
            if idle.sweep() {
                return true;
            }
            // First forgotten, then looked at again: a connection that comes in between is not overlooked.
            idle.forget();
            route.activity().requests > 0 && idle.watch()
        });
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).append(&mut watched);
    }
}
