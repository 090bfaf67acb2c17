//! The order of the cells of three notebooks.

use super::{Edit, Merged};
use crate::document::model::Notebook;
use std::collections::HashSet;

/// Adds the order that the document should have, if it is another than it has.
///
/// Whoever moved cells decides; when both did, the document does (no content depends on it).
pub(super) fn merge(base: &Notebook, ours: &Notebook, theirs: &Notebook, merged: &mut Merged) {
    let (was, now, file) = (ids(base), ids(ours), ids(theirs));
    let gone: HashSet<&str> = merged.edits.iter().filter_map(removed).collect();
    let come: HashSet<&str> = merged.edits.iter().filter_map(inserted).collect();
    let stay: HashSet<&str> = now.iter().copied().filter(|id| !gone.contains(id)).collect();
    let common: HashSet<&str> =
        stay.iter().copied().filter(|id| was.contains(id) && file.contains(id)).collect();
    let part = |order: &[&str]| -> Vec<String> {
        order.iter().filter(|id| common.contains(*id)).map(|id| (*id).to_owned()).collect()
    };
    let they_moved = part(&was) != part(&file);
    let we_moved = part(&was) != part(&now);
    let take = |order: &[&str], set: &HashSet<&str>| -> Vec<String> {
        order.iter().filter(|id| set.contains(*id)).map(|id| (*id).to_owned()).collect()
    };
    let all: HashSet<&str> = stay.union(&come).copied().collect();
    let order = if they_moved && !we_moved {
        weave(take(&file, &all), &now, &stay)
    } else {
        weave(take(&now, &stay), &file, &come)
    };
    if order.iter().map(String::as_str).ne(now.iter().copied()) {
        merged.edits.push(Edit::Order(order));
    }
}

/// Puts those of `from` that are in `set` and not yet in `order` behind the one that they stand behind in `from`.
fn weave(mut order: Vec<String>, from: &[&str], set: &HashSet<&str>) -> Vec<String> {
    let mut place = 0;
    for id in from {
        if let Some(at) = order.iter().position(|known| known == id) {
            place = at + 1;
        } else if set.contains(id) {
            order.insert(place, (*id).to_owned());
            place += 1;
        }
    }
    order
}

fn ids(notebook: &Notebook) -> Vec<&str> {
    notebook.cells.iter().map(|cell| cell.id.as_str()).collect()
}

fn removed(edit: &Edit) -> Option<&str> {
    match edit {
        Edit::Remove(id) => Some(id),
        _ => None,
    }
}

fn inserted(edit: &Edit) -> Option<&str> {
    match edit {
        Edit::Insert(cell) => Some(&cell.id),
        _ => None,
    }
}

/// The cells that somebody moved, when `ids` is the order now: as few as can be.
pub(super) fn moved(before: &Notebook, ids: &[String]) -> Vec<String> {
    let place = |id: &str| ids.iter().position(|other| other == id);
    let known: Vec<(&str, usize)> =
        before.cells.iter().filter_map(|cell| Some((cell.id.as_str(), place(&cell.id)?))).collect();
    let stays = ascending(&known.iter().map(|(_, place)| *place).collect::<Vec<_>>());
    let moved = known.iter().enumerate().filter(|(nth, _)| !stays.contains(nth));
    moved.map(|(_, (id, _))| (*id).to_owned()).collect()
}

/// The positions of a longest ascending part of a list of distinct numbers.
pub(super) fn ascending(list: &[usize]) -> HashSet<usize> {
    let (mut tails, mut before): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), vec![None; list.len()]);
    for (at, value) in list.iter().enumerate() {
        let place = tails.partition_point(|tail| list[*tail] < *value);
        before[at] = place.checked_sub(1).map(|place| tails[place]);
        match tails.get_mut(place) {
            Some(tail) => *tail = at,
            None => tails.push(at),
        }
    }
    std::iter::successors(tails.last().copied(), |at| before[*at]).collect()
}
