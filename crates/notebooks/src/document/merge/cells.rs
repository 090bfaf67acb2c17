//! One cell of three.

use super::{Edit, Merged, Part};
use crate::document::model::{Cell, Object, Output};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A value to take (or its end), or the two that somebody must choose from.
pub(super) type Choice = Result<Option<Value>, (Value, Value)>;

/// Merges a cell that the file has.
pub(super) fn merge(base: Option<&Cell>, ours: Option<&Cell>, theirs: &Cell, merged: &mut Merged) {
    let id = theirs.id.as_str();
    match (base, ours) {
        (None, None) => merged.edits.push(Edit::Insert(Box::new(theirs.clone()))),
        (None, Some(ours)) if !same(ours, theirs) => {
            merged.conflict(id, Part::Cell, None, json(ours), json(theirs));
        }
        (Some(base), None) if !same(base, theirs) => {
            merged.conflict(id, Part::Cell, None, Value::Null, json(theirs));
        }
        (Some(base), Some(ours)) => merge_parts(base, ours, theirs, merged),
        _ => {}
    }
}

fn merge_parts(base: &Cell, ours: &Cell, theirs: &Cell, merged: &mut Merged) {
    let id = theirs.id.as_str();
    let mut part = |part: Part, [base, ours, theirs]: [Value; 3], edit: Edit| {
        if theirs == base || theirs == ours {
            return;
        }
        if ours == base {
            merged.edits.push(edit);
        } else {
            merged.conflict(id, part, None, ours, theirs);
        }
    };
    let all = |value: &dyn Fn(&Cell) -> Value| [base, ours, theirs].map(value);
    part(Part::Kind, all(&|cell| json!(cell.kind)), Edit::Kind(id.into(), theirs.kind));
    part(Part::Source, all(&|cell| json!(cell.source)), Edit::Source(id.into(), theirs.source.clone()));
    part(Part::Layout, all(&|cell| json!(cell.layout)), Edit::Layout(id.into(), theirs.layout.clone()));
    part(
        Part::Attachments,
        all(&|cell| json!(cell.attachments)),
        Edit::Attachments(id.into(), theirs.attachments.clone()),
    );
    part(Part::Extra, all(&|cell| json!(cell.extra)), Edit::Extra(id.into(), theirs.extra.clone()));
    merge_outputs([base, ours, theirs], merged);
    for (key, choice) in merge_objects(&base.metadata, &ours.metadata, &theirs.metadata) {
        match choice {
            Ok(value) => merged.edits.push(Edit::Metadata(id.into(), key, value)),
            Err((ours, theirs)) => merged.conflict(id, Part::Metadata, Some(&key), ours, theirs),
        }
    }
}

/// The keys that differ from ours in an object of three.
pub(super) fn merge_objects(base: &Object, ours: &Object, theirs: &Object) -> Vec<(String, Choice)> {
    let keys: BTreeSet<&String> = base.keys().chain(theirs.keys()).collect();
    let differ = keys.into_iter().filter(|key| {
        let theirs = theirs.get(*key);
        theirs != base.get(*key) && theirs != ours.get(*key)
    });
    let choose = |key: &String| match ours.get(key) == base.get(key) {
        true => Ok(theirs.get(key).cloned()),
        false => Err((json!(ours.get(key)), json!(theirs.get(key)))),
    };
    differ.map(|key| (key.clone(), choose(key))).collect()
}

fn merge_outputs([base, ours, theirs]: [&Cell; 3], merged: &mut Merged) {
    let [was, now, file] = [base, ours, theirs].map(run);
    if file == was || file == now {
        return;
    }
    let id = theirs.id.as_str();
    if now == was {
        merged.edits.push(Edit::Outputs(id.into(), theirs.execution_count, theirs.outputs.clone()));
    } else {
        merged.conflict(id, Part::Outputs, None, run_json(ours), run_json(theirs));
    }
}

/// What a run made, as digests.
fn run(cell: &Cell) -> (Option<i64>, Vec<String>) {
    (cell.execution_count, cell.outputs.iter().map(Output::digest).collect())
}

/// What a run made, as a conflict keeps it.
fn run_json(cell: &Cell) -> Value {
    json!({"execution_count": cell.execution_count, "outputs": cell.outputs})
}

/// Whether two cells hold the same, apart from ids.
pub(super) fn same(a: &Cell, b: &Cell) -> bool {
    let plain = |cell: &Cell| Cell { id: String::new(), outputs: Vec::new(), ..cell.clone() };
    plain(a) == plain(b) && run(a) == run(b)
}

/// A whole cell as a conflict keeps it.
pub(super) fn json(cell: &Cell) -> Value {
    json!(cell)
}
