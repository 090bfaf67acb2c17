//! A room: one open document, those who are connected to it, and its way into the log.
//!
//! Everything goes through one lock and is short; what waits (commits, sockets) waits outside. A change is applied, put
//! on the list for the next commit and handed to the readers. What people write is handed on at once: if it is lost in a
//! crash, its writer still has it and brings it again. What the **server** writes is handed on only once it is in the
//! database, because nobody could bring it again (and the gate would refuse it from anybody else).
//!
//! Where to find what: frames in `wire`, connections in `peer` and `socket`, who is there in `awareness`, what a client
//! may change in `gate`, identity in `epoch`, the way into the log in `persist`, opening and closing in `registry`.

mod awareness;
mod derive;
pub mod epoch;
mod gate;
mod intake;
mod peer;
mod persist;
mod registry;
mod replica;
mod socket;
mod wire;

pub use peer::Role;
pub(crate) use peer::{Close, Peer};
pub(crate) use persist::Pending;
pub use persist::Saved;
pub(crate) use registry::Rooms;
pub(crate) use socket::{Renew, serve};

use crate::document::schema::CELLS;
use crate::model::Person;
use crate::servers::Servers;
use crate::store::log::{Statement, Stored};
use awareness::Awareness;
use bytes::Bytes;
use castalia_base::{Clock, Error, tasks::Tasks};
use castalia_db::Db;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, broadcast};
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{Array, ClientID, Doc, ReadTxn, StateVector, Transact, Transaction, TransactionMut, Update};

/// What a room takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest frame of a client, in bytes.
    pub frame_bytes: usize,
    /// The largest document, in bytes of its encoded state.
    pub document_bytes: usize,
    /// A room without anybody in it is closed after this.
    pub idle: Duration,
    /// Rows of the log behind the snapshot, after which a new snapshot is made.
    pub log_rows: usize,
    /// Bytes of the log behind the snapshot, below which it is left alone.
    pub log_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes: 32 << 20,
            document_bytes: 128 << 20,
            idle: Duration::from_secs(60),
            log_rows: 500,
            log_bytes: 256 << 10,
        }
    }
}

/// Who changed a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// A part of the server, by its name.
    Server(&'static str),
    /// Somebody over a connection.
    Person(Person),
    /// Another replica, for whomever.
    Replica,
}

/// A document was changed.
#[derive(Clone, Debug)]
pub struct Change {
    /// By whom.
    pub by: Author,
}

/// What a change by the server gives back.
#[derive(Debug)]
pub struct Written<R> {
    /// What the function returned.
    pub value: R,
    /// Ready once it is in the database; it need not be waited for.
    pub saved: Saved,
}

/// An open document.
pub struct Room {
    id: String,
    project: String,
    epoch: String,
    epoch_client: ClientID,
    db: Db,
    clock: Clock,
    tasks: Tasks,
    limits: Limits,
    state: Mutex<State>,
    changes: broadcast::Sender<Change>,
    next_peer: AtomicU64,
    /// This server leads until then (Unix milliseconds), where there are several.
    leads_until: AtomicI64,
    following: tokio::sync::Mutex<()>,
    /// Somebody waits for the next commit.
    hurry: Notify,
    servers: Arc<Servers>,
}

struct State {
    doc: Doc,
    peers: BTreeMap<u64, Arc<Peer>>,
    awareness: Awareness,
    /// A task is on its way to tell the others who is there.
    telling: bool,
    pending: Vec<Pending>,
    /// A task is on its way into the log.
    persisting: bool,
    committed_at: Option<Instant>,
    /// Changes of the server that are not in the database, and so are told to nobody yet.
    unpublished: usize,
    /// Up to here the rows of the log are in the document.
    seq: i64,
    log_rows: usize,
    log_bytes: usize,
    snapshot_bytes: usize,
    /// Bytes of the document, about.
    bytes: usize,
    /// The copy in which clients' updates are tried; made with the first.
    shadow: Option<gate::Shadow>,
    derived: derive::Derived,
    /// The room takes nothing any more.
    over: Option<Close>,
    used_at: Instant,
}

