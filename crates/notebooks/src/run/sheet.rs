//! From what the kernel says to what changes in the document: the outputs of cells, and what of them is too big.
//!
//! The server is the only writer of outputs, so what is known of them here is what is in the document. It is read from
//! there when a cell is touched for the first time.

mod rest;

use super::ops::Op;
use super::stored::{Shelf, Slot, Source};
use crate::document::schema::{cell as key, output as out};
use crate::document::shared::cell_map;
use crate::room::Room;
use castalia_base::Error;
use castalia_kernel::{Entry, Large};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use yrs::{Any, Array, Map as _, Out};

/// So much text of a stream is in the document.
const INLINE: usize = 32 << 10;
/// Tracebacks are read whole up to here.
const TRACEBACK: u64 = 1 << 20;

/// The newest output of a cell, when it is text.
#[derive(Clone, Debug)]
struct Stream {
    id: String,
    name: String,
    /// What the document has of it.
    inline: String,
    stored: Option<StoredText>,
}

/// Text that went to storage.
#[derive(Clone, Debug, Default)]
pub(super) struct StoredText {
    id: String,
    bytes: u64,
    produced: u64,
    lines: u64,
    tail: String,
    parts: u64,
    /// Whose quota cut it.
    quota: Option<String>,
}

impl StoredText {
    pub(super) fn json(&self) -> Value {
        let mut all = json!({"id": self.id, "bytes": self.bytes, "lines": self.lines, "tail": self.tail, "parts": self.parts});
        self.confess(&mut all);
        json!({"text": all})
    }

    /// What is not all says so.
    fn confess(&self, note: &mut Value) {
        if self.produced > self.bytes {
            note["truncated"] = true.into();
            note["produced"] = self.produced.into();
            note["quota"] = self.quota.clone().into();
        }
    }

    pub(super) fn of(value: &Value) -> Option<Self> {
        let text = value.get("text")?;
        let number = |key: &str| text.get(key).and_then(Value::as_u64);
        let bytes = number("bytes")?;
        Some(Self {
            id: text.get("id")?.as_str()?.to_owned(),
            bytes,
            produced: number("produced").unwrap_or(bytes),
            lines: number("lines").unwrap_or_default(),
            tail: text.get("tail").and_then(Value::as_str).unwrap_or_default().to_owned(),
            parts: number("parts").unwrap_or_default(),
            quota: text.get("quota").and_then(Value::as_str).map(str::to_owned),
        })
    }
}

#[derive(Clone, Debug, Default)]
struct Sheet {
    stream: Option<Stream>,
    clear_next: bool,
    /// Outputs in the document.
    count: usize,
    rest: Option<rest::Rest>,
}

/// The outputs of a notebook's cells.
#[derive(Default)]
pub(crate) struct Sheets {
    cells: HashMap<String, Sheet>,
    /// By the kernel's name for a display: where it is shown.
    displays: BTreeMap<String, Vec<(String, String)>>,
    pub(crate) ops: Vec<Op>,
    /// Text went to storage: more of it may come soon.
    pub(crate) busy_shelf: bool,
}

/// The last 2 kB of a text and what follows it.
fn tail_of(before: &str, more: &str) -> String {
    const TAIL: usize = 2 << 10;
    let joined = if more.len() >= TAIL { more.to_owned() } else { format!("{before}{more}") };
    let from = joined.ceil_char_boundary(joined.len().saturating_sub(TAIL));
    joined[from..].to_owned()
}

impl Sheets {
    /// Reads from the document what displays are where; of these cells the outputs go when the next comes.
    pub(crate) fn load(room: &Room, to_clear: Vec<String>) -> Self {
        let mut sheets = Self::default();
        for cell in to_clear {
            sheets.sheet(room, &cell).clear_next = true;
        }
        room.read(|txn| {
            for cell in crate::document::shared::order(txn) {
                let Some(map) = cell_map(txn, &cell) else { continue };
                let Some(Out::YArray(list)) = map.get(txn, key::OUTPUTS) else { continue };
                for output in list.iter(txn) {
                    let Out::YMap(output) = output else { continue };
                    let text = |key: &str| match output.get(txn, key) {
                        Some(Out::Any(Any::String(text))) => Some(text.to_string()),
                        _ => None,
                    };
                    if let (Some(display), Some(id)) = (text(out::DISPLAY_ID), text(out::ID)) {
                        sheets.displays.entry(display).or_default().push((cell.clone(), id));
                    }
                }
            }
        });
        sheets
    }

