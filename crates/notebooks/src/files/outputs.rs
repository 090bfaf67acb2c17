//! Big outputs: out of a file into the store, and back when a file is written.

use super::ground::Ground;
use crate::document::json::canonical;
use crate::document::model::{Known, Notebook, Object, Output, sha256};
use crate::document::text;
use castalia_base::Error;
use serde_json::{Value, json};

/// A stream longer than this does not lie in the document, in bytes.
const STREAM: usize = 32 << 10;
/// A value of a mime bundle longer than this does not lie in the document, in bytes.
const VALUE: usize = 16 << 10;
/// How much of the end of a stored text is shown, in bytes.
const TAIL: usize = 2 << 10;

/// Where they lie below the notebook's folder.
pub(crate) const FOLDER: &str = "outputs";

/// Notes the digest of every output and moves what is big into the store.
pub(crate) async fn put_away(ground: &dyn Ground, id: &str, notebook: &mut Notebook) -> Result<(), Error> {
    for output in notebook.cells.iter_mut().flat_map(|cell| &mut cell.outputs) {
        output.known = Known(Some(output.digest()));
        for (name, limit) in parts(output) {
            let Some(value) = part(&mut output.value, &name).filter(|value| is_big(value, limit)) else {
                continue;
            };
            let bytes = match &*value {
                Value::String(text) => text.clone().into_bytes(),
                other => canonical(other).into_bytes(),
            };
            let mut note = Object::new();
            note.insert("bytes".into(), bytes.len().into());
            note.insert("sha256".into(), sha256(&bytes).into());
            if name == "text" {
                let text = String::from_utf8_lossy(&bytes);
                note.insert("lines".into(), text.lines().count().into());
                note.insert("tail".into(), tail(&text).into());
                *value = Value::String(String::new());
            } else if let Some(Value::Object(data)) = output.value.get_mut("data") {
                data.remove(&name);
            }
            // The same picture is kept once.
            let stored = sha256(&bytes)[..32].to_owned();
            ground.put(id, FOLDER, &stored, bytes.into()).await?;
            note.insert("id".into(), stored.into());
            output.stored.insert(name, Value::Object(note));
        }
    }
    Ok(())
}

/// A stored part longer than this is not in files; its beginning is, and a word about the rest. In bytes.
pub(crate) const IN_FILE: u64 = 8 << 20;
/// So much of the beginning.
const HEAD: u64 = 64 << 10;

/// Brings back what was put away. What is gone from the store, or too long for a file, leaves a word.
pub(crate) async fn bring_back(ground: &dyn Ground, id: &str, notebook: &mut Notebook) -> Result<(), Error> {
    for output in notebook.cells.iter_mut().flat_map(|cell| &mut cell.outputs) {
        for (name, note) in std::mem::take(&mut output.stored) {
            let value = fetch(ground, id, &name, &note).await?;
            let Value::Object(fields) = &mut output.value else {
                continue;
            };
            if name == "text" {
                fields.insert("text".into(), value);
            } else if let Value::Object(data) = fields.entry("data").or_insert_with(|| json!({})) {
                let long = note["bytes"].as_u64().is_some_and(|bytes| bytes > IN_FILE);
                // A part of a picture is none.
                let name = if long { "text/plain".to_owned() } else { name };
                data.insert(name, value);
            }
        }
    }
    Ok(())
}

async fn fetch(ground: &dyn Ground, id: &str, name: &str, note: &Value) -> Result<Value, Error> {
    let bytes = note["bytes"].as_u64().unwrap_or_default();
    let long = bytes > IN_FILE;
    let found = match note["id"].as_str() {
        Some(stored) if long => ground.head(id, FOLDER, stored, HEAD).await?,
        Some(stored) => ground.get(id, FOLDER, stored).await?,
        None => None,
    };
    let Some(found) = found else {
        return Ok(format!("[{bytes} bytes of output are not in the store any more]\n").into());
    };
    let mut text = String::from_utf8_lossy(&found).into_owned();
    if long {
        let is_text = name == "text" || name.starts_with("text/");
        let rest = if is_text {
            bytes - found.len() as u64
        } else {
            text.clear();
            bytes
        };
        text.push_str(&format!(
            "\n[{rest} bytes more of this output are with the server and not in this file]\n"
        ));
        return Ok(text.into());
    }
    let is_json = name == "application/json" || name.ends_with("+json");
    Ok(match is_json.then(|| serde_json::from_str(&text)) {
        Some(Ok(value)) => value,
        _ => text.into(),
    })
}

/// Leaves only digests of the outputs: what a merge needs to know of the file as it was.
pub(crate) fn forget(notebook: &mut Notebook) {
    for output in notebook.cells.iter_mut().flat_map(|cell| &mut cell.outputs) {
        let digest = output.digest();
        *output = Output { known: Known(Some(digest)), ..Output::default() };
    }
}

fn parts(output: &Output) -> Vec<(String, usize)> {
    match output.kind() {
        "stream" => vec![("text".into(), STREAM)],
        "display_data" | "execute_result" => {
            let data = output.value["data"].as_object();
            data.into_iter().flatten().map(|(mime, _)| (mime.clone(), VALUE)).collect()
        }
        _ => Vec::new(),
    }
}

fn part<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let text = name == "text" && value["data"].is_null();
    if text { value.get_mut("text") } else { value.get_mut("data")?.get_mut(name) }
}

fn is_big(value: &Value, limit: usize) -> bool {
    match value {
        Value::String(text) => text.len() > limit,
        Value::Array(_) | Value::Object(_) => canonical(value).len() > limit,
        _ => false,
    }
}

fn tail(text: &str) -> &str {
    &text[text::boundary(text, text.len().saturating_sub(TAIL))..]
}
