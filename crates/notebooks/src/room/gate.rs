//! What a client may change.

use yrs::{ReadTxn, Update};

/// What an update would do to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: all of it is known.
    None,
    /// Something.
    Some,
    /// It stands on something that is not there.
    Later,
}

/// What `update` would do. The second step of the protocol always names everything that was ever deleted, so “does it
/// delete something” is answered by what is not deleted yet.
pub(super) fn effect(txn: &impl ReadTxn, update: &Update) -> Effect {
    let known = txn.state_vector();
    let inserted = update.insertions(true);
    let mut news = false;
    for (client, ranges) in inserted.iter() {
        let clock = known.get(client);
        let beyond = |end: u32| end > clock;
        if ranges.iter().any(|range| beyond(range.end)) {
            news = true;
            // The first that is new must follow what is there.
            let first = ranges.iter().filter(|range| beyond(range.end)).map(|range| range.start).min();
            if first.is_some_and(|start| start > clock) {
                return Effect::Later;
            }
        }
    }
    if news {
        return Effect::Some;
    }
    if update.delete_set().is_empty() {
        return Effect::None;
    }
    let left = update.delete_set().diff(&txn.snapshot().delete_set);
    if left.iter().all(|(_, ranges)| ranges.is_empty()) { Effect::None } else { Effect::Some }
}
