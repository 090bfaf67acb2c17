//! Edits to the live document.

use super::{Edit, order};
use crate::document::model::{CellKind, Layout, Object};
use crate::document::schema::{self, cell as key};
use crate::document::{json::to_any, shared};
use serde_json::Value;
use std::collections::HashMap;
use yrs::{Any, Array, ArrayPrelim, In, Map, MapRef, Out, TransactionMut, WriteTxn};

/// Makes the edits. Cells that are gone meanwhile are passed over.
pub fn apply(txn: &mut TransactionMut, edits: &[Edit]) {
    for edit in edits {
        one(txn, edit);
    }
}

fn one(txn: &mut TransactionMut, edit: &Edit) {
    match edit {
        Edit::Insert(cell) => {
            let cells = txn.get_or_insert_map(schema::CELL);
            cells.insert(txn, cell.id.as_str(), shared::cell_prelim(cell));
        }
        Edit::Remove(id) => {
            txn.get_or_insert_map(schema::CELL).remove(txn, id);
            let rest: Vec<String> = shared::order(txn).into_iter().filter(|other| other != id).collect();
            set_order(txn, &rest);
        }
        Edit::Order(ids) => set_order(txn, ids),
        Edit::Source(id, text) => match shared::cell_map(txn, id).and_then(|cell| cell.get(txn, key::SOURCE))
        {
            Some(Out::YText(source)) => shared::set_text(txn, &source, text),
            _ => set(txn, id, key::SOURCE, In::from(yrs::TextPrelim::new(text.as_str()))),
        },
        Edit::Kind(id, kind) => set_kind(txn, id, *kind),
        Edit::Layout(id, layout) => set_layout(txn, id, layout),
        Edit::Metadata(id, name, value) => {
            if let Some(cell) = shared::cell_map(txn, id) {
                set_key(txn, &cell, key::METADATA, name, value.as_ref());
            }
        }
        Edit::Attachments(id, files) => {
            set(txn, id, key::ATTACHMENTS, In::Any(files.as_ref().map_or(Any::Null, to_any)));
        }
        Edit::Extra(id, extra) => set(txn, id, key::EXTRA, In::Any(object(extra))),
        Edit::Outputs(id, count, outputs) => {
            let Some(cell) = shared::cell_map(txn, id) else {
                return;
            };
            cell.insert(txn, key::EXECUTION_COUNT, Any::from(*count));
            // Whoever made these outputs, it was not the run that is noted here.
            cell.insert(txn, key::RUN, Any::Null);
            let outputs: ArrayPrelim =
                outputs.iter().map(|output| In::Map(shared::output_prelim(output))).collect();
            cell.insert(txn, key::OUTPUTS, outputs);
        }
        Edit::NotebookMetadata(name, value) => {
            let meta = txn.get_or_insert_map(schema::META);
            set_key(txn, &meta, schema::meta::METADATA, name, value.as_ref());
        }
        Edit::NotebookExtra(extra) => {
            let meta = txn.get_or_insert_map(schema::META);
            meta.insert(txn, schema::meta::EXTRA, object(extra));
        }
        Edit::Edges(graph) => drop(shared::write_graph(txn, schema::NP_GRAPH, graph)),
    }
}

fn set(txn: &mut TransactionMut, id: &str, name: &str, value: In) {
    if let Some(cell) = shared::cell_map(txn, id) {
        cell.insert(txn, name, value);
    }
}

fn set_kind(txn: &mut TransactionMut, id: &str, kind: CellKind) {
    set(txn, id, key::TYPE, kind.as_str().into());
    if kind != CellKind::Code
        && let Some(cell) = shared::cell_map(txn, id)
    {
        cell.remove(txn, key::OUTPUTS);
        cell.remove(txn, key::EXECUTION_COUNT);
    }
}

fn set_layout(txn: &mut TransactionMut, id: &str, layout: &Layout) {
    let Some(cell) = shared::cell_map(txn, id) else {
        return;
    };
    let number = |number: Option<f64>| {
        number.map_or(Any::Null, |number| Any::Number(yrs::any::Number::try_i64(number)))
    };
    let fields = [
        (key::TOP, number(layout.top)),
        (key::LEFT, number(layout.left)),
        (key::WIDTH, number(layout.width)),
        (key::HEIGHT, number(layout.height)),
        (key::COLLAPSED, layout.collapsed.clone().into()),
    ];
    for (name, value) in fields {
        if cell.get(txn, name) != Some(Out::Any(value.clone())) {
            cell.insert(txn, name, value);
        }
    }
}

/// Sets or ends a key of a map within a map.
fn set_key(txn: &mut TransactionMut, map: &MapRef, field: &str, name: &str, value: Option<&Value>) {
    let inner = match map.get(txn, field) {
        Some(Out::YMap(inner)) => inner,
        _ => map.insert(txn, field, yrs::MapPrelim::default()),
    };
    match value {
        Some(value) => drop(inner.insert(txn, name, to_any(value))),
        None => drop(inner.remove(txn, name)),
    }
}

/// Brings the ids into this order, moving as few as possible.
fn set_order(txn: &mut TransactionMut, ids: &[String]) {
    let cells = txn.get_or_insert_array(schema::CELLS);
    let place: HashMap<&str, usize> = ids.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let now: Vec<String> = cells.iter(txn).map(|id| id.to_string(txn)).collect();
    let mut seen = std::collections::HashSet::new();
    let known: Vec<(usize, usize)> = now
        .iter()
        .enumerate()
        .filter(|(_, id)| seen.insert(id.as_str()))
        .filter_map(|(at, id)| place.get(id.as_str()).map(|to| (at, *to)))
        .collect();
    let goals: Vec<usize> = known.iter().map(|(_, to)| *to).collect();
    let fixed = order::ascending(&goals);
    let stays: std::collections::HashSet<usize> = fixed.iter().map(|nth| known[*nth].0).collect();
    for at in (0..now.len()).rev().filter(|at| !stays.contains(at)) {
        cells.remove(txn, at as u32);
    }
    let there: std::collections::HashSet<usize> = fixed.iter().map(|nth| goals[*nth]).collect();
    for (at, id) in ids.iter().enumerate().filter(|(at, _)| !there.contains(at)) {
        cells.insert(txn, at as u32, id.as_str());
    }
}

fn object(object: &Object) -> Any {
    to_any(&Value::Object(object.clone()))
}
