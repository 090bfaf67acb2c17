//! The services of a workspace: started in order, watched, started again, registered and taken away.
//!
//! Every service has one task that owns it; others read its [`Status`] and send [`Order`]s. A service is given to the
//! proxy's table under its path when it is there, and taken out when it leaves.

mod backoff;
mod keep;
mod log;
mod place;
mod process;
mod registry;
mod subject;

pub(crate) use log::Line;
pub(crate) use place::Address;
pub(crate) use registry::Refused;

use crate::definition::{Definition, levels};
use castalia_base::tasks::Tasks;
use castalia_base::{Clock, Timestamp};
use castalia_compute::health::{Chronicle, Monitor, State};
use castalia_proxy::{Route, Table};
use log::{Log, Stream};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// What every service is told, and where things lie.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// The workspace's path, with slashes at both ends.
    pub(crate) prefix: String,
    pub(crate) home: PathBuf,
    pub(crate) user: String,
    /// A folder for sockets that only this user may enter.
    pub(crate) runtime: PathBuf,
    /// The environment of programs, before their definitions add to it.
    pub(crate) env: BTreeMap<String, String>,
    /// Cookies that services never see.
    pub(crate) hidden_cookies: Vec<String>,
}

/// How a service is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Status {
    pub(crate) state: State,
    /// Why, in words.
    pub(crate) reason: String,
    pub(crate) since: Timestamp,
    pub(crate) pid: Option<u32>,
    pub(crate) started_at: Option<Timestamp>,
    /// When it is started again, while it waits for that.
    pub(crate) next_start_at: Option<Timestamp>,
    /// How often its program was started again since the workspace was.
    pub(crate) restarts: u32,
    /// From the start of its program until it answered, milliseconds.
    pub(crate) ready_after_ms: Option<u64>,
}

/// What may be told to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Start,
    Stop,
    Restart,
    /// End for good: the workspace stops, or the service leaves.
    End,
}

/// Where a service came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    /// Started and supervised here.
    Supervised,
    /// Told by the file of services, run by somebody else.
    Declared,
    /// Registered itself.
    Registered,
    /// Served by this program itself.
    BuiltIn,
}

/// One service.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) definition: Definition,
    pub(crate) origin: Origin,
    pub(crate) secret: String,
    /// The route that leads to it, and since when it is there.
    route: Mutex<Option<(Arc<Route>, Timestamp)>>,
    /// The last activity of its earlier routes, milliseconds; 0 for none.
    before: AtomicI64,
    log: Arc<Log>,
    status: watch::Sender<Status>,
    orders: mpsc::UnboundedSender<Order>,
    monitor: Mutex<Option<Arc<Monitor>>>,
    ended: watch::Sender<bool>,
    /// When a registered service leaves unless it registers again.
    lease: Mutex<Option<tokio::time::Instant>>,
    /// Where it listens, since its last start.
    address: Mutex<Option<Address>>,
}

impl Service {
    pub(crate) fn address(&self) -> Option<Address> {
        self.address.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    pub(crate) fn status(&self) -> Status {
        self.status.borrow().clone()
    }
    /// At most `limit` of the kept lines after number `after`.
    pub(crate) fn lines(&self, after: u64, limit: usize) -> Vec<Line> {
        self.log.after(after, limit)
    }
    /// The tries and changes of the current run.
    pub(crate) fn chronicle(&self) -> Option<Chronicle> {
        let monitor = self.monitor.lock().unwrap_or_else(PoisonError::into_inner).clone();
        monitor.map(|monitor| monitor.chronicle())
    }
    pub(crate) fn route(&self) -> Option<Arc<Route>> {
        self.route.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(route, _)| route.clone())
    }
    /// When something last passed that counts; none when nothing has.
    pub(crate) fn last_activity(&self) -> Option<Timestamp> {
        self.remember();
        Some(Timestamp(self.before.load(SeqCst))).filter(|at| at.0 > 0)
    }
    /// Keeps what its route saw, since the next one begins anew. A fresh route says the time at which it was made.
    fn remember(&self) {
        let route = self.route.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(at) =
            route.map(|(route, since)| (route.last_activity(), since)).filter(|(at, since)| at > since)
        {
            self.before.fetch_max(at.0.0, SeqCst);
        }
    }
    pub(crate) fn order(&self, order: Order) {
        // A service that has ended takes no more orders.
        let _ = self.orders.send(order);
    }
    /// Waits until a person who asked for it can see that something came of it.
    pub(crate) async fn ended(&self) {
        let _ = self.ended.subscribe().wait_for(|ended| *ended).await;
    }
}

/// All services.
#[derive(Debug)]
pub(crate) struct Supervisor {
    services: RwLock<Vec<Arc<Service>>>,
    /// Counts changes of any status.
    changed: watch::Sender<u64>,
    surroundings: Surroundings,
    table: Arc<Table>,
    clock: Clock,
    tasks: Tasks,
}

