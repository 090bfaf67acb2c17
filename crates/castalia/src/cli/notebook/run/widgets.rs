//! The state of widgets, as files keep it (`metadata.widgets`), so that they are seen without a kernel.

use base64::Engine;
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// What widgets there are and how they are.
#[derive(Default)]
pub(super) struct Widgets(Map<String, Value>);

impl Widgets {
    /// Takes `comm_open` and `comm_msg`.
    pub(super) fn take(&mut self, kind: &str, content: &Value, buffers: &[Bytes]) {
        let Some(id) = content.get("comm_id").and_then(Value::as_str) else { return };
        let data = content.get("data").unwrap_or(&Value::Null);
        let opens = kind == "comm_open" && content.get("target_name").is_some_and(|t| t == "jupyter.widget");
        if opens {
            self.0.insert(id.to_owned(), json!({"state": {}, "buffers": []}));
        }
        let updates =
            kind == "comm_msg" && data.get("method").is_some_and(|m| m == "update" || m == "echo_update");
        let (true, Some(widget)) = (opens || updates, self.0.get_mut(id)) else { return };
        for (key, value) in data.get("state").and_then(Value::as_object).into_iter().flatten() {
            widget["state"][key] = value.clone();
        }
        let paths = data.get("buffer_paths").and_then(Value::as_array).into_iter().flatten();
        for (path, buffer) in paths.zip(buffers) {
            let data = base64::engine::general_purpose::STANDARD.encode(buffer);
            let new = json!({"encoding": "base64", "path": path, "data": data});
            let Some(all) = widget.get_mut("buffers").and_then(Value::as_array_mut) else { continue };
            all.retain(|old| old.get("path") != Some(path));
            all.push(new);
        }
    }

    /// The metadata; none without widgets.
    pub(super) fn metadata(&self) -> Option<Value> {
        let describe = |(id, widget): (&String, &Value)| {
            let state = &widget["state"];
            let mut all = json!({
                "model_name": state["_model_name"], "model_module": state["_model_module"], "state": state,
            });
            if let Some(version) = state.get("_model_module_version") {
                all["model_module_version"] = version.clone();
            }
            if widget["buffers"].as_array().is_some_and(|b| !b.is_empty()) {
                all["buffers"] = widget["buffers"].clone();
            }
            (id.clone(), all)
        };
        let state: Map<_, _> = self.0.iter().map(describe).collect();
        let all = json!({"state": state, "version_major": 2, "version_minor": 0});
        (!self.0.is_empty()).then(|| json!({"application/vnd.jupyter.widget-state+json": all}))
    }
}