impl Room {
    /// Opens a room over what the database has of it.
    ///
    /// # Errors
    /// `document_broken` when it can't be read.
    pub(crate) fn open(
        notebook: &crate::model::Notebook,
        stored: Stored,
        db: Db,
        clock: Clock,
        tasks: Tasks,
        limits: Limits,
        servers: Arc<Servers>,
    ) -> Result<Self, Error> {
        let doc = epoch::document(epoch::fresh_client());
        let broken =
            |why: String| Error::internal(format!("the document of {} can't be read: {why}", notebook.id));
        catch_unwind(AssertUnwindSafe(|| {
            let mut txn = doc.transact_mut();
            for update in &stored.updates {
                let update = Update::decode_v1(update).map_err(|e| broken(e.to_string()))?;
                txn.apply_update(update).map_err(|e| broken(e.to_string()))?;
            }
            Ok::<_, Error>(())
        }))
        .map_err(|_| broken("reading it panicked".into()))??;
        let bytes = stored.snapshot_bytes + stored.row_bytes;
        Ok(Self {
            id: notebook.id.clone(),
            project: notebook.project.clone(),
            epoch_client: epoch::client_of(&notebook.epoch),
            epoch: notebook.epoch.clone(),
            db,
            clock,
            tasks,
            limits,
            state: Mutex::new(State {
                doc,
                peers: BTreeMap::new(),
                awareness: Awareness::default(),
                telling: false,
                pending: Vec::new(),
                persisting: false,
                committed_at: None,
                unpublished: 0,
                seq: stored.seq,
                log_rows: stored.rows,
                log_bytes: stored.row_bytes,
                snapshot_bytes: stored.snapshot_bytes,
                bytes,
                shadow: None,
                derived: derive::Derived::default(),
                over: None,
                used_at: Instant::now(),
            }),
            changes: broadcast::channel(64).0,
            next_peer: AtomicU64::new(1),
            leads_until: AtomicI64::new(0),
            following: tokio::sync::Mutex::default(),
            hurry: Notify::new(),
            servers,
        })
    }

