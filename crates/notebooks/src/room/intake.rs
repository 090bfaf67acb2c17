//! Updates that come in: known ones are nothing, early ones wait, the others pass the gate or are refused.

use super::gate::{self, Effect, Known, No, Shadow};
use super::{Author, Change, Close, Peer, Pending, Role, Room, State, wire};
use bytes::Bytes;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use yrs::updates::decoder::Decode;
use yrs::{StateVector, Transact, Update};

/// Bytes and number of updates of one connection that may wait for what they stand on.
const WAITING_BYTES: usize = 32 << 20;
const WAITING: usize = 4096;

/// Why something was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The connection has to end.
    Close(Close),
    /// The update is not taken: a code and why.
    Refused(&'static str, String),
}

const READ_ONLY: (&str, &str) = ("read_only", "you may not change this notebook");

/// Updates of a client as they came.
pub(super) struct Delivery {
    pub(super) updates: Vec<Bytes>,
    /// They answer the server's first step, and so name all that was ever deleted.
    pub(super) whole: bool,
    /// How many updates came over the connection, with these.
    pub(super) count: u64,
}

/// What becomes of a delivery.
struct Sorted {
    /// To be taken.
    take: Vec<Bytes>,
    /// Must wait.
    wait: Vec<Bytes>,
}

impl Room {
    /// The client begins anew: what it sent of a document before is nothing to us.
    pub(super) fn begin(&self, peer: &Peer) {
        *peer.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Default::default();
    }

    /// Takes what came over a connection, as one change. `Err` when something was refused; what came before it is taken.
    pub(super) fn receive(self: &Arc<Self>, peer: &Arc<Peer>, delivery: Delivery) -> Result<(), Refusal> {
        let mut waiting = peer.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.refused {
            peer.saved(delivery.count);
            return Ok(());
        }
        let mut state = self.state();
        if let Some(close) = &state.over {
            return Err(Refusal::Close(close.clone()));
        }
        let (count, whole) = (delivery.count, delivery.whole);
        let all: Vec<Bytes> =
            std::mem::take(&mut waiting.updates).into_iter().chain(delivery.updates).collect();
        let result = self.admit(&mut state, peer, all, whole);
        let update = match result {
            Ok((update, wait)) => {
                let bytes: usize = wait.iter().map(Bytes::len).sum();
                if wait.len() > WAITING || bytes > WAITING_BYTES {
                    return Err(Refusal::Close(Close::TOO_BIG));
                }
                waiting.updates = wait;
                update
            }
            Err(refusal) => {
                waiting.refused = true;
                if refusal == Refusal::Close(Close::RELOAD) {
                    self.poisoned(&mut state);
                }
                return Err(refusal);
            }
        };
        let dealt_with = count - waiting.updates.len() as u64;
        let changed = update.is_some();
        self.enqueue(&mut state, Pending::of_peer(update, peer.clone(), dealt_with));
        if changed {
            self.derive_soon(&mut state);
        }
        drop(state);
        if changed {
            let _ = self.changes.send(Change { by: Author::Person(peer.person.clone()) });
        }
        Ok(())
    }

    /// What the updates did, told to the others, and what has to wait.
    fn admit(
        &self,
        state: &mut State,
        peer: &Peer,
        updates: Vec<Bytes>,
        whole: bool,
    ) -> Result<(Option<Vec<u8>>, Vec<Bytes>), Refusal> {
        let sorted =
            catch_unwind(AssertUnwindSafe(|| sort(state, updates, whole || peer.role() < Role::Edit)))
                .unwrap_or(Err(Refusal::Close(Close::BROKEN)))?;
        if sorted.take.is_empty() {
            return Ok((None, sorted.wait));
        }
        if peer.role() < Role::Edit {
            return Err(Refusal::Refused(READ_ONLY.0, READ_ONLY.1.into()));
        }
        let bytes: usize = sorted.take.iter().map(Bytes::len).sum();
        if state.bytes + bytes > self.limits.document_bytes {
            let text = format!("a notebook may have {} bytes", self.limits.document_bytes);
            return Err(Refusal::Refused("document_full", text));
        }
        let parts: Vec<&[u8]> = sorted.take.iter().map(|update| &**update).collect();
        match state.checked(&parts) {
            Ok(()) => {}
            Err(No::Later) => return Ok((None, sorted.take.into_iter().chain(sorted.wait).collect())),
            Err(No::Broken) => return Err(Refusal::Close(Close::BROKEN)),
            Err(No::Refused(why)) => return Err(Refusal::Refused("not_yours", why)),
        }
        let Some((update, before)) = apply(state, &parts)? else { return Ok((None, sorted.wait)) };
        let frame = wire::update(&update);
        for other in state.peers.values().filter(|other| other.id != peer.id) {
            other.send_change(&frame, || before.clone());
        }
        Ok((Some(update), sorted.wait))
    }
}

impl State {
    /// Asks the gate.
    fn checked(&mut self, updates: &[&[u8]]) -> Result<(), No> {
        if self.shadow.is_none() {
            self.shadow = Shadow::of(&self.doc.transact());
        }
        let Some(shadow) = &mut self.shadow else { return Err(No::Broken) };
        let verdict = shadow.check(updates);
        if verdict.is_err() {
            self.shadow = None;
        }
        verdict
    }
}

/// Sorts updates into those that do something, those that wait, and those that are known and are left out.
fn sort(state: &State, updates: Vec<Bytes>, look_at_deletions: bool) -> Result<Sorted, Refusal> {
    let txn = state.doc.transact();
    let mut known = Known::of(&txn);
    let mut sorted = Sorted { take: Vec::new(), wait: Vec::new() };
    for bytes in updates {
        let update = Update::decode_v1(&bytes).map_err(|_| Refusal::Close(Close::BROKEN))?;
        match known.insertions(&update) {
            Effect::Some => sorted.take.push(bytes),
            Effect::Later => sorted.wait.push(bytes),
            Effect::None if update.delete_set().is_empty() => {}
            Effect::None if look_at_deletions && !gate::deletes(&txn, &update) => {}
            Effect::None => sorted.take.push(bytes),
        }
    }
    Ok(sorted)
}

/// Applies what the gate let through; what it did, and what the document was before.
fn apply(state: &State, updates: &[&[u8]]) -> Result<Option<(Vec<u8>, StateVector)>, Refusal> {
    let done = catch_unwind(AssertUnwindSafe(|| {
        let mut txn = state.doc.transact_mut_with("peer");
        for update in updates {
            let update = Update::decode_v1(update).map_err(|_| Refusal::Close(Close::BROKEN))?;
            txn.apply_update(update).map_err(|_| Refusal::Close(Close::BROKEN))?;
        }
        txn.commit();
        Ok(txn.has_changes().then(|| (txn.encode_update_v1(), txn.before_state().clone())))
    }));
    done.unwrap_or(Err(Refusal::Close(Close::RELOAD)))
}
