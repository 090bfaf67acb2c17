//! The task that looks after one open notebook's file and tissues.

use super::place::Stamp;
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
    look: Option<Instant>,
    failures: u32,
}

/// How a file was when it was looked at last.
#[derive(Default)]
struct Seen {
    /// `None`: it has to be looked at, whatever its stamp.
    stamp: Option<Option<Stamp>>,
    /// It could not be; that is in the document.
    failed: bool,
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
        let (mut due, mut seen) = (Due::default(), Seen::default());
        let Some(id) = room.upgrade().map(|room| room.id().to_owned()) else {
            return;
        };
        if let Some(room) = room.upgrade() {
            let opened = self.opened(&keeper, &room).await;
            if let Err(error) = &opened {
                tracing::warn!(notebook = id, error = error.chain(), "the file could not be looked at");
            }
            seen.failed = opened.is_err();
            self.derive(&room);
            let unwritten = matches!(opened, Ok(false));
            if unwritten || room.read(|txn| status::dirty_since(txn).is_some()) {
                self.touched(&mut due, &room);
            }
        }
        loop {
            let (save, graph) = (due.save, due.graph);
            let look = keeper
                .is_shared()
                .then(|| *due.look.get_or_insert_with(|| Instant::now() + self.timing.look));
            tokio::select! {
                () = stop.cancelled() => break,
                change = changes.recv() => match change {
                    Ok(Change { by: Author::Server(WHO) }) => {}
                    change @ (Ok(_) | Err(RecvError::Lagged(_))) => {
                        let Some(room) = room.upgrade() else { break };
                        if !room.leads() {
                            // Another server has the file.
                            continue;
                        }
                        // What runs makes no cells and removes none, and changes much.
                        if !matches!(change, Ok(Change { by: Author::Server(crate::run::WHO) })) {
                            keeper.witness().look(room.read(|txn| shared::order(txn)));
                        }
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
                () = at(look) => {
                    let Some(room) = room.upgrade() else { break };
                    due.look = None;
                    if self.look_outside(&keeper, &room, &mut seen).await {
                        // Here is perhaps more than there.
                        self.touched(&mut due, &room);
                    }
                }
            }
        }
        if let Some(room) = due.room.take() {
            self.derive(&room);
            drop(self.checkpoint(&room, false).await);
        }
        self.detach(&id, &keeper);
    }

    /// Looks at a file that other programs work with, if it is not as it was; whether something was merged.
    async fn look_outside(&self, keeper: &Keeper, room: &Arc<Room>, seen: &mut Seen) -> bool {
        if !room.leads() {
            return false;
        }
        let _one = keeper.saving.lock().await;
        let stamp = async { self.ground.place(room.id()).await?.0.stamp().await }.await;
        let looked = match stamp {
            Ok(stamp) if seen.stamp == Some(stamp) => return false,
            Ok(stamp) => {
                seen.stamp = Some(stamp);
                self.look(keeper, room).await
            }
            Err(error) => {
                seen.stamp = None;
                Err(error)
            }
        };
        let failed = looked.is_err();
        let told = match &looked {
            Err(error) if room.read(|txn| !status::says(txn, error)) => {
                tracing::warn!(
                    notebook = room.id(),
                    error = error.chain(),
                    "the file could not be looked at"
                );
                room.write(WHO, |txn| status::set_error(txn, error)).map(drop)
            }
            Ok(_) if seen.failed => room.write(WHO, status::clear_error).map(drop),
            _ => Ok(()),
        };
        drop(told);
        seen.failed = failed;
        looked.unwrap_or(false)
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
