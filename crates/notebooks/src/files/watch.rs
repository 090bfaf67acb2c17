//! The task that looks after one open notebook's file and tissues.

use super::{Files, Keeper, WHO, status};
use crate::document::schema::PC_GRAPH;
use crate::document::{graph, shared};
use crate::room::{Author, Change, Room};
use castalia_base::Error;
use std::sync::{Arc, Weak};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Instant, sleep_until};

/// What is to be done when.
#[derive(Default)]
struct Due {
    /// The document, kept open while it is not in its file.
    room: Option<Arc<Room>>,
    first: Option<Instant>,
    save: Option<Instant>,
    graph: Option<Instant>,
    failures: u32,
}

impl Files {
    /// Runs until the room is closed or the server stops; then writes once more if there is something to write.
    pub(super) async fn watch(
        self: Arc<Self>,
        keeper: Arc<Keeper>,
        room: Weak<Room>,
        mut changes: Receiver<Change>,
    ) {
        let stop = self.tasks.stop_token();
        let mut due = Due::default();
        let Some(id) = room.upgrade().map(|room| room.id().to_owned()) else {
            return;
        };
        if let Some(room) = room.upgrade() {
            let opened = self.opened(&keeper, &room).await;
            if let Err(error) = &opened {
                tracing::warn!(notebook = id, error = error.chain(), "the file could not be looked at");
            }
            self.derive(&room);
            let unwritten = matches!(opened, Ok(false));
            if unwritten || room.read(|txn| status::dirty_since(txn).is_some()) {
                self.touched(&mut due, &room);
            }
        }
        loop {
            let (save, graph) = (due.save, due.graph);
            tokio::select! {
                () = stop.cancelled() => break,
                change = changes.recv() => match change {
                    Ok(Change { by: Author::Server(WHO) }) => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        let Some(room) = room.upgrade() else { break };
                        if !room.leads() {
                            // Another server has the file.
                            continue;
                        }
                        keeper.witness().look(room.read(|txn| shared::order(txn)));
                        self.touched(&mut due, &room);
                        due.graph.get_or_insert(Instant::now() + self.timing.graph);
                    }
                    Err(RecvError::Closed) => break,
                },
                () = at(graph) => {
                    due.graph = None;
                    room.upgrade().iter().for_each(|room| self.derive(room));
                }
                () = at(save) => self.save(&mut due).await,
            }
        }
        if let Some(room) = due.room.take() {
            self.derive(&room);
            drop(self.checkpoint(&room, false).await);
        }
        self.detach(&id, &keeper);
    }

    /// Whether there is a file.
    async fn opened(&self, keeper: &Keeper, room: &Arc<Room>) -> Result<bool, Error> {
        let _one = keeper.saving.lock().await;
        let looked = self.look(keeper, room).await;
        if let Err(error) = &looked {
            room.write(WHO, |txn| status::set_error(txn, error))?;
        }
        looked?;
        Ok(super::store::baseline(&mut self.db.read(), room.id()).await?.sha256.is_some())
    }

    /// The document was changed: it will be written when people pause, but not too late.
    fn touched(&self, due: &mut Due, room: &Arc<Room>) {
        let now = Instant::now();
        let first = *due.first.get_or_insert(now);
        due.save = Some((now + self.timing.quiet).min(first + self.timing.at_most));
        if due.failures > 0 {
            due.save = due.save.max(Some(first + self.timing.retry * (1 << due.failures.min(5))));
        }
        due.room.get_or_insert_with(|| room.clone());
        if room.read(|txn| status::dirty_since(txn).is_none()) {
            let at = self.clock.now();
            drop(room.write(WHO, |txn| status::set_dirty(txn, Some(at))));
        }
    }

    async fn save(&self, due: &mut Due) {
        let Some(room) = due.room.take() else {
            due.save = None;
            return;
        };
        if !room.leads() {
            (due.first, due.save) = (None, None);
            return;
        }
        let saved = self.checkpoint(&room, false).await;
        (due.first, due.save) = (None, None);
        if saved.is_ok() {
            due.failures = 0;
            return;
        }
        // The room stays open, so that the banner stays and nothing waits for the next visitor.
        due.failures += 1;
        let now = Instant::now();
        due.first = Some(now);
        due.save = Some(now + self.timing.retry * (1 << due.failures.min(5)));
        due.room = Some(room);
    }

    /// Computes the tissues anew; writes only what changed.
    fn derive(&self, room: &Arc<Room>) {
        if !room.leads() {
            return;
        }
        let (now, wanted) =
            room.read(|txn| (shared::read_graph(txn, PC_GRAPH), graph::pc_graph(&shared::read_outline(txn))));
        if now != wanted {
            drop(room.write(WHO, |txn| shared::write_graph(txn, PC_GRAPH, &wanted)));
        }
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
