//! Output widgets of ipywidgets: what the kernel publishes while one captures belongs to the widget, not to the cell.
//!
//! A widget captures the outputs of the request that its `msg_id` names; of several that name one, the newest does. Its
//! `outputs` are kept here, told to all who listen and to whoever comes later, and to the kernel when it has done
//! capturing, as JupyterLab does. What is long is stored beside, as outputs of cells are.

use super::sheet::{StoredText, bundle, error_of, more_text};
use super::store;
use super::stored::{Shelf, Source};
use super::widgets::Widgets;
use crate::Service;
use castalia_base::Error;
use castalia_kernel::{Entry, Request};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// A widget with more outputs leaves the rest out, and says so.
const MOST: usize = 1000;

/// Beside a widget's state: its outputs go when the next comes.
const CLEAR_NEXT: &str = "clear_next";

/// What Output widgets are doing.
#[derive(Default)]
pub(super) struct Captures {
    /// Requests, and the widgets that take what comes of them; the newest last.
    taking: Vec<(String, String)>,
    /// Those that nobody was told of.
    changed: BTreeSet<String>,
    /// Those of which the kernel has not heard.
    unheard: BTreeSet<String>,
    /// The cells in which they were filled first, for the quotas.
    cells: HashMap<String, String>,
}

fn state_of(comm: &Value) -> &Value {
    comm.pointer("/data/state").unwrap_or(&Value::Null)
}

/// Whether a comm is an Output widget.
pub(super) fn is_output(comm: &Value) -> bool {
    state_of(comm)["_model_name"] == "OutputModel"
}

impl Captures {
    /// A widget is like this now.
    pub(super) fn look(&mut self, id: &str, comm: &Value) {
        if !is_output(comm) {
            return;
        }
        let request = state_of(comm)["msg_id"].as_str().unwrap_or_default();
        if self.taking.iter().any(|(of, by)| by == id && of == request) {
            return;
        }
        self.taking.retain(|(_, by)| by != id);
        if !request.is_empty() {
            self.taking.push((request.to_owned(), id.to_owned()));
        }
    }

    /// It is gone.
    pub(super) fn close(&mut self, id: &str) {
        self.taking.retain(|(_, by)| by != id);
        self.changed.remove(id);
        self.unheard.remove(id);
        self.cells.remove(id);
    }
}

impl Widgets {
    /// The widget that takes this, if one does.
    pub(super) fn taker(&self, entry: &Entry) -> Option<String> {
        let kinds = ["stream", "display_data", "execute_result", "error", "clear_output"];
        let parent = entry.parent.as_ref().filter(|_| kinds.contains(&entry.kind.as_str()))?;
        let found = self.captures.taking.iter().rev().find(|(request, _)| request == parent);
        found.map(|(_, widget)| widget.clone())
    }

    /// Puts what the kernel published into a widget. `cell`: whose run it is.
    pub(super) async fn capture(
        &mut self,
        widget: &str,
        cell: Option<&String>,
        shelf: &mut Shelf,
        source: &Source,
        entry: &Entry,
    ) -> Result<(), Error> {
        let captures = &mut self.captures;
        if let Some(cell) = cell {
            captures.cells.entry(widget.to_owned()).or_insert_with(|| cell.clone());
        }
        let cell = captures.cells.get(widget).map_or("widgets", String::as_str).to_owned();
        let Some(open) = self.open.get_mut(widget).filter(|open| is_output(open)) else { return Ok(()) };
        let shown = &mut open["data"]["state"]["outputs"];
        let mut outputs = shown.as_array_mut().map(std::mem::take).unwrap_or_default();
        let clears = entry.kind == "clear_output";
        if clears && entry.content["wait"] == true {
            // With the widget's state, so that it outlives this server.
            open[CLEAR_NEXT] = true.into();
        } else if clears || open[CLEAR_NEXT] == true {
            open[CLEAR_NEXT] = false.into();
            release(shelf, &cell, &outputs);
            outputs.clear();
        }
        if !clears {
            add(&mut outputs, &cell, shelf, source, entry).await?;
        }
        self.captures.changed.insert(widget.to_owned());
        if let Some(open) = self.open.get_mut(widget) {
            open["data"]["state"]["outputs"] = outputs.into();
        }
        Ok(())
    }

