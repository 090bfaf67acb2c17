//! The way of changes into the log: several in one row, told to be saved once they are.
//!
//! While the database is away the list grows and is tried again; nothing of it is said to be saved. Rows that grew
//! many are put together into a snapshot, so that the log is at most a small multiple of the document.

use super::{Close, Peer, Room, State, wire};
use crate::store::log::{self, Statement};
use castalia_base::Error;
use castalia_db::Engine;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use yrs::{ReadTxn, StateVector, Transact, merge_updates_v1};

/// Commits are at least this far apart; what comes meanwhile shares a row.
const PAUSE: Duration = Duration::from_millis(15);
/// The same while nobody waits for them: what people write is with its readers already, and with its writers until it is
/// told to be saved. A commit costs as much as dozens of deliveries.
const UNHURRIED: Duration = Duration::from_millis(75);
/// How long to wait after a commit that failed.
const RETRY: Duration = Duration::from_millis(500);

/// A change on its way into the log.
pub(crate) struct Pending {
    pub(super) update: Option<Vec<u8>>,
    /// Whose it is, and how many of that connection's updates are dealt with once it is saved.
    peer: Option<(Arc<Peer>, u64)>,
    with: Vec<Statement>,
    receipt: Option<oneshot::Sender<()>>,
    server: bool,
}

impl Pending {
    pub(super) fn of_server(update: Option<Vec<u8>>, with: Vec<Statement>) -> (Self, Saved) {
        let (sender, receiver) = oneshot::channel();
        (Self { update, peer: None, with, receipt: Some(sender), server: true }, Saved(receiver))
    }
    pub(super) fn of_peer(update: Option<Vec<u8>>, peer: Arc<Peer>, count: u64) -> Self {
        Self { update, peer: Some((peer, count)), with: Vec::new(), receipt: None, server: false }
    }
}

/// Ready once a change is in the database.
#[derive(Debug)]
pub struct Saved(oneshot::Receiver<()>);

impl Future for Saved {
    type Output = Result<(), Error>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|done| {
            done.map_err(|_| Error::conflict("room_closed", "the notebook was closed or deleted meanwhile"))
        })
    }
}

impl Room {
    /// Puts a change on the list, and somebody on the way with it.
    pub(super) fn enqueue(self: &Arc<Self>, state: &mut State, pending: Pending) {
        state.bytes += pending.update.as_ref().map_or(0, Vec::len);
        if pending.server && state.unpublished == 1 {
            self.hurry.notify_one();
        }
        state.pending.push(pending);
        if !state.persisting {
            state.persisting = true;
            self.tasks.spawn("notebooks.persist", self.clone().persist());
        }
    }

    /// When the next commit may begin; none when it may now.
    pub(crate) fn due(&self) -> Option<tokio::time::Instant> {
        let due = self.state().committed_at? + PAUSE;
        (due > Instant::now()).then(|| due.into())
    }

    /// Ready when it is time for the next commit.
    async fn is_time(&self) {
        loop {
            let rest = {
                let state = self.state();
                // Other servers read what people write from the log, and so do those who are connected to them.
                let waited_for = state.unpublished > 0 || self.db.engine() == Engine::Postgres;
                let pause = if waited_for { PAUSE } else { UNHURRIED };
                state.committed_at.map_or(Duration::ZERO, |at| pause.saturating_sub(at.elapsed()))
            };
            if rest.is_zero() {
                return;
            }
            _ = tokio::time::timeout(rest, self.hurry.notified()).await;
        }
    }

    /// Ready once everything that was changed so far is in the database.
    ///
    /// # Errors
    /// `room_closed`.
    pub async fn flush(self: &Arc<Self>) -> Result<(), Error> {
        let saved = {
            let mut state = self.state();
            if state.pending.is_empty() && !state.persisting {
                return Ok(());
            }
            let (pending, saved) = Pending::of_server(None, Vec::new());
            state.unpublished += 1;
            self.enqueue(&mut state, pending);
            saved
        };
        saved.await
    }

    async fn persist(self: Arc<Self>) {
        loop {
            self.is_time().await;
            let (batch, cells) = {
                let mut state = self.state();
                if state.pending.is_empty() {
                    state.persisting = false;
                    break;
                }
                (std::mem::take(&mut state.pending), state.cells())
            };
            let updates = merged(batch.iter().filter_map(|p| p.update.as_deref()).collect());
            let Some(seq) = self.commit(&batch, &updates, cells).await else {
                // The notebook is gone, or can't be written at all: receipts are dropped, which says so.
                let mut state = self.state();
                state.persisting = false;
                state.end(&Close::DELETED);
                state.pending.clear();
                return;
            };
            self.committed(batch, updates, seq);
            // Not only once there is nothing more: some never stop.
            if self.wants_compaction() {
                self.compact().await;
            }
        }
    }