impl Supervisor {
    /// Starts the services of a workspace. Needs a tokio runtime.
    pub(crate) fn start(
        book: Vec<Definition>,
        surroundings: Surroundings,
        table: Arc<Table>,
        clock: Clock,
        tasks: Tasks,
    ) -> Arc<Self> {
        let (changed, _) = watch::channel(0);
        let all = Arc::new(Self { services: RwLock::default(), changed, surroundings, table, clock, tasks });
        for definition in book {
            let origin = match (&definition.built_in, definition.is_supervised()) {
                (Some(_), _) => Origin::BuiltIn,
                (None, true) => Origin::Supervised,
                (None, false) => Origin::Declared,
            };
            all.add(definition, origin);
        }
        all
    }

    /// All services, in the order in which they came.
    pub(crate) fn list(&self) -> Vec<Arc<Service>> {
        self.services.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The service of this name.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Service>> {
        self.list().into_iter().find(|s| s.definition.name == name)
    }

    /// Follows changes of any status.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The path at which a service is served, without a slash at its end unless it is the root.
    pub(crate) fn path_of(&self, definition: &Definition) -> String {
        format!("{}{}", self.surroundings.prefix, definition.path())
    }

    fn add(self: &Arc<Self>, definition: Definition, origin: Origin) -> Arc<Service> {
        let (orders, inbox) = mpsc::unbounded_channel();
        let status = Status {
            state: if definition.boot { State::Starting } else { State::Stopped },
            reason: if definition.boot {
                "is being started".into()
            } else {
                "is started when it is asked for".into()
            },
            since: self.clock.now(),
            pid: None,
            started_at: None,
            next_start_at: None,
            restarts: 0,
            ready_after_ms: None,
        };
        let service = Arc::new(Service {
            definition,
            origin,
            secret: crate::random_hex(32),
            route: Mutex::new(None),
            before: AtomicI64::new(0),
            log: Arc::default(),
            status: watch::channel(status).0,
            orders,
            monitor: Mutex::new(None),
            ended: watch::channel(false).0,
            lease: Mutex::new(None),
            address: Mutex::new(None),
        });
        self.services.write().unwrap_or_else(PoisonError::into_inner).push(service.clone());
        let (all, kept) = (self.clone(), service.clone());
        self.tasks.spawn("workspace.service", async move {
            match origin {
                Origin::Supervised => all.keep(&kept, inbox).await,
                Origin::Declared | Origin::Registered => all.attend(&kept, inbox).await,
                Origin::BuiltIn => all.built_in(&kept, inbox).await,
            }
            all.close(&kept);
            kept.ended.send_replace(true);
        });
        self.bump();
        service
    }

    fn bump(&self) {
        self.changed.send_modify(|n| *n += 1);
    }

    /// Notes a change; one that says nothing new is none.
    fn tell(&self, service: &Service, change: impl FnOnce(&mut Status)) {
        let mut new = service.status();
        let old = new.clone();
        change(&mut new);
        if new == old {
            return;
        }
        if new.state != old.state || new.reason != old.reason {
            new.since = self.clock.now();
            let (name, state, reason) = (&service.definition.name, new.state, &new.reason);
            // While it starts, every try has its own words; they are in its timeline.
            if state != State::Starting
                || old.state != state
                || new.next_start_at.is_some()
                || new.pid != old.pid
            {
                tracing::info!(target: "workspace", "{name}: {state}: {reason}");
                service.log.push(&self.clock, Stream::System, format!("{state}: {reason}"));
            }
        }
        service.status.send_replace(new);
        self.bump();
    }

    /// How well a service's state lets others depend on it.
    fn state_of(&self, name: &str) -> State {
        self.get(name).map_or(State::Stopped, |service| service.status().state)
    }

    /// Takes a service out of the list and the table.
    fn forget(&self, service: &Arc<Service>) {
        self.services.write().unwrap_or_else(PoisonError::into_inner).retain(|s| !Arc::ptr_eq(s, service));
        self.bump();
    }

    /// Ends all services, those first on which no other depends, within a limit; what is left then is killed when its
    /// task is dropped.
    pub(crate) async fn end(&self, limit: Duration) {
        let all = self.list();
        let definitions: Vec<Definition> = all.iter().map(|s| s.definition.clone()).collect();
        let order = levels(&definitions).unwrap_or_default();
        let ending = async {
            for level in order.iter().rev() {
                let of_level: Vec<_> = all.iter().filter(|s| level.contains(&s.definition.name)).collect();
                of_level.iter().for_each(|s| s.order(Order::End));
                futures::future::join_all(of_level.iter().map(|s| s.ended())).await;
            }
        };
        if tokio::time::timeout(limit, ending).await.is_err() {
            tracing::warn!("some services did not end in time");
        }
    }
}
