//! Several servers over one PostgreSQL share a room: each has the document open, and reads what the others wrote.
//!
//! Rows of the log have numbers without gaps. A commit says `ID SEQ` on a channel; whoever has the notebook open reads
//! the rows it lacks. A notice may be lost, so that is also asked for every few seconds. **One** of them leads: it
//! alone writes what the server writes (tissues, runs, files). Who that is, is a lease in the notebook's row: it is
//! renewed while the room is open, and runs out by itself. On SQLite there is one server, and it leads.

use super::{Author, Change, Close, Room, Rooms, State, wire};
use crate::servers;
use crate::store::{self, log};
use castalia_base::Error;
use castalia_db::Engine;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use yrs::updates::decoder::Decode;
use yrs::{StateVector, Transact, Update};

/// How often it is looked for what no notice told of, and leases are renewed.
const LOOK: Duration = Duration::from_secs(2);
/// A lease holds for so long after it was renewed.
pub(crate) const LEASE_MS: i64 = 10_000;

impl Room {
    /// Whether this server is the one that writes run state, files and what is derived. Ask before each piece of work.
    pub fn leads(&self) -> bool {
        self.db.engine() == Engine::Sqlite || self.clock.now().0 < self.leads_until.load(Ordering::Relaxed)
    }

    /// Tries to lead, or to go on leading.
    pub(super) async fn renew(&self, server: &str) -> Result<bool, Error> {
        let now = self.clock.now();
        let until = now.0 + LEASE_MS;
        let mut tx = self.db.begin().await?;
        let mine = store::lease(&mut tx, &self.id, server, now.0, until).await?;
        tx.commit().await?;
        // A little less than the others are told, for clocks that differ.
        let known = if mine { until - LEASE_MS / 4 } else { 0 };
        self.leads_until.store(known, Ordering::Relaxed);
        Ok(mine)
    }

    /// Lets another server lead.
    pub(super) async fn resign(&self, server: &str) -> Result<(), Error> {
        self.leads_until.store(0, Ordering::Relaxed);
        let mut tx = self.db.begin().await?;
        store::end_lease(&mut tx, &self.id, server).await?;
        tx.commit().await
    }

    /// Number of the newest row that is in the document.
    fn seq(&self) -> i64 {
        self.state().seq
    }

    /// Reads what others wrote.
    pub(crate) async fn follow(self: &Arc<Self>) -> Result<(), Error> {
        let _one_at_a_time = self.following.lock().await;
        loop {
            let from = self.seq();
            let rows = match log::after(&mut self.db.read(), &self.id, from).await? {
                Some(rows) => rows,
                // They are in a snapshot by now: all of it is read.
                None => {
                    let stored = log::load(&mut self.db.read(), &self.id).await?;
                    let seq = stored.seq;
                    stored.updates.into_iter().map(|update| (seq, update)).collect()
                }
            };
            if rows.is_empty() {
                return Ok(());
            }
            self.take_rows(rows);
        }
    }

    fn take_rows(self: &Arc<Self>, rows: Vec<(i64, Vec<u8>)>) {
        let mut state = self.state();
        let (seq, count) = (rows.last().map_or(0, |(seq, _)| *seq), rows.len());
        let bytes: usize = rows.iter().map(|(_, update)| update.len()).sum();
        let done = catch_unwind(AssertUnwindSafe(|| take(&state, rows)));
        state.seq = state.seq.max(seq);
        state.log_rows += count;
        state.log_bytes += bytes;
        match done {
            Ok(Some((update, before))) => {
                state.follow(&update);
                let frame = wire::update(&update);
                for peer in state.peers.values() {
                    peer.send_change(&frame, || before.clone());
                }
                self.derive_soon(&mut state);
                drop(state);
                let _ = self.changes.send(Change { by: Author::Replica });
            }
            Ok(None) => {}
            Err(_) => {
                state.end(&Close::RELOAD);
            }
        }
    }
}

/// What the rows of others did, and what the document was before; of our own rows that is nothing.
fn take(state: &State, rows: Vec<(i64, Vec<u8>)>) -> Option<(Vec<u8>, StateVector)> {
    let mut txn = state.doc.transact_mut_with("replica");
    for (_, update) in rows {
        let applied = Update::decode_v1(&update).ok().map(|update| txn.apply_update(update));
        if !matches!(applied, Some(Ok(()))) {
            tracing::error!("a row of a notebook's log can't be read");
        }
    }
    txn.commit();
    txn.has_changes().then(|| (txn.encode_update_v1(), txn.before_state().clone()))
}

impl Rooms {
    /// Follows the other servers, for as long as this one lives; what they say goes to `hear`, `None` when something
    /// may have been missed.
    pub(crate) async fn follow(self: Arc<Self>, hear: impl Fn(Option<&str>)) {
        let (notices, mut heard) = tokio::sync::mpsc::channel(1024);
        let listen = listen(self.db.url().to_owned(), notices, hear);
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let work = async {
            loop {
                tokio::select! {
                    Some((id, seq)) = heard.recv() => {
                        if let Some(room) = self.peek(&id).filter(|room| room.seq() < seq) {
                            report(&room, room.follow().await);
                        }
                    }
                    _ = look.tick() => {
                        self.servers.sweep(&self);
                        self.look().await;
                    }
                }
            }
        };
        tokio::join!(listen, work);
    }

    async fn look(&self) {
        for room in self.all() {
            let led = room.leads();
            let renewed = room.renew(&self.servers.name).await;
            if !led && matches!(renewed, Ok(true)) {
                // What came while nobody led is looked at now, also by whoever listens.
                room.derive_soon(&mut room.state());
                let _ = room.changes.send(Change { by: Author::Replica });
            }
            report(&room, renewed.map(|_| ()));
        }
        let since = self.clock.now().0 - 60_000;
        let changed = match store::changed_since(&mut self.db.read(), since).await {
            Ok(changed) => changed,
            Err(error) => return tracing::debug!(error = error.chain(), "changes of others are not known"),
        };
        for (id, seq) in changed {
            if let Some(room) = self.peek(&id).filter(|room| room.seq() < seq) {
                report(&room, room.follow().await);
            }
        }
    }

    /// Lets others lead at once what this server led.
    pub(crate) async fn resign(&self) {
        for room in self.all().into_iter().filter(|room| room.db.engine() == Engine::Postgres && room.leads())
        {
            report(&room, room.resign(&self.servers.name).await);
        }
    }
}

fn report(room: &Room, result: Result<(), Error>) {
    if let Err(error) = result {
        tracing::warn!(
            notebook = room.id,
            error = error.chain(),
            "another server could not be followed; trying again"
        );
    }
}

async fn listen(url: String, notices: tokio::sync::mpsc::Sender<(String, i64)>, hear: impl Fn(Option<&str>)) {
    loop {
        let outcome: Result<(), sqlx::Error> = async {
            let mut listener = sqlx::postgres::PgListener::connect(&url).await?;
            listener.listen_all(["castalia_notebooks", servers::CHANNEL]).await?;
            hear(None);
            loop {
                let notice = listener.recv().await?;
                if notice.channel() == servers::CHANNEL {
                    hear(Some(notice.payload()));
                    continue;
                }
                if let Some((id, seq)) = notice.payload().split_once(' ')
                    && let Ok(seq) = seq.parse()
                {
                    // What does not fit is found by looking.
                    let _ = notices.try_send((id.to_owned(), seq));
                }
            }
        }
        .await;
        if let Err(error) = outcome {
            tracing::debug!(%error, "listening for other servers was interrupted; connecting again");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