    fn sheet(&mut self, room: &Room, cell: &str) -> &mut Sheet {
        self.cells.entry(cell.to_owned()).or_insert_with(|| {
            let (count, rest) = rest::of(room, cell);
            Sheet { stream: last_stream(room, cell), clear_next: false, count, rest }
        })
    }

    /// Cells whose outputs go when the next comes.
    pub(crate) fn to_clear(&self) -> Vec<String> {
        let waiting = self.cells.iter().filter(|(_, sheet)| sheet.clear_next);
        let mut cells: Vec<String> = waiting.map(|(cell, _)| cell.clone()).collect();
        cells.sort();
        cells
    }

    /// Takes everything away that a cell shows.
    pub(crate) fn clear(&mut self, shelf: &mut Shelf, cell: &str) {
        self.cells.insert(cell.to_owned(), Sheet::default());
        for places in self.displays.values_mut() {
            places.retain(|(of, _)| of != cell);
        }
        self.ops.push(Op::Clear(cell.to_owned()));
        shelf.forget(cell);
    }

    fn make_room(&mut self, room: &Room, shelf: &mut Shelf, cell: &str) {
        if std::mem::take(&mut self.sheet(room, cell).clear_next) {
            self.clear(shelf, cell);
        }
    }

    /// Takes what the kernel published for a cell.
    pub(crate) async fn take(
        &mut self,
        room: &Room,
        shelf: &mut Shelf,
        source: &Source,
        cell: &str,
        run: &str,
        entry: &Entry,
    ) -> Result<(), Error> {
        let id = format!("out_{}_{}", run.trim_start_matches("run_"), entry.seq);
        if self.beside(room, cell, &id, entry) {
            return Ok(());
        }
        match entry.kind.as_str() {
            "stream" => {
                self.make_room(room, shelf, cell);
                self.stream(room, shelf, source, cell, &id, entry).await
            }
            "display_data" | "execute_result" | "update_display_data" => {
                self.display(room, shelf, source, cell, &id, entry).await
            }
            "error" => {
                self.make_room(room, shelf, cell);
                let value = error_of(source, entry).await?;
                self.add(cell, id, value, json!({}));
                Ok(())
            }
            "clear_output" => {
                self.sheet(room, cell).clear_next = true;
                if entry.content.get("wait").and_then(Value::as_bool) != Some(true) {
                    self.make_room(room, shelf, cell);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, cell: &str, id: String, value: Value, stored: Value) {
        if let Some(sheet) = self.cells.get_mut(cell) {
            sheet.stream = None;
            sheet.count += 1;
        }
        self.ops.push(Op::Add(cell.to_owned(), id, value, stored));
    }

    async fn stream(
        &mut self,
        room: &Room,
        shelf: &mut Shelf,
        source: &Source,
        cell: &str,
        id: &str,
        entry: &Entry,
    ) -> Result<(), Error> {
        let name = entry.text("name").to_owned();
        let known = self.sheet(room, cell).stream.clone().filter(|s| s.name == name);
        let mut now = match known {
            Some(stream) => stream,
            None => {
                let value = json!({"output_type": "stream", "name": name, "text": ""});
                self.add(cell, id.to_owned(), value, json!({}));
                Stream { id: id.to_owned(), name, inline: String::new(), stored: None }
            }
        };
        let stored = now.stored.take();
        let more = more_text(shelf, source, cell, &now.id, &now.inline, stored, entry).await?;
        if !more.inline.is_empty() {
            now.inline.push_str(&more.inline);
            self.ops.push(Op::Text(cell.to_owned(), now.id.clone(), more.inline));
        }
        if let Some(stored) = more.stored {
            self.ops.push(Op::Stored(cell.to_owned(), now.id.clone(), stored.json()));
            now.stored = Some(stored);
            self.busy_shelf = true;
        }
        self.sheet(room, cell).stream = Some(now);
        Ok(())
    }

    async fn display(
        &mut self,
        room: &Room,
        shelf: &mut Shelf,
        source: &Source,
        cell: &str,
        id: &str,
        entry: &Entry,
    ) -> Result<(), Error> {
        let content = &entry.content;
        let display = content.pointer("/transient/display_id").and_then(Value::as_str).map(str::to_owned);
        let Bundle { data, metadata, stored } = bundle(shelf, source, cell, id, entry).await?;
        let shown = display.as_ref().and_then(|d| self.displays.get(d)).cloned().unwrap_or_default();
        if entry.kind != "execute_result" {
            for (of, output) in shown {
                self.ops.push(Op::Show(of, output, data.clone(), metadata.clone(), stored.clone()));
            }
        }
        if entry.kind == "update_display_data" {
            return Ok(());
        }
        self.make_room(room, shelf, cell);
        let mut value = json!({"output_type": entry.kind, "data": data, "metadata": metadata});
        if entry.kind == "execute_result" {
            value["execution_count"] = content.get("execution_count").cloned().unwrap_or_default();
        }
        if let Some(display) = display {
            value[out::DISPLAY_ID] = display.clone().into();
            self.displays.entry(display).or_default().push((cell.to_owned(), id.to_owned()));
        }
        self.sheet(room, cell);
        self.add(cell, id.to_owned(), value, stored);
        Ok(())
    }
}

/// What comes behind the text of a stream.
pub(super) struct More {
    /// What of it is shown.
    pub(super) inline: String,
    /// What is stored now, if it is too long.
    pub(super) stored: Option<StoredText>,
}

/// Takes more text of a stream, of which `inline` is shown and `stored` is stored.
pub(super) async fn more_text(
    shelf: &mut Shelf,
    source: &Source,
    cell: &str,
    id: &str,
    inline: &str,
    stored: Option<StoredText>,
    entry: &Entry,
) -> Result<More, Error> {
    let large = entry.large_at(&["text"]);
    let text = entry.text("text");
    let length = large.map_or(text.len() as u64, |l| l.bytes);
    let fits = inline.len() as u64 + length <= INLINE as u64;
    if stored.is_none() && large.is_none() && fits {
        return Ok(More { inline: text.to_owned(), stored: None });
    }
    let mut stored = match stored {
        Some(stored) => stored,
        None => {
            // All of it goes where the rest will be; the document keeps the beginning.
            let mut stored = StoredText { id: id.to_owned(), ..StoredText::default() };
            if !inline.is_empty() {
                put_text(shelf, cell, &mut stored, inline.to_owned()).await?;
            }
            stored
        }
    };
    match large {
        Some(large) => put_large(shelf, source, cell, &mut stored, large).await?,
        None => put_text(shelf, cell, &mut stored, text.to_owned()).await?,
    }
    let head = if inline.is_empty() { large.map_or(text, |l| l.head.as_str()) } else { "" };
    let head = head[..head.floor_char_boundary(INLINE.min(head.len()))].to_owned();
    Ok(More { inline: head, stored: Some(stored) })
}

/// What a display shows.
pub(super) struct Bundle {
    pub(super) data: Value,
    pub(super) metadata: Value,
    /// What of it is stored beside.
    pub(super) stored: Value,
}

/// Takes what a display shows; what is big is stored.
pub(super) async fn bundle(
    shelf: &mut Shelf,
    source: &Source,
    cell: &str,
    id: &str,
    entry: &Entry,
) -> Result<Bundle, Error> {
    let part =
        |key: &str| entry.content.get(key).filter(|v| v.is_object()).cloned().unwrap_or_else(|| json!({}));
    let (mut data, metadata) = (part("data"), part("metadata"));
    let mut stored = Map::new();
    for large in entry.large.iter().filter(|l| l.path.first().is_some_and(|p| p == "data")) {
        let [_, mime] = large.path.as_slice() else { continue };
        if let Some(data) = data.as_object_mut() {
            data.remove(mime);
        }
        let number = stored.len();
        let mut value = StoredText { id: format!("{id}_{number}"), ..StoredText::default() };
        put_as(shelf, source, cell, &mut value, large, mime).await?;
        let mut json = json!({"id": value.id, "bytes": value.bytes});
        value.confess(&mut json);
        stored.insert(mime.clone(), json);
    }
    Ok(Bundle { data, metadata, stored: Value::Object(stored) })
}

/// An error as files have it.
pub(super) async fn error_of(source: &Source, entry: &Entry) -> Result<Value, Error> {
    let mut traceback = entry.content.get("traceback").cloned().unwrap_or_default();
    if let Some(large) = entry.large_at(&["traceback"]) {
        traceback = whole(source, large, TRACEBACK).await?.unwrap_or_else(|| json!([large.tail]));
    }
    if !traceback.is_array() {
        traceback = json!([]);
    }
    Ok(json!({
        "output_type": "error", "ename": short(entry, "ename"), "evalue": short(entry, "evalue"),
        "traceback": traceback,
    }))
}

fn short(entry: &Entry, key: &str) -> String {
    match entry.large_at(&[key]) {
        Some(large) => format!("{} …", large.head),
        None => entry.text(key).to_owned(),
    }
}

async fn whole(source: &Source, large: &Large, limit: u64) -> Result<Option<Value>, Error> {
    if large.cut || large.bytes > limit {
        return Ok(None);
    }
    let bytes = source.whole(large.spool, large.bytes).await?;
    Ok(serde_json::from_slice(&bytes).ok())
}

async fn put_text(shelf: &mut Shelf, cell: &str, to: &mut StoredText, text: String) -> Result<(), Error> {
    to.produced += text.len() as u64;
    let text = match to.quota {
        // Once it is cut, nothing comes behind the gap.
        Some(_) => "",
        None => {
            let (room, whose) = shelf.allowance(cell).await?;
            let fits = text.floor_char_boundary(usize::try_from(room).unwrap_or(usize::MAX).min(text.len()));
            to.quota = (fits < text.len()).then(|| whose.to_owned());
            &text[..fits]
        }
    };
    if !text.is_empty() {
        let bytes = bytes::Bytes::copy_from_slice(text.as_bytes());
        let slot = Slot { cell, output: &to.id, media: "text/plain", part: to.parts };
        shelf.put(slot, bytes).await?;
        to.parts += 1;
        to.bytes += text.len() as u64;
        to.lines += text.bytes().filter(|b| *b == b'\n').count() as u64;
        to.tail = tail_of(&to.tail, text);
    }
    Ok(())
}

async fn put_large(
    shelf: &mut Shelf,
    source: &Source,
    cell: &str,
    to: &mut StoredText,
    large: &Large,
) -> Result<(), Error> {
    put_as(shelf, source, cell, to, large, "text/plain").await?;
    to.lines += large.lines;
    to.tail = tail_of(&to.tail, &large.tail);
    Ok(())
}

async fn put_as(
    shelf: &mut Shelf,
    source: &Source,
    cell: &str,
    to: &mut StoredText,
    large: &Large,
    media: &str,
) -> Result<(), Error> {
    to.produced += large.bytes;
    let (room, whose) = shelf.allowance(cell).await?;
    let take = if large.cut || to.quota.is_some() { 0 } else { large.bytes.min(room) };
    if take < large.bytes && !large.cut {
        to.quota.get_or_insert_with(|| whose.to_owned());
    }
    if take > 0 {
        let slot = Slot { cell, output: &to.id, media, part: to.parts };
        shelf.copy(slot, source, large.spool, take).await?;
        to.parts += 1;
        to.bytes += take;
    }
    Ok(())
}

/// The last output of a cell, if it is text.
fn last_stream(room: &Room, cell: &str) -> Option<Stream> {
    room.read(|txn| {
        let Some(Out::YArray(list)) = cell_map(txn, cell)?.get(txn, key::OUTPUTS) else { return None };
        let Some(Out::YMap(map)) = list.get(txn, list.len(txn).checked_sub(1)?) else { return None };
        let text = |key: &str| match map.get(txn, key) {
            Some(Out::Any(Any::String(text))) => Some(text.to_string()),
            Some(Out::YText(text)) => Some(yrs::GetString::get_string(&text, txn)),
            _ => None,
        };
        if text(out::OUTPUT_TYPE)? != "stream" {
            return None;
        }
        let stored = match map.get(txn, out::STORED) {
            Some(Out::Any(any)) => StoredText::of(&crate::document::json::from_any(&any)),
            _ => None,
        };
        Some(Stream { id: text(out::ID)?, name: text(out::NAME)?, inline: text(out::TEXT)?, stored })
    })
}
