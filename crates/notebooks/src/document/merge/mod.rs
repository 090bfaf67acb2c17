//! Three-way merging, cell by cell.
//!
//! `base` is what the file held at the last checkpoint, `ours` the live document, `theirs` the file as somebody else
//! left it. The result is a list of edits to the live document, as small as a person would make them, and of conflicts
//! where both sides changed the same part of the same cell. In a conflict the document stays as it is and the other
//! side's version is kept beside it until somebody decides: nothing is ever dropped in silence.
//!
//! The difference between two notebooks is the merge in which `ours` did not change anything: see [`difference`].

mod apply;
mod cells;
mod matching;
mod order;
mod resolve;

#[cfg(test)]
mod tests;

pub use apply::apply;
pub use resolve::{Side, resolve};

use super::model::{Cell, CellKind, Layout, Notebook, Object, Output};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One change to the live document.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A new cell; its place is in [`Edit::Order`].
    Insert(Box<Cell>),
    /// A cell goes.
    Remove(String),
    /// The order of all cells.
    Order(Vec<String>),
    /// A cell's source.
    Source(String, String),
    /// What a cell is.
    Kind(String, CellKind),
    /// A cell's place.
    Layout(String, Layout),
    /// A key of a cell's metadata, or its end.
    Metadata(String, String, Option<Value>),
    /// A cell's attachments.
    Attachments(String, Option<Value>),
    /// A cell's other fields.
    Extra(String, Object),
    /// What a cell's run made.
    Outputs(String, Option<i64>, Vec<Output>),
    /// A key of the notebook's metadata, or its end.
    NotebookMetadata(String, Option<Value>),
    /// The notebook's other fields.
    NotebookExtra(Object),
    /// The edges.
    Edges(BTreeMap<String, Vec<String>>),
}

/// What of a cell (or of the notebook) both sides changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The whole cell: one side deleted it, or both made one of this id.
    Cell,
    /// The source.
    Source,
    /// Whether it is code or text.
    Kind,
    /// A key of the metadata.
    Metadata,
    /// The attachments.
    Attachments,
    /// The fields that are not known.
    Extra,
    /// The outputs and their number.
    Outputs,
    /// The place on the canvas.
    Layout,
    /// A key of the notebook's metadata.
    Notebook,
}

/// Two versions of one thing, of which somebody has to choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    /// The same conflict has the same id.
    pub id: String,
    /// The cell, or nothing for the notebook itself.
    pub cell: String,
    /// What of it.
    pub part: Part,
    /// The key, for metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What the document has; null when it was deleted there.
    pub ours: Value,
    /// What the file has; null when it was deleted there.
    pub theirs: Value,
}

/// What a merge found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// What to change in the live document.
    pub edits: Vec<Edit>,
    /// What somebody has to decide.
    pub conflicts: Vec<Conflict>,
}

impl Merged {
    fn conflict(&mut self, cell: &str, part: Part, key: Option<&str>, ours: Value, theirs: Value) {
        let text = format!("{cell}\0{part:?}\0{key:?}\0{ours}\0{theirs}");
        let id = super::model::sha256(text.as_bytes())[..12].to_owned();
        let (cell, key) = (cell.to_owned(), key.map(str::to_owned));
        self.conflicts.push(Conflict { id, cell, part, key, ours, theirs });
    }
}

/// The cells that were moved when `ids` is the order after `before`.
pub(crate) fn moved(before: &Notebook, ids: &[String]) -> Vec<String> {
    order::moved(before, ids)
}

/// `theirs`, which has nothing but sources, with everything else as in `base`.
pub(crate) fn with_rest_of(base: &Notebook, ours: &Notebook, theirs: &Notebook) -> Notebook {
    let mut theirs = matching::with_ids_of(base, ours, theirs);
    for cell in &mut theirs.cells {
        if let Some(before) = base.cell(&cell.id) {
            let mut source = std::mem::take(&mut cell.source);
            if source.trim_end() == before.source.trim_end() {
                // Empty lines at the end are not in such files.
                source.clone_from(&before.source);
            }
            *cell = Cell { source, kind: cell.kind, ..before.clone() };
        }
    }
    Notebook { cells: theirs.cells, ..base.clone() }
}

/// What turns `from` into `to`.
pub fn difference(from: &Notebook, to: &Notebook) -> Vec<Edit> {
    merge(from, from, to).edits
}

/// Merges. Outputs of `ours` that lie elsewhere must have been fetched, or they count as changed.
pub fn merge(base: &Notebook, ours: &Notebook, theirs: &Notebook) -> Merged {
    let theirs = matching::with_ids_of(base, ours, theirs);
    let mut merged = Merged::default();
    let index = |notebook: &Notebook| -> HashMap<String, Cell> {
        notebook.cells.iter().map(|cell| (cell.id.clone(), cell.clone())).collect()
    };
    let (was, now) = (index(base), index(ours));
    let left: BTreeSet<&str> = theirs.cells.iter().map(|cell| cell.id.as_str()).collect();
    for cell in &theirs.cells {
        cells::merge(was.get(&cell.id), now.get(&cell.id), cell, &mut merged);
    }
    for cell in ours.cells.iter().filter(|cell| !left.contains(cell.id.as_str())) {
        match was.get(&cell.id) {
            Some(before) if cells::same(before, cell) => merged.edits.push(Edit::Remove(cell.id.clone())),
            Some(_) => merged.conflict(&cell.id, Part::Cell, None, cells::json(cell), Value::Null),
            None => {}
        }
    }
    order::merge(base, ours, &theirs, &mut merged);
    merge_notebook(base, ours, &theirs, &mut merged);
    merged
}

fn merge_notebook(base: &Notebook, ours: &Notebook, theirs: &Notebook, merged: &mut Merged) {
    for (key, choice) in cells::merge_objects(&base.metadata, &ours.metadata, &theirs.metadata) {
        match choice {
            Ok(value) => merged.edits.push(Edit::NotebookMetadata(key, value)),
            Err((ours, theirs)) => merged.conflict("", Part::Notebook, Some(&key), ours, theirs),
        }
    }
    if theirs.extra != base.extra && theirs.extra != ours.extra {
        if ours.extra == base.extra {
            merged.edits.push(Edit::NotebookExtra(theirs.extra.clone()));
        } else {
            let json = |extra: &Object| Value::Object(extra.clone());
            merged.conflict("", Part::Extra, None, json(&ours.extra), json(&theirs.extra));
        }
    }
    let edges = |notebook: &Notebook| -> BTreeSet<(String, String)> {
        let pairs =
            notebook.np_graph.iter().flat_map(|(from, to)| to.iter().map(|to| (from.clone(), to.clone())));
        pairs.collect()
    };
    let (was, now, file) = (edges(base), edges(ours), edges(theirs));
    let come: Vec<_> = file.difference(&was).filter(|edge| !now.contains(*edge)).collect();
    let gone = |from: &String, to: &String| {
        let edge = (from.clone(), to.clone());
        was.contains(&edge) && !file.contains(&edge)
    };
    let mut graph = ours.np_graph.clone();
    for (from, to) in &mut graph {
        to.retain(|to| !gone(from, to));
    }
    for (from, to) in come {
        graph.entry(from.clone()).or_default().push(to.clone());
    }
    graph.retain(|_, to| !to.is_empty());
    if graph != ours.np_graph {
        merged.edits.push(Edit::Edges(graph));
    }
}
