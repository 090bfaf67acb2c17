//! From what a kernel says to a cell's outputs, as nbformat has them.

use super::file::joined;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Outputs of all cells while they run.
#[derive(Default)]
pub(super) struct Outputs {
    cells: BTreeMap<usize, Cell>,
}

#[derive(Default)]
struct Cell {
    outputs: Vec<Value>,
    /// By output: the name by which it can be changed later.
    names: Vec<Option<String>>,
    /// `clear_output(wait=True)`: what is there goes when something new comes.
    clear_next: bool,
}

impl Cell {
    fn push(&mut self, output: Value, name: Option<String>) {
        self.make_room();
        self.outputs.push(output);
        self.names.push(name);
    }

    fn make_room(&mut self) {
        if std::mem::take(&mut self.clear_next) {
            self.outputs.clear();
            self.names.clear();
        }
    }
}

impl Outputs {
    /// Takes a message that belongs to a cell. Returns the other cells whose outputs changed.
    pub(super) fn take(&mut self, cell: usize, kind: &str, content: Value) -> Vec<usize> {
        let name = content.pointer("/transient/display_id").and_then(Value::as_str).map(str::to_owned);
        let part = |key: &str| content.get(key).cloned().unwrap_or_else(|| json!({}));
        match kind {
            "stream" => self.stream(cell, &joined(content.get("name")), &joined(content.get("text"))),
            "display_data" => {
                let output = json!({"output_type": kind, "data": part("data"), "metadata": part("metadata")});
                let changed = self.update(name.as_deref(), &output);
                self.cells.entry(cell).or_default().push(output, name);
                return changed;
            }
            "execute_result" => {
                let count = content.get("execution_count").cloned().unwrap_or_default();
                let output = json!({
                    "output_type": kind, "data": part("data"), "metadata": part("metadata"),
                    "execution_count": count,
                });
                self.cells.entry(cell).or_default().push(output, name);
            }
            "update_display_data" => {
                let new = json!({"data": part("data"), "metadata": part("metadata")});
                return self.update(name.as_deref(), &new);
            }
            "error" => {
                let output = json!({
                    "output_type": "error", "ename": joined(content.get("ename")),
                    "evalue": joined(content.get("evalue")),
                    "traceback": content.get("traceback").filter(|t| t.is_array()).cloned().unwrap_or(json!([])),
                });
                self.cells.entry(cell).or_default().push(output, None);
            }
            "clear_output" => {
                let of = self.cells.entry(cell).or_default();
                of.clear_next = true;
                if content.get("wait").and_then(Value::as_bool) != Some(true) {
                    of.make_room();
                }
            }
            _ => {}
        }
        Vec::new()
    }

    /// Text goes on where the last output is text of the same name.
    fn stream(&mut self, cell: usize, name: &str, text: &str) {
        let of = self.cells.entry(cell).or_default();
        of.make_room();
        if let Some(last) = of.outputs.last_mut()
            && last["output_type"] == "stream"
            && last["name"] == name
            && let Some(Value::String(before)) = last.get_mut("text")
        {
            before.push_str(text);
            return;
        }
        of.push(json!({"output_type": "stream", "name": name, "text": text}), None);
    }

    /// Changes every output of a name, wherever it is.
    fn update(&mut self, name: Option<&str>, new: &Value) -> Vec<usize> {
        let mut changed = Vec::new();
        let Some(name) = name else { return changed };
        for (index, of) in &mut self.cells {
            for (output, own) in of.outputs.iter_mut().zip(&of.names) {
                if own.as_deref() == Some(name) {
                    output["data"] = new["data"].clone();
                    output["metadata"] = new["metadata"].clone();
                    changed.push(*index);
                }
            }
        }
        changed
    }

    /// The outputs of a cell.
    pub(super) fn of(&self, cell: usize) -> Vec<Value> {
        self.cells.get(&cell).map(|of| of.outputs.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_joined_and_cleared_when_something_new_comes() {
        let mut outputs = Outputs::default();
        let print = |text: &str| json!({"name": "stdout", "text": text});
        outputs.take(0, "stream", print("a"));
        outputs.take(0, "stream", print("b"));
        outputs.take(0, "stream", json!({"name": "stderr", "text": "e"}));
        assert_eq!(outputs.of(0).len(), 2);
        assert_eq!(outputs.of(0)[0]["text"], "ab");
        outputs.take(0, "clear_output", json!({"wait": true}));
        assert_eq!(outputs.of(0).len(), 2);
        outputs.take(0, "stream", print("c"));
        assert_eq!(outputs.of(0), [json!({"output_type": "stream", "name": "stdout", "text": "c"})]);
        outputs.take(0, "clear_output", json!({"wait": false}));
        assert!(outputs.of(0).is_empty());
    }

    #[test]
    fn a_display_changes_wherever_it_was_shown() {
        let mut outputs = Outputs::default();
        let show = |text: &str| json!({"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": "d"}});
        outputs.take(0, "display_data", show("1"));
        assert_eq!(outputs.take(1, "display_data", show("2")), [0]);
        assert_eq!(outputs.take(2, "update_display_data", show("3")), [0, 1]);
        assert_eq!(outputs.of(0)[0]["data"]["text/plain"], "3");
        assert!(outputs.of(0)[0].get("transient").is_none());
        assert!(outputs.of(2).is_empty());
    }
}
