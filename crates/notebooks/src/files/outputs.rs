//! Big outputs: out of a file into the store, and back when a file is written.

use super::ground::{Big, Ground};
use crate::document::json::canonical;
use crate::document::model::{Known, Notebook, Object, Output, sha256};
use crate::document::text;
use crate::stored::media::TEXT;
use castalia_base::Error;
use serde_json::Value;

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
    for cell in &mut notebook.cells {
        for output in &mut cell.outputs {
            output.known = Known(Some(output.digest()));
            put_away_one(ground, id, &cell.id, output).await?;
        }
    }
    Ok(())
}

async fn put_away_one(
    ground: &dyn Ground,
    notebook: &str,
    cell: &str,
    output: &mut Output,
) -> Result<(), Error> {
    for (name, limit) in parts(output) {
        let Some(value) = part(&mut output.value, &name).filter(|value| is_big(value, limit)) else {
            continue;
        };
        let bytes = match &*value {
            Value::String(text) => text.clone().into_bytes(),
            other => canonical(other).into_bytes(),
        };
        let sha256 = sha256(&bytes);
        let mut note = Object::new();
        note.insert("bytes".into(), bytes.len().into());
        note.insert("sha256".into(), sha256.clone().into());
        if name == "text" {
            let text = String::from_utf8_lossy(&bytes);
            note.insert("lines".into(), text.lines().count().into());
            note.insert("tail".into(), tail(&text).into());
            *value = Value::String(String::new());
        } else if let Some(Value::Object(data)) = output.value.get_mut("data") {
            data.remove(&name);
        }
        // The same picture is kept once.
        let media = if name == "text" { TEXT } else { &name };
        let stored = ground.shelve(Big { notebook, cell, media, sha256: &sha256 }, bytes.into()).await?;
        note.insert("id".into(), stored.into());
        output.stored.insert(name, Value::Object(note));
    }
    Ok(())
}

/// So much of the beginning of what is too long for a file, in bytes.
const HEAD: u64 = 64 << 10;

/// A value that was put away. Of what is longer than `limit` bytes the beginning, and a word about the rest; what is gone
/// from the store leaves a word, too.
pub(super) async fn fetch(
    ground: &dyn Ground,
    notebook: &str,
    name: &str,
    note: &Value,
    limit: u64,
) -> Result<Value, Error> {
    let bytes = note["bytes"].as_u64().unwrap_or_default();
    let long = bytes > limit;
    let id = note["id"].as_str().unwrap_or_default();
    let found = match long {
        true => ground.head(notebook, FOLDER, id, HEAD.min(limit.max(TAIL as u64))).await?,
        false => ground.get(notebook, FOLDER, id).await?,
    };
    let Some(found) = found else { return Ok(gone(bytes).into()) };
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
            "\n[{rest} bytes more of this output are with the server and not in this file: \
             /api/notebooks/{notebook}/outputs/{id}]\n"
        ));
        if note["truncated"] == true {
            text.push_str(&hint(note));
        }
    }
    Ok(text.into())
}

/// What stands where nothing is any more.
pub(super) fn gone(bytes: u64) -> String {
    format!("[{bytes} bytes of output are not in the store any more]\n")
}

/// What is said of an output that was not stored whole.
pub(super) fn hint(note: &Value) -> String {
    let number = |key: &str| note[key].as_u64().unwrap_or_default();
    let (stored, produced) = (number("bytes"), number("produced"));
    let why = note["quota"]
        .as_str()
        .map_or(String::new(), |whose| format!(": the quota of the {whose} is reached"));
    format!("\n[truncated: {stored} of {produced} bytes are stored{why}]\n")
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