    /// Writes a batch, however often it takes; the number of its row (0 when there was nothing to write), or `None` when
    /// the notebook is gone.
    async fn commit(&self, batch: &[Pending], updates: &[Vec<u8>], cells: i64) -> Option<i64> {
        let with: Vec<Statement> = batch.iter().flat_map(|p| p.with.clone()).collect();
        if updates.is_empty() && with.is_empty() {
            return Some(0);
        }
        // An empty update carries statements alone.
        let empty = [yrs::Update::EMPTY_V1.to_vec()];
        let updates = if updates.is_empty() { &empty } else { updates };
        let stop = self.tasks.stop_token();
        loop {
            let written = async {
                let mut tx = self.db.begin().await?;
                let seq = log::append(&mut tx, &self.id, updates, cells, &with, self.clock.now()).await?;
                tx.commit().await?;
                Ok::<_, Error>(seq)
            };
            match written.await {
                Ok(seq) => {
                    let bytes: usize = updates.iter().map(Vec::len).sum();
                    metrics::counter!("castalia_notebook_log_bytes_total").increment(bytes as u64);
                    return seq;
                }
                Err(error) => {
                    tracing::warn!(
                        notebook = self.id,
                        error = error.chain(),
                        "changes of a notebook could not be saved; trying again"
                    );
                    if stop.is_cancelled() {
                        return None;
                    }
                }
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Tells everybody whom it concerns.
    fn committed(&self, batch: Vec<Pending>, updates: Vec<Vec<u8>>, seq: i64) {
        let news = if batch.iter().all(|p| p.server || p.update.is_none()) {
            updates
        } else {
            merged(batch.iter().filter(|p| p.server).filter_map(|p| p.update.as_deref()).collect())
        };
        let mut state = self.state();
        state.committed_at = Some(Instant::now());
        if seq > 0 {
            // With several replicas there may be rows of others in between; those are read by `follow`.
            if seq == state.seq + 1 {
                state.seq = seq;
            }
            state.log_rows += 1;
            state.log_bytes += batch.iter().filter_map(|p| p.update.as_ref()).map(Vec::len).sum::<usize>();
        }
        for update in news {
            let frame = wire::update(&update);
            // What a reader that falls behind here has for sure is not known any more; so it gets all.
            for peer in state.peers.values() {
                peer.send_change(&frame, StateVector::default);
            }
        }
        for pending in batch {
            state.unpublished -= usize::from(pending.server);
            if let Some((peer, count)) = pending.peer {
                peer.saved(count);
            }
            if let Some(receipt) = pending.receipt {
                let _ = receipt.send(());
            }
        }
    }

    fn wants_compaction(&self) -> bool {
        let state = self.state();
        state.over.is_none()
            && (state.log_rows >= self.limits.log_rows
                || state.log_bytes > self.limits.log_bytes.max(2 * state.snapshot_bytes))
    }

    /// Puts a snapshot in the place of the rows. A failure is no harm: the rows are still there.
    pub(super) async fn compact(&self) {
        let (seq, snapshot) = {
            let state = self.state();
            let snapshot = catch_unwind(AssertUnwindSafe(|| {
                state.doc.transact().encode_state_as_update_v1(&StateVector::default())
            }));
            match snapshot {
                Ok(snapshot) => (state.seq, snapshot),
                Err(_) => return,
            }
        };
        let bytes = snapshot.len();
        let written = async {
            let mut tx = self.db.begin().await?;
            log::compact(&mut tx, &self.id, seq, snapshot, self.clock.now()).await?;
            tx.commit().await
        };
        match written.await {
            Ok(()) => {
                let mut state = self.state();
                (state.log_rows, state.log_bytes) = (0, 0);
                (state.snapshot_bytes, state.bytes) = (bytes, bytes);
            }
            Err(error) => tracing::warn!(
                notebook = self.id,
                error = error.chain(),
                "a notebook's log could not be shortened; trying again later"
            ),
        }
    }
}

/// One update that does what these do; all of them as they are where that can't be.
fn merged(updates: Vec<&[u8]>) -> Vec<Vec<u8>> {
    if updates.len() > 1 {
        match catch_unwind(AssertUnwindSafe(|| merge_updates_v1(&updates))) {
            Ok(Ok(merged)) => return vec![merged],
            _ => tracing::error!("updates could not be merged; they are kept apart"),
        }
    }
    updates.into_iter().map(<[u8]>::to_vec).collect()
}
