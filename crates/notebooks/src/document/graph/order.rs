//! Which cells a run takes, in which order. All functions give code cells only, each once.

use super::pc_graph;
use crate::document::model::{Cell, CellKind};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// Edges that lead back to where they came from, so that nothing in them can run first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle(pub Vec<String>);

impl std::fmt::Display for Cycle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the edges go round in a circle: {}", self.0.join(" → "))
    }
}

impl std::error::Error for Cycle {}

/// The cells of a tissue and of those within it. A cell that is no tissue stands for itself.
pub fn of_tissue(cells: &[Cell], tissue: &str) -> Vec<String> {
    let graph = pc_graph(cells);
    let inside = below(&graph, tissue);
    code(cells, |cell| inside.contains(cell.id.as_str()))
}

/// The cells from this one on.
pub fn from_here(cells: &[Cell], cell: &str) -> Vec<String> {
    let start = cells.iter().position(|other| other.id == cell).unwrap_or(cells.len());
    code(&cells[start..], |_| true)
}

/// The cells up to this one, with it.
pub fn to_here(cells: &[Cell], cell: &str) -> Vec<String> {
    let end = cells.iter().position(|other| other.id == cell).map_or(0, |at| at + 1);
    code(&cells[..end], |_| true)
}

/// The cells along the edges: those of everything that can be reached from `from`, or of everything that has an edge
/// when there is no `from`. An edge from or to a tissue means all of its cells. What is not ordered by edges keeps the
/// order of the file.
///
/// # Errors
/// [`Cycle`] with the ids in the circle.
pub fn along(
    cells: &[Cell],
    np_graph: &BTreeMap<String, Vec<String>>,
    from: Option<&str>,
) -> Result<Vec<String>, Cycle> {
    let known: HashMap<&str, usize> =
        cells.iter().enumerate().map(|(at, cell)| (cell.id.as_str(), at)).collect();
    let next = |id: &str| np_graph.get(id).into_iter().flatten().filter(|to| known.contains_key(to.as_str()));
    let taken = match from {
        Some(from) => reach(from, &next),
        None => np_graph.iter().filter(|(from, _)| known.contains_key(from.as_str())).fold(
            HashSet::new(),
            |mut all, (from, _)| {
                all.insert(from.as_str());
                all.extend(next(from).map(String::as_str));
                all
            },
        ),
    };
    let nodes = sorted(&taken, &known, &next)?;
    let graph = pc_graph(cells);
    let (mut out, mut seen) = (Vec::new(), HashSet::new());
    for node in nodes {
        let inside = below(&graph, node);
        // A part that is ordered on its own keeps its own place.
        let own = |cell: &Cell| cell.id == node || !taken.contains(cell.id.as_str());
        for id in code(cells, |cell| inside.contains(cell.id.as_str()) && own(cell)) {
            if seen.insert(id.clone()) {
                out.push(id);
            }
        }
    }
    Ok(out)
}

fn reach<'a, I>(from: &'a str, next: &impl Fn(&str) -> I) -> HashSet<&'a str>
where
    I: Iterator<Item = &'a String>,
{
    let (mut seen, mut queue) = (HashSet::from([from]), VecDeque::from([from]));
    while let Some(id) = queue.pop_front() {
        for to in next(id) {
            if seen.insert(to.as_str()) {
                queue.push_back(to);
            }
        }
    }
    seen
}

/// Sorts topologically; among those that may be next, the first in the file is.
fn sorted<'a, I>(
    taken: &HashSet<&'a str>,
    known: &HashMap<&str, usize>,
    next: &impl Fn(&str) -> I,
) -> Result<Vec<&'a str>, Cycle>
where
    I: Iterator<Item = &'a String>,
{
    let mut waits: HashMap<&str, usize> = taken.iter().map(|id| (*id, 0)).collect();
    for id in taken {
        for to in next(id).collect::<HashSet<_>>() {
            if let Some(count) = waits.get_mut(to.as_str()) {
                *count += 1;
            }
        }
    }
    let mut ready: BTreeMap<usize, &str> = BTreeMap::new();
    let place = |id: &str| known.get(id).copied().unwrap_or(usize::MAX);
    ready.extend(taken.iter().filter(|id| waits[**id] == 0).map(|id| (place(id), *id)));
    let mut out = Vec::new();
    while let Some((_, id)) = ready.pop_first() {
        out.push(id);
        for to in next(id).collect::<HashSet<_>>() {
            if let Some(count) = waits.get_mut(to.as_str()) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(place(to), to);
                }
            }
        }
    }
    if out.len() == taken.len() {
        return Ok(out);
    }
    let done: HashSet<&str> = out.into_iter().collect();
    Err(circle(taken.iter().filter(|id| !done.contains(**id)).copied().collect(), next))
}

/// One circle among ids of which each waits for another.
fn circle<'a, I>(stuck: HashSet<&str>, next: &impl Fn(&str) -> I) -> Cycle
where
    I: Iterator<Item = &'a String>,
{
    // Walking against the edges can't end, so it comes back somewhere.
    let before = |id: &str| stuck.iter().filter(|other| next(other).any(|to| to == id)).min().copied();
    let mut path: Vec<&str> = stuck.iter().min().copied().into_iter().collect();
    while let Some(id) = path.last().and_then(|last| before(last)) {
        if let Some(at) = path.iter().position(|seen| *seen == id) {
            let mut found: Vec<String> = path[at..].iter().rev().map(|id| (*id).to_owned()).collect();
            found.extend(found.first().cloned());
            return Cycle(found);
        }
        path.push(id);
    }
    Cycle(path.into_iter().map(str::to_owned).collect())
}

/// A cell and everything below it.
fn below<'a>(graph: &'a BTreeMap<String, Vec<String>>, id: &'a str) -> HashSet<&'a str> {
    let (mut inside, mut stack) = (HashSet::new(), vec![id]);
    while let Some(id) = stack.pop() {
        if inside.insert(id) {
            stack.extend(graph.get(id).into_iter().flatten().map(String::as_str));
        }
    }
    inside
}

fn code(cells: &[Cell], take: impl Fn(&Cell) -> bool) -> Vec<String> {
    let taken = cells.iter().filter(|cell| cell.kind == CellKind::Code && take(cell));
    taken.map(|cell| cell.id.clone()).collect()
}
