//! What the backend knows of its units, in memory.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::{Observed, Phase, UnitId};

/// Ids of removed units that are remembered, so that a late start of one of them stays a no-op.
const REMEMBERED: usize = 65_536;

#[derive(Default)]
pub(super) struct Table {
    units: HashMap<UnitId, Observed>,
    /// Shims that died before they claimed the run, per unit.
    failures: HashMap<UnitId, u32>,
    removed: HashSet<UnitId>,
    removed_order: VecDeque<UnitId>,
}

impl Table {
    pub(super) fn get(&self, id: &UnitId) -> Option<&Observed> {
        self.units.get(id)
    }

    pub(super) fn all(&self) -> Vec<Observed> {
        self.units.values().cloned().collect()
    }

    pub(super) fn put(&mut self, observed: Observed) {
        self.units.insert(observed.id.clone(), observed);
    }

    pub(super) fn update(&mut self, id: &UnitId, change: impl FnOnce(&mut Observed)) {
        if let Some(observed) = self.units.get_mut(id) {
            change(observed);
        }
    }

    /// Takes what was read from a folder. An end is final: whoever read the folder earlier and comes later is ignored.
    pub(super) fn renew(&mut self, seen: Observed) {
        self.update(&seen.id.clone(), |known| {
            if !matches!(known.phase, Phase::Ended(_)) {
                known.phase = seen.phase;
                known.progress = seen.progress;
                known.usage = seen.usage;
            }
        });
    }

    /// Forgets a unit that could not be accepted.
    pub(super) fn withdraw(&mut self, id: &UnitId) {
        self.units.remove(id);
    }

    pub(super) fn remove(&mut self, id: &UnitId) {
        self.failures.remove(id);
        if self.units.remove(id).is_some() && self.removed.insert(id.clone()) {
            self.removed_order.push_back(id.clone());
        }
        while self.removed_order.len() > REMEMBERED {
            if let Some(oldest) = self.removed_order.pop_front() {
                self.removed.remove(&oldest);
            }
        }
    }

    pub(super) fn was_removed(&self, id: &UnitId) -> bool {
        self.removed.contains(id)
    }

    /// Counts a shim that died too early; returns how many did.
    pub(super) fn failed(&mut self, id: &UnitId) -> u32 {
        let count = self.failures.entry(id.clone()).or_default();
        *count += 1;
        *count
    }
}
