//! What belongs to what, and what runs after what.
//!
//! A *tissue* is a heading with what stands below it until a heading of the same or a higher rank; tissues nest. The
//! order of the file is the only truth: `pc_graph` in the document is derived from it. The edges that people draw
//! (`np_graph`) say in which order the parts of the canvas run.

mod headings;
mod order;

#[cfg(test)]
mod tests;

pub use headings::heading_level;
pub use order::{Cycle, along, from_here, of_tissue, to_here};

use super::model::{Cell, CellKind};
use std::collections::BTreeMap;

/// The rank of a tissue that is one by a person's word alone: below every heading.
const MARKED: u8 = 7;

/// The rank of a cell that is a tissue: 1 to 6 for headings, 7 without one. `None` for other cells.
pub fn rank(cell: &Cell) -> Option<u8> {
    if cell.kind != CellKind::Markdown {
        return None;
    }
    heading_level(&cell.source).or_else(|| cell.is_marked_tissue().then_some(MARKED))
}

/// From each tissue to its direct children, in order. A tissue without children has an empty list.
pub fn pc_graph(cells: &[Cell]) -> BTreeMap<String, Vec<String>> {
    nest(cells.iter().map(|cell| (cell.id.as_str(), rank(cell))))
}

/// [`pc_graph`] when the ranks are known.
pub(crate) fn nest<'a>(cells: impl Iterator<Item = (&'a str, Option<u8>)>) -> BTreeMap<String, Vec<String>> {
    let mut graph: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut open: Vec<(&str, u8)> = Vec::new();
    for (id, rank) in cells {
        if let Some(rank) = rank {
            while open.last().is_some_and(|(_, last)| *last >= rank) {
                open.pop();
            }
        }
        if let Some((parent, _)) = open.last() {
            graph.entry((*parent).to_owned()).or_default().push(id.to_owned());
        }
        if let Some(rank) = rank {
            graph.entry(id.to_owned()).or_default();
            open.push((id, rank));
        }
    }
    graph
}
