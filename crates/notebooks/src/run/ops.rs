//! What a run changes in the document, as values, and how they are carried out.
//!
//! The document may have changed meanwhile: a cell that somebody deleted is not there, and nothing happens to it.

use crate::document::Output;
use crate::document::json::to_any;
use crate::document::schema::{KERNEL, RUN_QUEUE, cell as key, output as out};
use crate::document::shared::{cell_map, output_prelim, set_array};
use serde_json::Value;
use std::collections::HashSet;
use yrs::{
    Any, Array, ArrayPrelim, ArrayRef, In, Map, MapPrelim, MapRef, Out, ReadTxn, Text, TextPrelim, TextRef,
    TransactionMut,
};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Op {
    /// A key of a cell: `state`, `run`, `execution_count`.
    Cell(String, &'static str, Value),
    /// No outputs.
    Clear(String),
    /// One more output: its id and the value as nbformat has it, and what of it is stored.
    Add(String, String, Value, Value),
    /// More text of a stream.
    Text(String, String, String),
    /// What is stored of an output.
    Stored(String, String, Value),
    /// An output shows something else: its data, metadata, and what is stored.
    Show(String, String, Value, Value, Value),
    /// A key of `kernel`.
    Kernel(&'static str, Value),
    /// Who waits.
    Queue(Vec<String>),
}

/// Leaves out what a later one overwrites.
pub(crate) fn settled(ops: Vec<Op>) -> Vec<Op> {
    let mut later = HashSet::new();
    let mut overwritten = |op: &Op| match op {
        Op::Cell(cell, key, _) => !later.insert((Some(cell.clone()), *key)),
        Op::Kernel(key, _) => !later.insert((None, *key)),
        Op::Queue(_) => !later.insert((None, RUN_QUEUE)),
        _ => false,
    };
    let mut left: Vec<Op> = ops.into_iter().rev().filter(|op| !overwritten(op)).collect();
    left.reverse();
    left
}

/// Carries changes out.
pub(crate) fn apply(txn: &mut TransactionMut<'_>, ops: Vec<Op>) {
    for op in ops {
        match op {
            Op::Cell(cell, key, value) => {
                if let Some(map) = cell_map(txn, &cell) {
                    map.insert(txn, key, to_any(&value));
                }
            }
            Op::Clear(cell) => {
                if let Some(list) = outputs(txn, &cell) {
                    let length = list.len(txn);
                    if length > 0 {
                        list.remove_range(txn, 0, length);
                    }
                }
            }
            Op::Add(cell, id, value, stored) => {
                if let Some(list) = outputs(txn, &cell) {
                    add(txn, &list, id, value, stored);
                }
            }
            Op::Text(cell, id, text) => {
                if let Some(Out::YText(ytext)) = output(txn, &cell, &id).and_then(|o| o.get(txn, out::TEXT)) {
                    push(txn, &ytext, &text);
                }
            }
            Op::Stored(cell, id, stored) => {
                if let Some(output) = output(txn, &cell, &id) {
                    output.insert(txn, out::STORED, to_any(&stored));
                }
            }
            Op::Show(cell, id, data, metadata, stored) => {
                if let Some(output) = output(txn, &cell, &id) {
                    output.insert(txn, out::DATA, to_any(&data));
                    output.insert(txn, out::METADATA, to_any(&metadata));
                    match stored.as_object().is_some_and(|s| !s.is_empty()) {
                        true => drop(output.insert(txn, out::STORED, to_any(&stored))),
                        false => drop(output.remove(txn, out::STORED)),
                    }
                }
            }
            Op::Kernel(key, value) => {
                if let Some(kernel) = txn.get_map(KERNEL)
                    && !matches!(kernel.get(txn, key), Some(Out::Any(now)) if now == to_any(&value))
                {
                    kernel.insert(txn, key, to_any(&value));
                }
            }
            Op::Queue(cells) => {
                if let Some(queue) = txn.get_array(RUN_QUEUE) {
                    set_array(txn, &queue, &cells);
                }
            }
        }
    }
}

fn outputs(txn: &mut TransactionMut<'_>, cell: &str) -> Option<ArrayRef> {
    let map = cell_map(txn, cell)?;
    match map.get(txn, key::OUTPUTS) {
        Some(Out::YArray(list)) => Some(list),
        _ => Some(map.insert(txn, key::OUTPUTS, ArrayPrelim::default())),
    }
}

/// An output by its id; the newest are asked for.
fn output(txn: &mut TransactionMut<'_>, cell: &str, id: &str) -> Option<MapRef> {
    let list = outputs(txn, cell)?;
    for at in (0..list.len(txn)).rev() {
        if let Some(Out::YMap(map)) = list.get(txn, at)
            && matches!(map.get(txn, out::ID), Some(Out::Any(Any::String(found))) if &*found == id)
        {
            return Some(map);
        }
    }
    None
}

fn add(txn: &mut TransactionMut<'_>, list: &ArrayRef, id: String, mut value: Value, stored: Value) {
    let display = value.as_object_mut().and_then(|o| o.remove(out::DISPLAY_ID));
    let text =
        (value["output_type"] == "stream").then(|| value["text"].as_str().unwrap_or_default().to_owned());
    let stored = stored.as_object().cloned().unwrap_or_default();
    let prelim: MapPrelim = output_prelim(&Output { id, value, stored, ..Output::default() });
    let map = list.push_back(txn, In::Map(prelim));
    let Out::YMap(map) = map else { return };
    if let Some(display) = display {
        map.insert(txn, out::DISPLAY_ID, to_any(&display));
    }
    // A stream's text grows, also one that began with nothing.
    if let Some(text) = text
        && !matches!(map.get(txn, out::TEXT), Some(Out::YText(_)))
    {
        map.insert(txn, out::TEXT, TextPrelim::new(text));
    }
}

fn push(txn: &mut TransactionMut<'_>, ytext: &TextRef, text: &str) {
    ytext.push(txn, text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::schema::kernel;

    #[test]
    fn of_what_is_overwritten_the_last_is_left_and_outputs_stay_in_order() {
        let cell = |key, value: &str| Op::Cell("a".into(), key, value.into());
        let text = |text: &str| Op::Text("a".into(), "o".into(), text.into());
        let ops = vec![
            cell(key::STATE, "running"),
            Op::Kernel(kernel::STATE, "busy".into()),
            Op::Queue(vec!["b".into()]),
            text("1"),
            Op::Clear("a".into()),
            text("2"),
            cell(key::RUN, "r"),
            Op::Cell("kernel".into(), key::STATE, "queued".into()),
            Op::Kernel(kernel::STATE, "idle".into()),
            cell(key::STATE, "idle"),
            Op::Queue(Vec::new()),
        ];
        let expected: Vec<Op> = ops[3..].to_vec();
        assert_eq!(settled(ops), expected);
    }
}
