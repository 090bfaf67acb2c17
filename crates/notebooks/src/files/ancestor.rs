//! Of which content a file from outside was made.
//!
//! Whoever opens a file in JupyterLab, edits it for a while and saves, has not seen what was written into it meanwhile:
//! merged with the file as it was last, that would be taken back. So a few earlier contents are remembered, and a file
//! is merged with the one from which it differs least. A file that *is* an earlier content was put back on purpose (by
//! git, say), and that counts.

use crate::document::{Cell, Notebook};
use std::collections::HashMap;
use std::sync::Arc;

/// How many contents are remembered.
const MOST: usize = 64;
/// How many bytes of sources these may have together.
const BYTES: usize = 16 << 20;
/// What another number or output counts, in characters of a source.
const OUTPUTS: usize = 16;

/// What the file held before, oldest first.
#[derive(Default)]
pub(super) struct Earlier(Vec<Arc<Notebook>>);

impl Earlier {
    /// This was in the file, and is not any more. Of what is long ago every other content is let go.
    pub(super) fn remember(&mut self, content: Notebook) {
        if self.0.len() == MOST {
            let mut at = 0;
            self.0.retain(|_| {
                at += 1;
                at > MOST / 2 || at % 2 == 0
            });
        }
        self.0.push(Arc::new(content));
        let mut bytes: usize = self.0.iter().map(|content| size(content)).sum();
        while bytes > BYTES && !self.0.is_empty() {
            bytes -= size(&self.0.remove(0));
        }
    }

    /// The content of which `theirs` was made: `last`, or an earlier one. Both have digests in place of outputs.
    pub(super) fn of(&self, last: Notebook, theirs: &Notebook) -> Notebook {
        let ids: HashMap<&str, &Cell> = by_id(&last);
        let known = theirs.cells.iter().filter(|cell| ids.contains_key(cell.id.as_str())).count();
        // Where cells have other ids, nothing can be said.
        if known * 2 < theirs.cells.len() || known == 0 {
            return last;
        }
        let (mut nearest, mut least) = (None, distance(&last, theirs));
        // The newest of those that are equally near.
        for content in self.0.iter().rev() {
            match distance(content, theirs) {
                0 => return last,
                far if far < least => (nearest, least) = (Some(content), far),
                _ => {}
            }
        }
        nearest.map_or(last, |content| content.as_ref().clone())
    }
}

fn size(notebook: &Notebook) -> usize {
    notebook.cells.iter().map(|cell| cell.source.len() + 256).sum()
}

fn by_id(notebook: &Notebook) -> HashMap<&str, &Cell> {
    notebook.cells.iter().map(|cell| (cell.id.as_str(), cell)).collect()
}

/// About how many characters were changed between two contents.
fn distance(one: &Notebook, other: &Notebook) -> usize {
    let mut left = by_id(one);
    let mut sum = 0;
    for cell in &other.cells {
        sum += match left.remove(cell.id.as_str()) {
            Some(was) => changed(was, cell),
            None => cell.source.len() + OUTPUTS,
        };
    }
    sum += left.values().map(|gone| gone.source.len() + OUTPUTS).sum::<usize>();
    let order = |notebook: &Notebook| notebook.cells.iter().map(|cell| cell.id.clone()).collect::<Vec<_>>();
    sum + usize::from(order(one) != order(other)) + usize::from(one.metadata != other.metadata)
}

fn changed(was: &Cell, is: &Cell) -> usize {
    let (a, b) = (was.source.as_bytes(), is.source.as_bytes());
    let begin = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let end = a[begin..].iter().rev().zip(b[begin..].iter().rev()).take_while(|(x, y)| x == y).count();
    let text = a.len() + b.len() - 2 * (begin + end);
    let run = was.execution_count != is.execution_count || !same_outputs(was, is);
    let rest = was.metadata != is.metadata || was.kind != is.kind || was.attachments != is.attachments;
    text + usize::from(run) * OUTPUTS + usize::from(rest)
}

fn same_outputs(one: &Cell, other: &Cell) -> bool {
    let digests = |cell: &Cell| cell.outputs.iter().map(|output| output.digest()).collect::<Vec<_>>();
    one.outputs.len() == other.outputs.len() && digests(one) == digests(other)
}

/// Whether two contents are the same, with digests in place of outputs.
pub(super) fn same(one: &Notebook, other: &Notebook) -> bool {
    // Comparing outputs that are digests says only how many there are.
    one == other && one.cells.iter().zip(&other.cells).all(|(a, b)| same_outputs(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::CellKind;

    fn notebook(cells: &[(&str, &str)]) -> Notebook {
        let cells = cells.iter().map(|(id, source)| Cell::new(id, CellKind::Code, source)).collect();
        Notebook { cells, ..Notebook::new() }
    }

    #[test]
    fn a_file_is_of_the_content_from_which_it_differs_least() {
        let first = notebook(&[("a", "x = 1"), ("b", "y = 2")]);
        let second = notebook(&[("a", "x = 1"), ("b", "y = 2 # here")]);
        let mut earlier = Earlier::default();
        earlier.remember(first.clone());
        let of = |theirs: &Notebook| earlier.of(second.clone(), theirs);
        // Somebody had the first one open, in another cell and in the same.
        assert_eq!(of(&notebook(&[("a", "x = 1 # lab"), ("b", "y = 2")])), first);
        assert_eq!(of(&notebook(&[("a", "x = 1"), ("b", "y = 2 + 3")])), first);
        assert_eq!(of(&notebook(&[("a", "x = 1"), ("b", "y = 2"), ("c", "z")])), first);
        // Somebody had the last one open.
        assert_eq!(of(&notebook(&[("a", "x = 5"), ("b", "y = 2 # here")])), second);
        assert_eq!(of(&notebook(&[("b", "y = 2 # here")])), second);
        // Somebody put the first one back; and another notebook is in its place.
        assert_eq!(of(&first), second);
        assert_eq!(of(&notebook(&[("q", "x = 1"), ("r", "y = 2")])), second);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut earlier = Earlier::default();
        for n in 0..10 * MOST {
            earlier.remember(notebook(&[("a", &n.to_string())]));
        }
        assert!(earlier.0.len() <= MOST);
        earlier.remember(notebook(&[("a", &"x".repeat(BYTES))]));
        assert!(earlier.0.is_empty());
    }
}
