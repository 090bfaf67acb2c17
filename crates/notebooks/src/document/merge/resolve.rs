//! The end of a conflict: somebody chose.

use super::{Conflict, Edit, Part};
use crate::document::model::{Cell, CellKind, Layout, Notebook, Output, sha256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which version stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The document's.
    Ours,
    /// The file's.
    Theirs,
    /// Both: the file's becomes a cell below.
    Both,
}

/// The edits that end a conflict.
pub fn resolve(notebook: &Notebook, conflict: &Conflict, side: Side) -> Vec<Edit> {
    if side == Side::Ours {
        return Vec::new();
    }
    let id = conflict.cell.clone();
    let theirs = &conflict.theirs;
    let there = notebook.cell(&id);
    if side == Side::Both && matches!(conflict.part, Part::Source | Part::Cell) {
        let cell = match (conflict.part, there) {
            (Part::Source, there) => Some(Cell {
                source: theirs.as_str().unwrap_or_default().to_owned(),
                kind: there.map_or(CellKind::Code, |cell| cell.kind),
                ..Cell::default()
            }),
            _ => whole(theirs),
        };
        return cell.map_or_else(Vec::new, |cell| insert(notebook, &id, cell, there.is_some()));
    }
    let parse = |value: &Value| value.clone();
    match (conflict.part, &conflict.key) {
        (Part::Cell, _) => match (whole(theirs), there) {
            (None, Some(_)) => vec![Edit::Remove(id)],
            (Some(cell), None) => insert(notebook, &id, cell, false),
            (Some(cell), Some(there)) => {
                let mut target = notebook.clone();
                let wanted = Cell { id: there.id.clone(), ..cell };
                target.cells.iter_mut().filter(|cell| cell.id == id).for_each(|cell| *cell = wanted.clone());
                super::difference(notebook, &target)
            }
            (None, None) => Vec::new(),
        },
        (Part::Source, _) => vec![Edit::Source(id, theirs.as_str().unwrap_or_default().to_owned())],
        (Part::Kind, _) => {
            let kind = theirs.as_str().and_then(CellKind::parse);
            kind.map(|kind| Edit::Kind(id, kind)).into_iter().collect()
        }
        (Part::Layout, _) => {
            vec![Edit::Layout(id, serde_json::from_value::<Layout>(parse(theirs)).unwrap_or_default())]
        }
        (Part::Attachments, _) => {
            vec![Edit::Attachments(id, Some(parse(theirs)).filter(|files| !files.is_null()))]
        }
        (Part::Extra, _) => {
            let extra = theirs.as_object().cloned().unwrap_or_default();
            vec![if id.is_empty() { Edit::NotebookExtra(extra) } else { Edit::Extra(id, extra) }]
        }
        (Part::Outputs, _) => vec![Edit::Outputs(id, theirs["execution_count"].as_i64(), outputs(theirs))],
        (Part::Metadata, Some(key)) => {
            vec![Edit::Metadata(id, key.clone(), Some(parse(theirs)).filter(|value| !value.is_null()))]
        }
        (Part::Notebook, Some(key)) => {
            vec![Edit::NotebookMetadata(key.clone(), Some(parse(theirs)).filter(|value| !value.is_null()))]
        }
        _ => Vec::new(),
    }
}

fn whole(value: &Value) -> Option<Cell> {
    serde_json::from_value(value.clone()).ok().filter(|_| !value.is_null())
}

fn outputs(theirs: &Value) -> Vec<Output> {
    serde_json::from_value(theirs["outputs"].clone()).unwrap_or_default()
}

/// A cell below another, or with its own id when that is free.
fn insert(notebook: &Notebook, below: &str, mut cell: Cell, taken: bool) -> Vec<Edit> {
    cell.id = below.to_owned();
    if taken {
        cell.id = sha256(format!("{below}\0{}", cell.source).as_bytes())[..8].to_owned();
    }
    let mut order: Vec<String> = notebook.cells.iter().map(|cell| cell.id.clone()).collect();
    if order.contains(&cell.id) {
        return Vec::new();
    }
    let place = order.iter().position(|id| id == below).map_or(order.len(), |at| at + 1);
    order.insert(place, cell.id.clone());
    vec![Edit::Insert(Box::new(cell)), Edit::Order(order)]
}
