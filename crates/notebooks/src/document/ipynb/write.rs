//! From a [`Notebook`] to a file.

use super::{LAYOUT, has_bundle, is_split_mime};
use crate::document::json::{adopt_object, adopt_spelling, canonical, split_lines};
use crate::document::model::{Cell, CellKind, Notebook, Object, Output};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The bytes of a file, as Python's nbformat writes them. `before` is what the file held: numbers that did not change
/// keep their spelling.
pub fn to_bytes(notebook: &Notebook, before: Option<&Notebook>) -> Vec<u8> {
    let value = match before {
        Some(before) => to_value(&spelt_as(notebook.clone(), before)),
        None => to_value(notebook),
    };
    canonical(&value).into_bytes()
}

/// The JSON of a file.
pub fn to_value(notebook: &Notebook) -> Value {
    let mut file = notebook.extra.clone();
    let mut metadata = notebook.metadata.clone();
    for transient in ["orig_nbformat", "orig_nbformat_minor", "signature"] {
        metadata.remove(transient);
    }
    if !notebook.np_graph.is_empty() {
        let gm = metadata.entry("gm").or_insert_with(|| json!({}));
        if let Value::Object(gm) = gm {
            gm.insert("np_graph".into(), json!(notebook.np_graph));
            gm.insert("pc_graph".into(), json!(crate::document::graph::pc_graph(&notebook.cells)));
        }
    }
    file.insert("metadata".into(), Value::Object(metadata));
    file.insert("nbformat".into(), 4.into());
    file.insert("nbformat_minor".into(), notebook.minor.max(5).into());
    file.insert("cells".into(), notebook.cells.iter().map(cell_value).collect());
    Value::Object(file)
}

/// The JSON of a cell.
pub(crate) fn cell_value(cell: &Cell) -> Value {
    let mut file = cell.extra.clone();
    file.insert("id".into(), cell.id.clone().into());
    file.insert("cell_type".into(), cell.kind.as_str().into());
    file.insert("source".into(), lines(&cell.source));
    file.insert("metadata".into(), Value::Object(metadata(cell)));
    if let Some(attachments) = &cell.attachments {
        let mut attachments = attachments.clone();
        if let Value::Object(files) = &mut attachments {
            files.values_mut().for_each(split_bundle);
        }
        file.insert("attachments".into(), attachments);
    }
    if cell.kind == CellKind::Code {
        file.insert("execution_count".into(), json!(cell.execution_count));
        file.insert("outputs".into(), cell.outputs.iter().map(output_value).collect());
    }
    Value::Object(file)
}

fn metadata(cell: &Cell) -> Object {
    let mut metadata = cell.metadata.clone();
    metadata.remove("trusted");
    let layout = &cell.layout;
    let was_there = metadata.contains_key("gm");
    let mut gm = match metadata.remove("gm") {
        None => Object::new(),
        Some(Value::Object(gm)) => gm,
        Some(other) => {
            metadata.insert("gm".into(), other);
            return metadata;
        }
    };
    for (key, number) in LAYOUT.into_iter().zip([layout.top, layout.left, layout.width, layout.height]) {
        if let Some(number) = number {
            gm.insert(key.into(), whole(number));
        }
    }
    if let Some(folded) = &layout.collapsed {
        gm.insert("collapsed".into(), folded.clone().into());
    }
    if was_there || !gm.is_empty() {
        metadata.insert("gm".into(), Value::Object(gm));
    }
    metadata
}

/// Pixels: without a fraction where there is none.
fn whole(number: f64) -> Value {
    if number.trunc() == number && number.abs() < 9e15 { Value::from(number as i64) } else { number.into() }
}

/// The JSON of an output.
pub(crate) fn output_value(output: &Output) -> Value {
    let mut value = output.value.clone();
    let kind = output.kind().to_owned();
    let Value::Object(fields) = &mut value else {
        return value;
    };
    if has_bundle(&kind) {
        if let Some(data) = fields.get_mut("data") {
            split_bundle(data);
        }
    } else if kind == "stream"
        && let Some(text) = fields.get_mut("text")
        && let Some(joined) = text.as_str()
    {
        *text = lines(joined);
    }
    value
}

fn split_bundle(bundle: &mut Value) {
    let Value::Object(bundle) = bundle else {
        return;
    };
    for (mime, value) in bundle {
        if let Some(text) = value.as_str().filter(|_| is_split_mime(mime)) {
            *value = lines(text);
        }
    }
}

fn lines(text: &str) -> Value {
    split_lines(text).into_iter().map(Value::from).collect()
}

/// Gives numbers that are the same as before the spelling that they had.
fn spelt_as(mut notebook: Notebook, before: &Notebook) -> Notebook {
    adopt_object(&before.metadata, &mut notebook.metadata);
    adopt_object(&before.extra, &mut notebook.extra);
    let cells: HashMap<&str, &Cell> = before.cells.iter().map(|cell| (cell.id.as_str(), cell)).collect();
    for cell in &mut notebook.cells {
        let Some(before) = cells.get(cell.id.as_str()) else {
            continue;
        };
        adopt_object(&before.metadata, &mut cell.metadata);
        adopt_object(&before.extra, &mut cell.extra);
        if let (Some(before), Some(now)) = (&before.attachments, &mut cell.attachments) {
            adopt_spelling(before, now);
        }
        for (before, now) in before.outputs.iter().zip(&mut cell.outputs) {
            adopt_spelling(&before.value, &mut now.value);
        }
    }
    notebook
}