    /// The notebook's id.
    pub fn id(&self) -> &str {
        &self.id
    }
    /// Id of the notebook's project.
    pub fn project(&self) -> &str {
        &self.project
    }
    /// The document's identity.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }
    /// Tells of every change from now on. One that listens too slowly misses some and should look at all.
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// The client id under which this room writes.
    pub(crate) fn server_client(&self) -> u64 {
        self.state().doc.client_id().get()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the document. The function must be short and must not come back to the room.
    pub fn read<R>(&self, look: impl FnOnce(&Transaction<'_>) -> R) -> R {
        let state = self.state();
        let txn = state.doc.transact();
        look(&txn)
    }

    /// Changes the document for the server; nothing is checked. The others are told once it is in the database. The
    /// function must be short and must not come back to the room; roots are got by `txn.get_map(…)`, never by the
    /// document's `get_or_insert_…`.
    ///
    /// # Errors
    /// `room_closed` when the room has ended meanwhile: open it anew.
    pub fn write<R>(
        self: &Arc<Self>,
        who: &'static str,
        change: impl FnOnce(&mut TransactionMut<'_>) -> R,
    ) -> Result<Written<R>, Error> {
        self.write_with(who, Vec::new(), change)
    }

    /// Changes the document for somebody who asked the server to: as [`Room::write`], and it counts as that person's.
    ///
    /// # Errors
    /// As [`Room::write`].
    pub fn write_as<R>(
        self: &Arc<Self>,
        person: Person,
        change: impl FnOnce(&mut TransactionMut<'_>) -> R,
    ) -> Result<Written<R>, Error> {
        self.change(Author::Person(person), Vec::new(), change)
    }

    /// [`Room::write`] together with statements that are carried out in the same transaction of the database, also when
    /// the function changed nothing.
    ///
    /// # Errors
    /// As [`Room::write`].
    pub fn write_with<R>(
        self: &Arc<Self>,
        who: &'static str,
        with: Vec<Statement>,
        change: impl FnOnce(&mut TransactionMut<'_>) -> R,
    ) -> Result<Written<R>, Error> {
        self.change(Author::Server(who), with, change)
    }

    fn change<R>(
        self: &Arc<Self>,
        by: Author,
        with: Vec<Statement>,
        change: impl FnOnce(&mut TransactionMut<'_>) -> R,
    ) -> Result<Written<R>, Error> {
        let mut state = self.state();
        state.refuse_if_over()?;
        let done = catch_unwind(AssertUnwindSafe(|| {
            let mut txn = state.doc.transact_mut_with(SERVER);
            let value = change(&mut txn);
            txn.commit();
            let update = txn.has_changes().then(|| txn.encode_update_v1());
            (value, update)
        }));
        let Ok((value, update)) = done else {
            self.poisoned(&mut state);
            return Err(Error::internal("a change of a document panicked"));
        };
        let (pending, saved) = Pending::of_server(update, with);
        if let Some(update) = &pending.update {
            state.follow(update);
            if by != Author::Server(DERIVE) {
                self.derive_soon(&mut state);
            }
            let _ = self.changes.send(Change { by });
        }
        state.unpublished += 1;
        self.enqueue(&mut state, pending);
        Ok(Written { value, saved })
    }

    /// Everything is told to go, and the room is opened anew by whoever comes next.
    fn poisoned(&self, state: &mut State) {
        tracing::error!(notebook = self.id, "a document's code panicked; the room is opened anew");
        state.end(&Close::RELOAD);
    }

    /// Ends the room; who is connected is told why.
    pub(crate) fn end(&self, close: &Close) {
        self.state().end(close);
    }

    /// Whether the room takes nothing any more.
    pub(crate) fn is_over(&self) -> bool {
        self.state().over.is_some()
    }

    /// Whether nobody needs the room: nobody is connected, all is in the database, and it has been so for a while.
    pub(crate) fn is_idle(&self) -> bool {
        let state = self.state();
        state.peers.is_empty()
            && state.pending.is_empty()
            && !state.persisting
            && state.used_at.elapsed() >= self.limits.idle
    }

    /// Whether a client with this state may be let in.
    fn is_ours(&self, theirs: &StateVector) -> bool {
        epoch::is_ours(theirs, self.epoch_client)
    }

    /// Whether servers wrote something that a client has and this document has not.
    fn lacks_ours(&self, theirs: &StateVector) -> bool {
        epoch::lacks_servers(&self.state().doc.transact().state_vector(), theirs)
    }

    /// Sends a connection what it lacks; from then on it hears of changes. `false` when something of the server's is on
    /// its way into the database: then it must be waited for, and asked again.
    fn send_document(&self, peer: &Peer, theirs: &StateVector, patient: bool) -> bool {
        let state = self.state();
        if patient && state.unpublished > 0 {
            return false;
        }
        let update = state.doc.transact().encode_diff_v1(theirs);
        peer.send_document(wire::step2(&update));
        true
    }

    /// Brings a reader up to date that was too slow for its queue.
    fn catch_up(&self, peer: &Peer, from: &StateVector) {
        let state = self.state();
        let update = state.doc.transact().encode_diff_v1(from);
        peer.caught_up(wire::update(&update));
    }

    /// What the server has, as the first step of the protocol.
    fn first_step(&self) -> Bytes {
        wire::step1(&self.state().doc.transact().state_vector().encode_v1())
    }

    /// Lets a connection in.
    fn join(&self, make: impl FnOnce(u64) -> Peer) -> Result<Arc<Peer>, Close> {
        let mut state = self.state();
        if let Some(close) = &state.over {
            return Err(close.clone());
        }
        let peer = Arc::new(make(self.next_peer.fetch_add(1, Ordering::Relaxed)));
        state.peers.insert(peer.id, peer.clone());
        metrics::gauge!("castalia_notebook_connections_active").increment(1.0);
        Ok(peer)
    }

    /// Lets a connection go; the others are told that it is not there any more.
    fn leave(self: &Arc<Self>, peer: &Peer) {
        let mut state = self.state();
        if state.peers.remove(&peer.id).is_some() {
            metrics::gauge!("castalia_notebook_connections_active").decrement(1.0);
        }
        state.used_at = Instant::now();
        state.awareness.leave(peer.id);
        self.tell_presence(&mut state);
    }

    /// Takes what a connection says of who is there.
    fn presence(self: &Arc<Self>, peer: &Peer, update: Bytes) -> Option<()> {
        let mut state = self.state();
        let taken = state.awareness.take(peer.id, &peer.user, update, Instant::now());
        self.tell_presence(&mut state);
        taken
    }

    /// Takes what another server says of who is there.
    pub(crate) fn presence_abroad(self: &Arc<Self>, server: &str, update: Bytes) {
        let mut state = self.state();
        if state.awareness.take_abroad(server, update, Instant::now()).is_none() {
            tracing::debug!(notebook = self.id, "what another server says of who is there can't be read");
        }
        self.tell_presence(&mut state);
    }

    /// Another server is gone, and all who were connected to it.
    pub(crate) fn forget_server(self: &Arc<Self>, server: &str) {
        let mut state = self.state();
        state.awareness.forget_abroad(server);
        self.tell_presence(&mut state);
    }

    /// Tells other servers who is connected here.
    pub(crate) fn tell_abroad(&self) {
        if let Some(all) = self.state().awareness.all_own() {
            self.servers.presence(&self.id, &all);
        }
    }

    /// Whether somebody has the notebook open, here or at another server.
    pub(crate) fn is_watched(&self) -> bool {
        let state = self.state();
        !state.peers.is_empty() || state.awareness.is_anybody_there()
    }

    /// Shows somebody for some seconds who acts without a connection of its own.
    pub(crate) fn appear(self: &Arc<Self>, person: &Person, state: serde_json::Value) {
        let mut room = self.state();
        room.awareness.appear(&person.presence(), &person.id, state, Instant::now());
        self.tell_presence(&mut room);
    }

    /// Who is there, for one connection.
    fn send_presence(&self, peer: &Peer) {
        if let Some(all) = self.state().awareness.everybody(peer.id) {
            peer.send(wire::awareness(&all));
        }
    }

    /// Lets those go who fell silent, and comes back while somebody is there.
    pub(crate) fn sweep(self: &Arc<Self>) {
        let mut state = self.state();
        state.awareness.sweep(Instant::now());
        if state.shadow.as_ref().is_some_and(|shadow| shadow.used_at.elapsed() > SHADOW_IDLE) {
            state.shadow = None;
        }
        self.tell_presence(&mut state);
    }

    /// Tells the others who is there, a moment later: many move at once.
    fn tell_presence(self: &Arc<Self>, state: &mut State) {
        if state.telling || !state.awareness.is_dirty() {
            return;
        }
        state.telling = true;
        let room = self.clone();
        self.tasks.spawn("notebooks.presence", async move {
            tokio::time::sleep(PRESENCE_PAUSE).await;
            let mut state = room.state();
            state.telling = false;
            let (ids, owners) = state.awareness.drain();
            if room.servers.any()
                && let Some(own) = state.awareness.own(&ids)
            {
                room.servers.presence(&room.id, &own);
            }
            let all = state.awareness.encode(&ids, None).map(|states| wire::awareness(&states));
            for peer in state.peers.values() {
                let frame = if owners.contains(&peer.id) {
                    state.awareness.encode(&ids, Some(peer.id)).map(|states| wire::awareness(&states))
                } else {
                    all.clone()
                };
                if let Some(frame) = frame {
                    peer.send(frame);
                }
            }
        });
    }

    /// Those who are connected.
    pub(crate) fn peers(&self) -> Vec<Arc<Peer>> {
        self.state().peers.values().cloned().collect()
    }
}

/// The origin of the server's transactions.
const SERVER: &str = "server";
/// What is derived is not derived from.
const DERIVE: &str = "derive";
/// The copy is let go when nobody has written for so long.
const SHADOW_IDLE: Duration = Duration::from_secs(60);
/// States are told together that come within this time.
const PRESENCE_PAUSE: Duration = Duration::from_millis(15);

impl State {
    fn refuse_if_over(&self) -> Result<(), Error> {
        match self.over {
            Some(_) => {
                Err(Error::conflict("room_closed", "the notebook was closed or deleted; open it again"))
            }
            None => Ok(()),
        }
    }

    /// Lets the copy follow.
    fn follow(&mut self, update: &[u8]) {
        if let Some(shadow) = &mut self.shadow
            && shadow.follow(update).is_none()
        {
            self.shadow = None;
        }
    }

    fn end(&mut self, close: &Close) {
        self.over.get_or_insert(close.clone());
        for peer in self.peers.values() {
            peer.close(close.clone());
        }
    }

    /// How many cells the document has.
    fn cells(&self) -> i64 {
        let txn = self.doc.transact();
        txn.get_array(CELLS).map_or(0, |cells| i64::from(cells.len(&txn)))
    }
}
