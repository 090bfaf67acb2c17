//! Which units want attention: each at most once in the queue and at most once in work.

use std::collections::{HashMap, VecDeque};

use crate::UnitId;

#[derive(PartialEq, Eq)]
enum State {
    Queued,
    Working,
    /// In work, and nudged meanwhile: look again afterwards.
    Again,
}

/// The queue of one reconciler.
#[derive(Default)]
pub(super) struct Queue {
    states: HashMap<UnitId, State>,
    order: VecDeque<UnitId>,
}

impl Queue {
    pub(super) fn add(&mut self, id: UnitId) {
        match self.states.get_mut(&id) {
            Some(state @ State::Working) => *state = State::Again,
            Some(_) => {}
            None => {
                self.states.insert(id.clone(), State::Queued);
                self.order.push_back(id);
            }
        }
    }

    pub(super) fn next(&mut self) -> Option<UnitId> {
        let id = self.order.pop_front()?;
        self.states.insert(id.clone(), State::Working);
        Some(id)
    }

    pub(super) fn done(&mut self, id: &UnitId) {
        if self.states.remove(id) == Some(State::Again) {
            self.add(id.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_never_worked_on_twice_at_once_and_no_nudge_is_lost() {
        let mut queue = Queue::default();
        let id: UnitId = "unit_a".parse().unwrap();
        queue.add(id.clone());
        queue.add(id.clone());
        assert_eq!(queue.next(), Some(id.clone()));
        assert_eq!(queue.next(), None);
        queue.add(id.clone());
        assert_eq!(queue.next(), None);
        queue.done(&id);
        assert_eq!(queue.next(), Some(id.clone()));
        queue.done(&id);
        assert_eq!(queue.next(), None);
    }
}
