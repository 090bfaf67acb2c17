//! A file is never overwritten with less than it had, unless an edit explains it.
//!
//! The live document can be short of cells for reasons that nobody wants: a store that was restored from an old copy, a
//! document that was made anew, a mistake of ours. What people delete is seen as it happens, so every cell that is
//! missing must have been seen to go.

use crate::document::Notebook;
use std::collections::HashSet;

/// What is known of the cells that went.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witness {
    /// The ids when somebody looked last.
    there: HashSet<String>,
    /// Those that were seen to go.
    gone: HashSet<String>,
    /// The document was changed since the last checkpoint, in a life before this one: whatever is missing may have
    /// been deleted then.
    earlier: bool,
    /// Somebody changed something while we looked.
    changed: bool,
}

impl Witness {
    /// Begins to look. `dirty`: the document says itself that there are changes which are not in the file.
    pub(crate) fn begin(ids: Vec<String>, dirty: bool) -> Self {
        Self { there: ids.into_iter().collect(), earlier: dirty, ..Self::default() }
    }

    /// Looks again after a change.
    pub(crate) fn look(&mut self, ids: Vec<String>) {
        let now: HashSet<String> = ids.into_iter().collect();
        self.gone.extend(self.there.drain().filter(|id| !now.contains(id)));
        self.gone.retain(|id| !now.contains(id));
        self.there = now;
        self.changed = true;
    }

    /// Somebody said that the document is right as it is.
    pub(crate) fn believe(&mut self) {
        self.earlier = true;
    }

    /// The file has what the document had; `changed` says whether the document went on meanwhile.
    pub(crate) fn saved(&mut self, file: &Notebook, changed: bool) {
        let ids: HashSet<&str> = file.cells.iter().map(|cell| cell.id.as_str()).collect();
        self.gone.retain(|id| ids.contains(id.as_str()));
        (self.earlier, self.changed) = (false, changed);
    }

    /// Why a checkpoint must not be written, or `None`.
    pub(crate) fn objection(&self, file: &Notebook, now: &Notebook) -> Option<String> {
        if self.earlier {
            return None;
        }
        let ids: HashSet<&str> = now.cells.iter().map(|cell| cell.id.as_str()).collect();
        let vanished = file.cells.iter().filter(|cell| {
            !cell.source.trim().is_empty() && !ids.contains(cell.id.as_str()) && !self.gone.contains(&cell.id)
        });
        let vanished = vanished.count();
        if vanished > 0 {
            return Some(format!(
                "{vanished} of the {} cells in the file are missing here, and nobody was seen deleting them",
                file.cells.len()
            ));
        }
        let size = |notebook: &Notebook| notebook.cells.iter().map(|cell| cell.source.len()).sum::<usize>();
        (!self.changed && size(now) < size(file))
            .then(|| "the document has less text than the file, and nobody was seen deleting any".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Cell, CellKind};

    fn notebook(ids: &[&str]) -> Notebook {
        let cells = ids.iter().map(|id| Cell::new(id, CellKind::Code, "x = 1")).collect();
        Notebook { cells, ..Notebook::new() }
    }

    fn ids(notebook: &Notebook) -> Vec<String> {
        notebook.cells.iter().map(|cell| cell.id.clone()).collect()
    }

    #[test]
    fn row_2_a_document_that_lost_its_cells_does_not_reach_the_file() {
        let file = notebook(&["a", "b", "c"]);
        let empty = notebook(&["new"]);
        let mut witness = Witness::begin(ids(&empty), false);
        assert!(witness.objection(&file, &empty).is_some_and(|why| why.starts_with("3 of the 3 cells")));
        witness.look(ids(&empty));
        assert!(witness.objection(&file, &empty).is_some(), "an edit elsewhere explains nothing");
        witness.believe();
        assert_eq!(witness.objection(&file, &empty), None);
    }

    #[test]
    fn what_people_delete_goes() {
        let file = notebook(&["a", "b", "c"]);
        let mut witness = Witness::begin(ids(&file), false);
        assert_eq!(witness.objection(&file, &file), None);
        witness.look(ids(&notebook(&["b"])));
        assert_eq!(witness.objection(&file, &notebook(&["b"])), None);
        assert!(witness.objection(&file, &notebook(&[])).is_some(), "but not what they did not");
        witness.saved(&notebook(&["b"]), false);
        assert!(witness.objection(&file, &notebook(&["b"])).is_some());
    }

    #[test]
    fn edits_of_an_earlier_life_explain() {
        let (file, now) = (notebook(&["a", "b"]), notebook(&["a"]));
        assert_eq!(Witness::begin(ids(&now), true).objection(&file, &now), None);
    }
}