    /// Tells all who listen what has changed. What the kernel should be told comes back: when a widget has done.
    pub(super) fn tell_captured(&mut self, service: &Service, notebook: &str) -> Vec<Request> {
        for widget in std::mem::take(&mut self.captures.changed) {
            let Some(open) = self.open.get(&widget) else { continue };
            let mut message = update(&widget, open);
            message["buffers"] = json!([]);
            service.comms.broadcast(notebook, "comms", "comm_msg", &message);
            self.statements.push(store::comm(notebook, &widget, Some(open.to_string())));
            self.captures.unheard.insert(widget);
        }
        let goes_on = |widget: &String| self.captures.taking.iter().any(|(_, by)| by == widget);
        let (later, now) = std::mem::take(&mut self.captures.unheard).into_iter().partition(goes_on);
        self.captures.unheard = later;
        let now: BTreeSet<String> = now;
        let contents = now.iter().filter_map(|widget| Some(update(widget, self.open.get(widget)?)));
        contents
            .map(|content| Request::shell(castalia_base::id::fresh("comm"), "comm_msg", content))
            .collect()
    }
}

fn update(widget: &str, open: &Value) -> Value {
    let state = json!({"outputs": state_of(open)["outputs"]});
    json!({"comm_id": widget, "data": {"method": "update", "state": state, "buffer_paths": []}})
}

/// What a widget showed is not in use any more.
fn release(shelf: &mut Shelf, cell: &str, outputs: &[Value]) {
    for note in outputs.iter().filter_map(|output| output["stored"].as_object()).flat_map(|all| all.values())
    {
        if let (Some(id), Some(bytes)) = (note["id"].as_str(), note["bytes"].as_u64()) {
            shelf.release(cell, id, bytes);
        }
    }
}

async fn add(
    outputs: &mut Vec<Value>,
    cell: &str,
    shelf: &mut Shelf,
    source: &Source,
    entry: &Entry,
) -> Result<(), Error> {
    if outputs.len() > MOST {
        return Ok(());
    }
    if outputs.len() == MOST {
        let text = format!("[outputs after the first {MOST} were left out]\n");
        outputs.push(json!({"output_type": "stream", "name": "stderr", "text": text}));
        return Ok(());
    }
    let request = entry.parent.as_deref().unwrap_or_default();
    let id = format!("out_{}_{}", request.rsplit('_').next().unwrap_or_default(), entry.seq);
    match entry.kind.as_str() {
        "stream" => {
            let name = entry.text("name");
            let goes_on = outputs.last().is_some_and(|o| o["output_type"] == "stream" && o["name"] == name);
            if !goes_on {
                outputs.push(json!({"output_type": "stream", "id": id, "name": name, "text": ""}));
            }
            let Some(last) = outputs.last_mut() else { return Ok(()) };
            let inline = last["text"].as_str().unwrap_or_default().to_owned();
            let known = last["id"].as_str().unwrap_or(&id).to_owned();
            let stored = StoredText::of(&last["stored"]);
            let more = more_text(shelf, source, cell, &known, &inline, stored, entry).await?;
            last["text"] = format!("{inline}{}", more.inline).into();
            if let Some(stored) = more.stored {
                last["stored"] = stored.json();
            }
        }
        "error" => {
            let mut value = error_of(source, entry).await?;
            value["id"] = id.into();
            outputs.push(value);
        }
        kind => {
            let shown = bundle(shelf, source, cell, &id, entry).await?;
            let mut value =
                json!({"output_type": kind, "id": id, "data": shown.data, "metadata": shown.metadata});
            if kind == "execute_result" {
                value["execution_count"] = entry.content["execution_count"].clone();
            }
            if shown.stored.as_object().is_some_and(|stored| !stored.is_empty()) {
                value["stored"] = shown.stored;
            }
            outputs.push(value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widget(request: &str) -> Value {
        json!({"data": {"state": {"_model_name": "OutputModel", "msg_id": request}}})
    }

    #[test]
    fn the_newest_of_those_that_capture_a_request_takes_it() {
        let mut widgets = Widgets::default();
        let entry = |kind: &str, parent: &str| Entry {
            kind: kind.into(),
            parent: Some(parent.into()),
            ..serde_json::from_value(
                json!({"seq": 1, "at": 0, "incarnation": 1, "channel": "iopub", "type": ""}),
            )
            .expect("an entry")
        };
        let taker = |widgets: &Widgets, kind: &str| widgets.taker(&entry(kind, "run_1"));
        widgets.captures.look("a", &widget("run_1"));
        widgets.captures.look("b", &widget("run_1"));
        widgets.captures.look("a", &widget("run_1"));
        assert_eq!(
            taker(&widgets, "stream").as_deref(),
            Some("b"),
            "a message about something else is no beginning"
        );
        assert_eq!(taker(&widgets, "status"), None);
        widgets.captures.look("b", &widget(""));
        assert_eq!(taker(&widgets, "stream").as_deref(), Some("a"));
        widgets.captures.close("a");
        assert_eq!(taker(&widgets, "stream"), None);
        widgets
            .captures
            .look("c", &json!({"data": {"state": {"_model_name": "IntSliderModel", "msg_id": "run_1"}}}));
        assert_eq!(taker(&widgets, "stream"), None);
    }
}
