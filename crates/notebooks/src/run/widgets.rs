//! Comms, of which widgets are made: what the kernel says goes to all who listen, and how each widget is stays here (and
//! in the database), so that whoever comes later sees the same.

use super::captured::{Captures, is_output};
use super::store;
use super::stored::Source;
use crate::Service;
use crate::store::log::Statement;
use base64::Engine;
use castalia_base::Error;
use castalia_kernel::Entry;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A message with more is left out: everybody would get it.
const LARGEST: u64 = 8 << 20;
/// All widgets of a notebook together.
const ALL: usize = 64 << 20;

/// How the comms of a notebook are.
#[derive(Default)]
pub(crate) struct Widgets {
    pub(super) open: BTreeMap<String, Value>,
    pub(super) captures: Captures,
    bytes: usize,
    pub(crate) statements: Vec<Statement>,
}

fn encode(bytes: &[u8]) -> Value {
    base64::engine::general_purpose::STANDARD.encode(bytes).into()
}

impl Widgets {
    pub(crate) async fn load(service: &Service, notebook: &str) -> Result<Self, Error> {
        let rows = store::comms(&mut service.deps.db.read(), notebook).await?;
        let mut widgets = Self::default();
        for (id, state) in rows {
            widgets.bytes += state.len();
            let open: Value = serde_json::from_str(&state)?;
            widgets.captures.look(&id, &open);
            widgets.open.insert(id, open);
        }
        Ok(widgets)
    }

    /// Takes a message of the kernel.
    pub(crate) async fn take(
        &mut self,
        service: &Arc<Service>,
        notebook: &str,
        source: &Source,
        entry: &Entry,
    ) -> Result<(), Error> {
        let large: u64 = entry.large.iter().map(|l| l.bytes).sum();
        let binary: u64 = entry.buffers.iter().map(|b| b.bytes).sum();
        if large + binary > LARGEST {
            let text =
                format!("a widget's message of {} MB is too big and was left out", (large + binary) >> 20);
            service.comms.broadcast(
                notebook,
                "notebook",
                "notice",
                &json!({"level": "warning", "text": text}),
            );
            return Ok(());
        }
        let mut content = entry.content.clone();
        for large in &entry.large {
            let bytes = source.whole(large.spool, large.bytes).await?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let value =
                if large.json { serde_json::from_str(&text).unwrap_or_default() } else { text.into() };
            if let Some(place) = large.path.iter().try_fold(&mut content, |at, key| at.get_mut(key)) {
                *place = value;
            }
        }
        let (mut buffers, mut inline) = (Vec::new(), entry.inline.clone());
        for buffer in &entry.buffers {
            buffers.push(match buffer.spool {
                Some(spool) => encode(&source.whole(spool, buffer.bytes).await?),
                None => {
                    let length = usize::try_from(buffer.bytes).unwrap_or(usize::MAX).min(inline.len());
                    encode(&inline.split_to(length))
                }
            });
        }
        let id = content.get("comm_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        if content.pointer("/data/method").is_some_and(|method| method == "echo_update")
            && self.open.get(&id).is_some_and(is_output)
            && let Some(Value::Object(state)) = content.pointer_mut("/data/state")
        {
            // An echo of what it was told from here; there may be more by now.
            state.remove("outputs");
        }
        let message = json!({
            "comm_id": content.get("comm_id"), "target_name": content.get("target_name"),
            "data": content.get("data"), "metadata": entry.metadata, "buffers": buffers,
        });
        if !id.is_empty() {
            self.remember(notebook, &id, &entry.kind, &message);
        }
        service.comms.broadcast(notebook, "comms", &entry.kind, &message);
        Ok(())
    }

    fn remember(&mut self, notebook: &str, id: &str, kind: &str, message: &Value) {
        match kind {
            "comm_close" => {
                self.open.remove(id);
                self.captures.close(id);
                self.statements.push(store::comm(notebook, id, None));
                return;
            }
            "comm_open" if self.bytes < ALL => _ = self.open.insert(id.to_owned(), message.clone()),
            "comm_msg" => {
                let method = message.pointer("/data/method").and_then(Value::as_str);
                if !matches!(method, Some("update" | "echo_update")) {
                    return;
                }
                let Some(open) = self.open.get_mut(id) else { return };
                merge(open, message);
            }
            _ => return,
        }
        if let Some(state) = self.open.get(id) {
            self.captures.look(id, state);
            let text = state.to_string();
            self.bytes += text.len();
            self.statements.push(store::comm(notebook, id, Some(text)));
        }
    }

    /// For whoever comes: how all of them are.
    pub(crate) fn snapshot(&self) -> Value {
        json!({"comms": self.open.values().collect::<Vec<_>>()})
    }

    /// The kernel that knew them is gone.
    pub(crate) fn forget(&mut self, service: &Service, notebook: &str) -> Statement {
        if !self.open.is_empty() {
            service.comms.broadcast(notebook, "comms", "state", &json!({"comms": []}));
        }
        *self = Self::default();
        store::forget_comms(notebook)
    }
}

/// Puts an update into what is known, with its buffers where they belong.
fn merge(open: &mut Value, update: &Value) {
    let state = update.pointer("/data/state").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut paths = open.pointer("/data/buffer_paths").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut buffers = open.get("buffers").and_then(Value::as_array).cloned().unwrap_or_default();
    buffers.truncate(paths.len());
    paths.truncate(buffers.len());
    // What is set anew has its buffers in the update.
    let old: Vec<_> = paths
        .into_iter()
        .zip(buffers)
        .filter(|(path, _)| path.get(0).and_then(Value::as_str).is_none_or(|key| !state.contains_key(key)))
        .collect();
    let new = update.pointer("/data/buffer_paths").and_then(Value::as_array).cloned().unwrap_or_default();
    let binary = update.get("buffers").and_then(Value::as_array).cloned().unwrap_or_default();
    let (paths, buffers): (Vec<_>, Vec<_>) = old.into_iter().chain(new.into_iter().zip(binary)).unzip();
    if !open["data"].is_object() {
        open["data"] = json!({});
    }
    if !open["data"]["state"].is_object() {
        open["data"]["state"] = json!({});
    }
    for (key, value) in state {
        open["data"]["state"][key] = value;
    }
    open["data"]["buffer_paths"] = paths.into();
    open["buffers"] = buffers.into();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_are_put_into_what_is_known_with_their_buffers() {
        let mut widgets = Widgets::default();
        let open = json!({"comm_id": "c", "data": {"state": {"a": 1, "v": null}, "buffer_paths": [["v"]]}, "buffers": ["AA=="]});
        widgets.remember("nb", "c", "comm_open", &open);
        let update =
            json!({"data": {"method": "update", "state": {"a": 2}, "buffer_paths": []}, "buffers": []});
        widgets.remember("nb", "c", "comm_msg", &update);
        let update = json!({"data": {"method": "update", "state": {"v": null}, "buffer_paths": [["v"]]}, "buffers": ["AQ=="]});
        widgets.remember("nb", "c", "comm_msg", &update);
        let all = widgets.snapshot();
        assert_eq!(all["comms"][0]["data"]["state"]["a"], 2);
        assert_eq!(all["comms"][0]["buffers"], json!(["AQ=="]));
        assert_eq!(all["comms"][0]["data"]["buffer_paths"], json!([["v"]]));
        widgets.remember("nb", "c", "comm_close", &json!({}));
        assert_eq!(widgets.snapshot(), json!({"comms": []}));
    }
}
