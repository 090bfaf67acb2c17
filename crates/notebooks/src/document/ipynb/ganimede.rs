//! The files of Ganimede, whose layout our document extends.
//!
//! They say no version, lack fields that the format asks for, and have lost the line ends. A tissue there is whatever
//! has a list in `metadata.gm.pc_graph`; here it is what stands below a heading, so the cells are put in that order.

use crate::document::graph;
use crate::document::model::{Cell, CellKind, Object};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Ganimede writes no version, but `gm` wherever it can.
pub(super) fn is_one(file: &Object) -> bool {
    let has_gm = |value: &Value| value["metadata"]["gm"].is_object();
    let cells = file.get("cells").and_then(Value::as_array);
    !file.contains_key("nbformat")
        && (file.get("metadata").is_some_and(|metadata| metadata["gm"].is_object())
            || cells.is_some_and(|cells| cells.iter().any(has_gm)))
}

/// The tissues of the file: from a cell's id to those of its direct children.
pub(super) fn tissues(metadata: &Object) -> BTreeMap<String, Vec<String>> {
    let graph = metadata.get("gm").and_then(|gm| gm["pc_graph"].as_object());
    let list = |to: &Value| super::texts(to).unwrap_or_default().into_iter().map(str::to_owned).collect();
    graph.into_iter().flatten().map(|(from, to)| (from.clone(), list(to))).collect()
}

/// Puts children behind their tissues, and marks tissues that have no heading. Cells of no tissue come first, for
/// whatever stands behind a heading belongs to it.
pub(super) fn arrange(cells: &mut Vec<Cell>, tissues: &BTreeMap<String, Vec<String>>) {
    if tissues.is_empty() {
        return;
    }
    for cell in cells.iter_mut().filter(|cell| tissues.contains_key(&cell.id)) {
        if cell.kind == CellKind::Markdown && graph::heading_level(&cell.source).is_none() {
            let gm = cell.metadata.entry("gm").or_insert_with(|| json!({}));
            if let Value::Object(gm) = gm {
                gm.insert("tissue".into(), true.into());
            }
        }
    }
    let children: HashSet<&str> = tissues.values().flatten().map(String::as_str).collect();
    let roots = cells.iter().map(|cell| cell.id.as_str()).filter(|id| !children.contains(id));
    let (tissue, loose): (Vec<&str>, Vec<&str>) = roots.partition(|id| tissues.contains_key(*id));
    let (mut order, mut stack) = (HashMap::new(), Vec::new());
    stack.extend(loose.into_iter().chain(tissue).rev());
    while let Some(id) = stack.pop() {
        let next = order.len();
        if *order.entry(id).or_insert(next) != next {
            continue;
        }
        stack.extend(tissues.get(id).into_iter().flatten().rev().map(String::as_str));
    }
    // What hangs in a cycle has no place: it goes last.
    let places: Vec<usize> =
        cells.iter().map(|cell| order.get(cell.id.as_str()).copied().unwrap_or(usize::MAX)).collect();
    let mut placed: Vec<(usize, Cell)> = places.into_iter().zip(cells.drain(..)).collect();
    placed.sort_by_key(|(place, _)| *place);
    cells.extend(placed.into_iter().map(|(_, cell)| cell));
}

/// What Ganimede leaves out of an output.
pub(super) fn complete(kind: &str, fields: &mut Object) {
    let mut default = |key: &str, value: Value| {
        fields.entry(key).or_insert(value);
    };
    match kind {
        "stream" => default("name", "stdout".into()),
        "execute_result" => {
            default("execution_count", Value::Null);
            default("metadata", Value::Object(Object::new()));
        }
        "display_data" => default("metadata", Value::Object(Object::new())),
        "error" => {
            default("ename", "Error".into());
            default("evalue", "".into());
            default("traceback", Value::Array(Vec::new()));
        }
        _ => {}
    }
}
