//! The open rooms: one per notebook, opened by whoever comes first, closed when nobody has needed it for a while.

use super::{Close, Limits, Room};
use crate::servers::{Servers, Word};
use crate::store;
use castalia_base::{Clock, Error, tasks::Tasks};
use castalia_db::{Db, Engine};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;

type Slot = Arc<OnceCell<Arc<Room>>>;

/// All open rooms of this process.
pub(crate) struct Rooms {
    pub(super) db: Db,
    pub(super) clock: Clock,
    tasks: Tasks,
    limits: Limits,
    pub(super) servers: Arc<Servers>,
    open: Mutex<HashMap<String, Slot>>,
    on_open: OnceLock<OnOpen>,
}

/// Is told of each room that is opened.
type OnOpen = Box<dyn Fn(&Arc<Room>) + Send + Sync>;

impl Rooms {
    pub(crate) fn new(db: Db, clock: Clock, tasks: Tasks, limits: Limits, servers: Arc<Servers>) -> Self {
        Self { db, clock, tasks, limits, servers, open: Mutex::default(), on_open: OnceLock::new() }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Says who is told of each room that is opened. The first call counts.
    pub(crate) fn on_open(&self, tell: impl Fn(&Arc<Room>) + Send + Sync + 'static) {
        drop(self.on_open.set(Box::new(tell)));
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Slot>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The room of a notebook; opened when it is not.
    pub(crate) async fn get(&self, id: &str) -> Result<Arc<Room>, Error> {
        // One that has ended is opened anew, once.
        for _ in 0..2 {
            let slot = self.open().entry(id.to_owned()).or_default().clone();
            let room = slot.get_or_try_init(|| self.load(id)).await;
            match room {
                Ok(room) if !room.is_over() => return Ok(room.clone()),
                Ok(_) => self.forget(id, &slot),
                Err(error) => {
                    self.forget(id, &slot);
                    return Err(error);
                }
            }
        }
        Err(Error::conflict("room_closed", "the notebook was closed meanwhile; open it again"))
    }

    /// The room of a notebook if it is open.
    pub(crate) fn peek(&self, id: &str) -> Option<Arc<Room>> {
        self.open().get(id).and_then(|slot| slot.get().cloned()).filter(|room| !room.is_over())
    }

    fn forget(&self, id: &str, slot: &Slot) {
        let mut open = self.open();
        if open.get(id).is_some_and(|there| Arc::ptr_eq(there, slot)) {
            open.remove(id);
        }
    }

    async fn load(&self, id: &str) -> Result<Arc<Room>, Error> {
        let notebook = store::find(&mut self.db.read(), id).await?;
        let notebook = notebook.ok_or_else(|| Error::not_found("notebook", id))?;
        let stored = store::log::load(&mut self.db.read(), id).await?;
        let (db, clock, tasks) = (self.db.clone(), self.clock.clone(), self.tasks.clone());
        let servers = self.servers.clone();
        let room = Room::open(&notebook, stored, db, clock, tasks, self.limits, servers)?;
        if self.db.engine() == Engine::Postgres {
            room.renew(&self.servers.name).await?;
            self.servers.tell(|| Word::WhoIsThere { notebook: id.to_owned() });
        }
        metrics::gauge!("castalia_notebook_rooms_active").increment(1.0);
        let room = Arc::new(room);
        if let Some(tell) = self.on_open.get() {
            tell(&room);
        }
        Ok(room)
    }

    /// All open rooms.
    pub(crate) fn all(&self) -> Vec<Arc<Room>> {
        self.open().values().filter_map(|slot| slot.get().cloned()).collect()
    }

    /// Ends a room, and whoever is in it is told why.
    pub(crate) fn end(&self, id: &str, close: &Close) {
        let slot = self.open().remove(id);
        if let Some(room) = slot.as_ref().and_then(|slot| slot.get()) {
            room.end(close);
            metrics::gauge!("castalia_notebook_rooms_active").decrement(1.0);
        }
    }

    /// Closes what nobody needs, and looks after those who fell silent.
    pub(crate) async fn run(self: Arc<Self>) {
        let pause = (self.limits.idle / 2).clamp(Duration::from_millis(50), Duration::from_secs(5));
        loop {
            tokio::time::sleep(pause).await;
            for room in self.all() {
                room.sweep();
            }
            let mut closed = Vec::new();
            self.open().retain(|_, slot| match slot.get() {
                // Whoever else holds it may still write.
                Some(room) if room.is_over() || (Arc::strong_count(room) == 1 && room.is_idle()) => {
                    metrics::gauge!("castalia_notebook_rooms_active").decrement(1.0);
                    closed.push(room.clone());
                    false
                }
                _ => true,
            });
            for room in closed.into_iter().filter(|_| self.db.engine() == Engine::Postgres) {
                // The lease runs out by itself; this only spares the next one the wait.
                let _ = room.resign(&self.servers.name).await;
            }
        }
    }
}
