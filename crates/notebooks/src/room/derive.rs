//! What the server tidies a moment after people wrote: an order has no id twice, and cells that have stood in no order
//! for long are removed. (Tissues are derived where files are looked after.)

use super::{DERIVE, Room, State};
use crate::document::schema::{CELL, CELLS};
use crate::document::shared;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use yrs::{Any, Array, Map, Out, ReadTxn, TransactionMut};

/// People type; this long after they began it is looked at.
const PAUSE: Duration = Duration::from_millis(200);
/// A cell that is in no order may be brought back by an undo for so long.
const KEPT: Duration = Duration::from_secs(600);

/// What the room remembers between two looks.
#[derive(Default)]
pub(super) struct Derived {
    on_its_way: bool,
    /// Cells without a place, and since when.
    lost: BTreeMap<String, Instant>,
}

impl Room {
    /// Somebody changed something: it is looked at soon.
    pub(super) fn derive_soon(self: &Arc<Self>, state: &mut State) {
        if std::mem::replace(&mut state.derived.on_its_way, true) {
            return;
        }
        let room = self.clone();
        self.tasks.spawn("notebooks.derive", async move {
            tokio::time::sleep(PAUSE).await;
            room.state().derived.on_its_way = false;
            if room.leads() {
                room.derive();
            }
        });
    }

    fn derive(self: &Arc<Self>) {
        let wanted = self.read(|txn| Wanted::of(txn));
        let (lost, doubles) = {
            let mut state = self.state();
            (state.derived.outlived(&wanted.placeless), wanted.doubles)
        };
        if !doubles && lost.is_empty() {
            return;
        }
        let written = self.write(DERIVE, |txn| {
            remove_doubles(txn);
            if let Some(cells) = txn.get_map(CELL) {
                lost.iter().for_each(|id| drop(cells.remove(txn, id)));
            }
        });
        if let Err(error) = written {
            tracing::debug!(notebook = self.id(), error = error.chain(), "nothing was derived");
        }
    }
}

impl Derived {
    /// Those that have been without a place for too long.
    fn outlived(&mut self, placeless: &[String]) -> Vec<String> {
        let now = Instant::now();
        self.lost.retain(|id, _| placeless.contains(id));
        for id in placeless {
            self.lost.entry(id.clone()).or_insert(now);
        }
        self.lost
            .iter()
            .filter(|(_, since)| now.duration_since(**since) > KEPT)
            .map(|(id, _)| id.clone())
            .collect()
    }
}

struct Wanted {
    doubles: bool,
    placeless: Vec<String>,
}

impl Wanted {
    fn of(txn: &impl ReadTxn) -> Self {
        let order = shared::order(txn);
        let doubles = txn.get_array(CELLS).is_some_and(|cells| cells.len(txn) as usize != order.len());
        let placed: HashSet<&str> = order.iter().map(String::as_str).collect();
        let placeless = txn.get_map(CELL).map_or_else(Vec::new, |cells| {
            cells.keys(txn).filter(|id| !placed.contains(*id)).map(str::to_owned).collect()
        });
        Self { doubles, placeless }
    }
}

/// Two people who move one cell at the same time leave it in two places; the first counts.
fn remove_doubles(txn: &mut TransactionMut<'_>) {
    let Some(cells) = txn.get_array(CELLS) else { return };
    let mut seen = HashSet::new();
    let mut doubles = Vec::new();
    for (at, id) in (0u32..).zip(cells.iter(txn)) {
        let first = matches!(&id, Out::Any(Any::String(id)) if seen.insert(id.clone()));
        if !first {
            doubles.push(at);
        }
    }
    doubles.into_iter().rev().for_each(|at| cells.remove(txn, at));
}
