//! Outputs beyond those that a document should hold. The first thousand of a cell are in the document; the others lie
//! beside it, a line of JSON for each as nbformat has it, and one more output tells of them.

use super::{Sheets, Shelf, StoredText, put_text};
use crate::document::schema::{cell as key, output as out};
use crate::document::shared::cell_map;
use crate::room::Room;
use crate::run::ops::Op;
use castalia_base::Error;
use castalia_kernel::Entry;
use serde_json::{Value, json};
use yrs::{Any, Array, Map as _, Out};

/// Outputs of one cell that the document holds.
const SHOWN: usize = 1000;
const MEDIA: &str = "application/x-ndjson";

/// What lies beside the document of one cell.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    /// The output that tells of it.
    id: String,
    stored: StoredText,
    /// Lines on their way to storage.
    waiting: String,
    in_document: bool,
}

/// How many outputs a cell has in the document, and what lies beside it.
pub(super) fn of(room: &Room, cell: &str) -> (usize, Option<Rest>) {
    let found = room.read(|txn| {
        let Some(Out::YArray(list)) = cell_map(txn, cell)?.get(txn, key::OUTPUTS) else { return None };
        let rest = list.iter(txn).find_map(|output| {
            let Out::YMap(output) = output else { return None };
            let Some(Out::Any(stored)) = output.get(txn, out::STORED) else { return None };
            let Some(Out::Any(Any::String(id))) = output.get(txn, out::ID) else { return None };
            let stored = crate::document::json::from_any(&stored);
            let stored = StoredText::of(&json!({"text": stored.get(MEDIA)?}))?;
            Some(Rest { id: id.to_string(), stored, waiting: String::new(), in_document: true })
        });
        Some((list.len(txn) as usize, rest))
    });
    found.unwrap_or_default()
}

/// An output as nbformat has it; none for what is none.
fn value_of(entry: &Entry) -> Option<Value> {
    let field = |key: &str, kind: fn(&Value) -> bool, otherwise: Value| {
        entry.content.get(key).filter(|v| kind(v)).cloned().unwrap_or(otherwise)
    };
    let object = |key: &str| field(key, Value::is_object, json!({}));
    Some(match entry.kind.as_str() {
        "stream" => json!({"output_type": "stream", "name": entry.text("name"), "text": entry.text("text")}),
        "display_data" => {
            json!({"output_type": "display_data", "data": object("data"), "metadata": object("metadata")})
        }
        "execute_result" => json!({
            "output_type": "execute_result", "data": object("data"), "metadata": object("metadata"),
            "execution_count": entry.content.get("execution_count"),
        }),
        "error" => json!({
            "output_type": "error", "ename": entry.text("ename"), "evalue": entry.text("evalue"),
            "traceback": field("traceback", Value::is_array, json!([])),
        }),
        _ => return None,
    })
}

impl Sheets {
    /// Takes an output that the document has no place for. Whether it was one.
    pub(super) fn beside(&mut self, room: &Room, cell: &str, id: &str, entry: &Entry) -> bool {
        let sheet = self.sheet(room, cell);
        // Big ones are few, by the quota; more of the same stream makes no output more.
        let goes_on =
            entry.kind == "stream" && sheet.stream.as_ref().is_some_and(|s| s.name == entry.text("name"));
        if sheet.count < SHOWN || sheet.clear_next || goes_on || !entry.large.is_empty() {
            return false;
        }
        let Some(value) = value_of(entry) else { return false };
        sheet.stream = None;
        let rest = sheet.rest.get_or_insert_with(|| Rest {
            id: id.to_owned(),
            stored: StoredText { id: id.to_owned(), ..StoredText::default() },
            waiting: String::new(),
            in_document: false,
        });
        rest.waiting.push_str(&value.to_string());
        rest.waiting.push('\n');
        true
    }

    /// Brings what has come together to where it belongs, and says so in the document.
    pub(crate) async fn settle(&mut self, shelf: &mut Shelf) -> Result<(), Error> {
        for (cell, sheet) in &mut self.cells {
            let Some(rest) = sheet.rest.as_mut().filter(|r| !r.waiting.is_empty()) else { continue };
            put_text(shelf, cell, &mut rest.stored, std::mem::take(&mut rest.waiting)).await?;
            let words = format!("{} more outputs are stored beside the notebook", rest.stored.lines);
            let (data, metadata) = (json!({"text/plain": words}), json!({}));
            let mut told = rest.stored.json()["text"].take();
            // The end of the last line means nothing to anybody.
            told.as_object_mut().map(|told| told.remove("tail"));
            let stored = json!({MEDIA: told});
            self.ops.push(if std::mem::replace(&mut rest.in_document, true) {
                Op::Show(cell.clone(), rest.id.clone(), data, metadata, stored)
            } else {
                let value = json!({"output_type": "display_data", "data": data, "metadata": metadata});
                Op::Add(cell.clone(), rest.id.clone(), value, stored)
            });
        }
        Ok(())
    }
}
