//! Which cell of the file is which of ours, when a tool has dropped or renewed the ids.

use crate::document::model::{Cell, CellKind, Notebook};
use std::collections::{HashMap, HashSet};

/// How much of a text must be the same for a cell to count as a changed one rather than another.
const ALIKE: f32 = 0.6;

/// `theirs` with the ids that its cells have with us: by id, then by equal content, then by similar content at the same
/// place.
pub(super) fn with_ids_of(base: &Notebook, ours: &Notebook, theirs: &Notebook) -> Notebook {
    let mut theirs = theirs.clone();
    let known: HashSet<&str> = base.cells.iter().chain(&ours.cells).map(|cell| cell.id.as_str()).collect();
    let there: HashSet<String> = theirs.cells.iter().map(|cell| cell.id.clone()).collect();
    let mut free: Vec<&Cell> = base.cells.iter().filter(|cell| !there.contains(&cell.id)).collect();
    if free.is_empty() {
        return theirs;
    }
    let mut renamed: HashMap<String, String> = HashMap::new();
    let mut by_content: HashMap<(CellKind, &str), Vec<&str>> = HashMap::new();
    for cell in free.iter().rev() {
        by_content.entry((cell.kind, cell.source.as_str())).or_default().push(&cell.id);
    }
    for cell in theirs.cells.iter().filter(|cell| !known.contains(cell.id.as_str())) {
        if let Some(id) = by_content.get_mut(&(cell.kind, cell.source.as_str())).and_then(Vec::pop) {
            renamed.insert(cell.id.clone(), id.to_owned());
        }
    }
    let taken: HashSet<&String> = renamed.values().collect();
    free.retain(|cell| !taken.contains(&cell.id));
    let near = alike(&free, base, &theirs, &known, &renamed);
    renamed.extend(near);
    for cell in &mut theirs.cells {
        if let Some(id) = renamed.get(&cell.id) {
            cell.id.clone_from(id);
        }
    }
    let rename = |id: String| renamed.get(&id).cloned().unwrap_or(id);
    let graph = std::mem::take(&mut theirs.np_graph);
    theirs.np_graph =
        graph.into_iter().map(|(from, to)| (rename(from), to.into_iter().map(rename).collect())).collect();
    theirs
}

/// Pairs new cells with vanished ones that have the same predecessor.
fn alike(
    free: &[&Cell],
    base: &Notebook,
    theirs: &Notebook,
    known: &HashSet<&str>,
    renamed: &HashMap<String, String>,
) -> HashMap<String, String> {
    let mut pairs = HashMap::new();
    for (at, cell) in theirs.cells.iter().enumerate() {
        if known.contains(cell.id.as_str()) || renamed.contains_key(&cell.id) {
            continue;
        }
        let ours = |id: &String| renamed.get(id).or(pairs.get(id)).unwrap_or(id).clone();
        let before = at.checked_sub(1).map(|at| ours(&theirs.cells[at].id));
        let place = match &before {
            None => Some(0),
            Some(id) => base.cells.iter().position(|cell| cell.id == *id).map(|at| at + 1),
        };
        let Some(candidate) = place.and_then(|place| base.cells.get(place)) else {
            continue;
        };
        let vanished = free.iter().any(|free| free.id == candidate.id);
        if vanished && candidate.kind == cell.kind && similar(&candidate.source, &cell.source) {
            pairs.insert(cell.id.clone(), candidate.id.clone());
        }
    }
    pairs
}

fn similar(a: &str, b: &str) -> bool {
    similar::TextDiff::from_words(a, b).ratio() >= ALIKE
}
