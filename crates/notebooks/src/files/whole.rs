//! A file with everything in it, written a piece at a time.
//!
//! The document alone is small. A file is made of it with a token in the place of each stored value, and cut at the
//! tokens; when it is read, the stored values come in between, in the way that the place asks for. So no more than a
//! piece of a stored value is in memory, however long the file is. JSON up to [`JSON`] bytes is the one exception: it is
//! written as nbformat would.

use super::ground::Ground;
use super::outputs::{FOLDER, fetch, hint};
use super::place::Pieces;
use super::ways::{self, Deeper, Each, Lines, Terminal, Trimmed, Utf8, Way};
use crate::document::json::canonical;
use crate::document::model::{Notebook, Object, sha256};
use bytes::Bytes;
use castalia_base::Error;
use futures::stream;
use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// JSON that is longer is written as it is stored, in bytes.
const JSON: u64 = 8 << 20;
/// Markdown that is longer is shown as text in a page, in bytes.
const MARKDOWN: u64 = 1 << 20;

/// The forms that have outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Ipynb,
    Html,
    Markdown,
}

/// A stored value that will stand somewhere in the file.
#[derive(Clone, Debug)]
struct Slot {
    token: String,
    id: String,
    bytes: u64,
    /// Its MIME type, or `text`.
    name: String,
    /// It is JSON, and stored as [`canonical`] writes it.
    is_canonical: bool,
    /// What stands behind it.
    word: String,
}

impl Slot {
    fn is_json(&self) -> bool {
        self.name == "application/json" || self.name.ends_with("+json")
    }
}

/// A notebook whose stored values are tokens.
pub(crate) struct Marked {
    /// With tokens.
    pub(crate) notebook: Notebook,
    /// The same with digests of the stored values in their place: what a merge has to know of the file.
    pub(crate) base: Notebook,
    stem: String,
    slots: Vec<Slot>,
}

/// Puts tokens in the place of stored values. Of what is longer than `limit` the beginning stands there, and a word about
/// the rest. `digests`: what values are is needed too.
pub(crate) async fn mark(
    ground: &dyn Ground,
    id: &str,
    notebook: Notebook,
    form: Form,
    limit: Option<u64>,
    digests: bool,
) -> Result<Marked, Error> {
    let stem = format!("stored{:032x}n", rand::random::<u128>());
    let mut marked = Marked { base: notebook.clone(), notebook, stem, slots: Vec::new() };
    for at in 0..marked.notebook.cells.len() {
        for nth in 0..marked.notebook.cells[at].outputs.len() {
            let stored = std::mem::take(&mut marked.notebook.cells[at].outputs[nth].stored);
            marked.base.cells[at].outputs[nth].stored.clear();
            for (name, note) in stored {
                let part = place(ground, id, &name, &note, form, limit).await?;
                let (name, shown, noted) = match part {
                    Placed::Value(name, value) => (name, value, None),
                    Placed::Slot(mut slot) => {
                        slot.token = format!("{}{:06}x{}", marked.stem, marked.slots.len(), slot.token);
                        let noted = match digests {
                            true => Some(json!({"sha256": digest(ground, id, &slot, &note).await?})),
                            false => None,
                        };
                        let token = slot.token.clone();
                        marked.slots.push(slot);
                        (name, token.into(), noted)
                    }
                };
                let base = &mut marked.base.cells[at].outputs[nth];
                match noted {
                    Some(noted) => drop(base.stored.insert(name.clone(), noted)),
                    None => set(&mut base.value, &name, shown.clone()),
                }
                set(&mut marked.notebook.cells[at].outputs[nth].value, &name, shown);
            }
        }
    }
    Ok(marked)
}

fn set(output: &mut Value, name: &str, value: Value) {
    let Value::Object(fields) = output else { return };
    if name == "text" {
        fields.insert("text".into(), value);
    } else if let Value::Object(data) = fields.entry("data").or_insert_with(|| Object::new().into()) {
        data.insert(name.to_owned(), value);
    }
}

enum Placed {
    /// Under this name, this value.
    Value(String, Value),
    Slot(Slot),
}

async fn place(
    ground: &dyn Ground,
    notebook: &str,
    name: &str,
    note: &Value,
    form: Form,
    limit: Option<u64>,
) -> Result<Placed, Error> {
    let bytes = note["bytes"].as_u64().unwrap_or_default();
    let id = note["id"].as_str().unwrap_or_default().to_owned();
    let is_text = name == "text" || name.starts_with("text/");
    let long = limit.is_some_and(|limit| bytes > limit);
    let cut = note["truncated"] == true;
    if cut && (!is_text || bytes == 0) {
        let name = if is_text { name } else { "text/plain" };
        return Ok(Placed::Value(name.to_owned(), hint(note).into()));
    }
    if bytes == 0 {
        return Ok(Placed::Value(name.to_owned(), "".into()));
    }
    let small = form == Form::Html && name == "text/markdown" && bytes <= MARKDOWN;
    if long || small {
        let value = fetch(ground, notebook, name, note, limit.unwrap_or(u64::MAX)).await?;
        // A part of a picture is none.
        let name = if long && !is_text { "text/plain" } else { name };
        return Ok(Placed::Value(name.to_owned(), value));
    }
    let is_canonical = note["sha256"].is_string();
    let word = if cut { hint(note) } else { String::new() };
    let mut slot = Slot { token: String::new(), id, bytes, name: name.to_owned(), is_canonical, word };
    if slot.is_json() && bytes > JSON && ground.head(notebook, FOLDER, &slot.id, 1).await?.is_none() {
        return Ok(Placed::Value(name.to_owned(), fetch(ground, notebook, name, note, 0).await?));
    }
    if form == Form::Markdown && matches!(name, "text" | "text/plain" | "text/html") {
        // So that the fence around it is long enough.
        slot.token = "`".repeat(longest_run(ground, notebook, &slot).await?);
    }
    Ok(Placed::Slot(slot))
}

async fn longest_run(ground: &dyn Ground, notebook: &str, slot: &Slot) -> Result<usize, Error> {
    let mut pieces = ground.read(notebook, &slot.id, slot.bytes).await?;
    let (mut run, mut longest) = (0, 0);
    while let Some(piece) = pieces.try_next().await? {
        for byte in &piece {
            run = if *byte == b'`' { run + 1 } else { 0 };
            longest = longest.max(run);
        }
    }
    Ok(longest)
}

/// The digest of a value as the file has it.
async fn digest(ground: &dyn Ground, notebook: &str, slot: &Slot, note: &Value) -> Result<String, Error> {
    if let Some(known) = note["sha256"].as_str().filter(|_| slot.word.is_empty()) {
        return Ok(known.to_owned());
    }
    if slot.is_json() && slot.bytes <= JSON {
        let text = collect(ground, notebook, slot).await?;
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|_| text.clone().into());
        return Ok(if value.is_string() {
            sha256(text.as_bytes())
        } else {
            sha256(canonical(&value).as_bytes())
        });
    }
    let (mut hash, mut utf8) = (Sha256::new(), Utf8::default());
    let mut pieces = ground.read(notebook, &slot.id, slot.bytes).await?;
    while let Some(piece) = pieces.try_next().await? {
        hash.update(utf8.push(&piece));
    }
    hash.update(utf8.end());
    hash.update(&slot.word);
    Ok(hex::encode(hash.finalize()))
}

async fn collect(ground: &dyn Ground, notebook: &str, slot: &Slot) -> Result<String, Error> {
    let mut pieces = ground.read(notebook, &slot.id, slot.bytes).await?;
    let (mut utf8, mut text) = (Utf8::default(), String::new());
    while let Some(piece) = pieces.try_next().await? {
        text.push_str(&utf8.push(&piece));
    }
    text.push_str(utf8.end());
    Ok(text)
}

/// How a stored value is written.
#[derive(Clone, Copy, Debug)]
enum How {
    /// As lines of a JSON list, with so many spaces before each.
    Lines(usize),
    /// As a JSON value, so deep in.
    Json(usize),
    /// By its type.
    Plain(Form),
}

enum Piece {
    Text(Bytes),
    Stored(Slot, How),
}

/// A file, in pieces that are read when it is.
pub(crate) struct Whole {
    pieces: Vec<Piece>,
}

impl Marked {
    /// Cuts what was made of the notebook at the tokens.
    pub(crate) fn cut(&self, text: &str, form: Form) -> Whole {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some(at) = rest.find(&self.stem) {
            let number = rest[at + self.stem.len()..].get(..6).and_then(|n| n.parse::<usize>().ok());
            let Some(slot) = number.and_then(|n| self.slots.get(n)) else { break };
            let (mut before, mut after) = (&rest[..at], &rest[at..]);
            after = after.strip_prefix(slot.token.as_str()).unwrap_or(after);
            let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
            let start = line.trim_start_matches(' ');
            let indent = line.len() - start.len();
            let how = match form {
                Form::Ipynb if start == "\"" => How::Lines(indent),
                Form::Ipynb if slot.is_json() => How::Json(indent),
                form => How::Plain(form),
            };
            // JSON stands where a text would.
            let quote = match how {
                How::Plain(Form::Html) if slot.is_json() => "&quot;",
                How::Plain(_) => "",
                _ => "\"",
            };
            before = before.strip_suffix(quote).unwrap_or(before);
            after = after.strip_prefix(quote).unwrap_or(after);
            pieces.push(Piece::Text(Bytes::copy_from_slice(before.as_bytes())));
            pieces.push(Piece::Stored(slot.clone(), how));
            rest = after;
        }
        pieces.push(Piece::Text(Bytes::copy_from_slice(rest.as_bytes())));
        Whole { pieces }
    }
}

fn way(slot: &Slot, how: How) -> Box<dyn Way> {
    let name = slot.name.as_str();
    let form = match how {
        How::Lines(indent) => return Box::new(Lines::new(indent)),
        How::Json(indent) if slot.is_canonical => return Box::new(Deeper::new(indent)),
        How::Json(_) => return Box::new(Each(ways::plain)),
        How::Plain(form) => form,
    };
    match (form, name) {
        (Form::Ipynb, _) => Box::new(Each(ways::json_text)),
        (Form::Html, "text" | "text/plain" | "text/latex") => Box::new(Terminal::html()),
        (Form::Html, "text/html" | "text/markdown") => Box::new(Each(ways::in_html)),
        (Form::Html, "image/svg+xml") => Box::new(Each(ways::percent)),
        (Form::Html, name) if name.starts_with("image/") => Box::new(Each(ways::base64)),
        (Form::Html, _) if slot.is_json() => Box::new(Each(ways::in_html)),
        (Form::Html, _) => Box::new(Each(ways::json_in_html)),
        (Form::Markdown, "text" | "text/plain") => Box::new(Terminal::stripped()),
        (Form::Markdown, "text/html") => Box::new(Trimmed::default()),
        (Form::Markdown, name) if name.starts_with("image/") => Box::new(Each(ways::base64)),
        (Form::Markdown, _) => Box::new(Each(ways::plain)),
    }
}

struct Writing {
    pieces: Pieces,
    way: Box<dyn Way>,
    utf8: Utf8,
    word: String,
    over: bool,
}

async fn written(ground: Arc<dyn Ground>, notebook: String, slot: Slot, how: How) -> Result<Pieces, Error> {
    if let How::Json(indent) = how
        && slot.bytes <= JSON
    {
        let text = collect(ground.as_ref(), &notebook, &slot).await?;
        // What is no JSON is a text.
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|_| text.into());
        let (mut way, mut out) = (Deeper::new(indent), String::new());
        way.push(&canonical(&value), &mut out);
        return Ok(stream::iter([Ok(Bytes::from(out))]).boxed());
    }
    let pieces = ground.read(&notebook, &slot.id, slot.bytes).await?;
    let way = way(&slot, how);
    let state = Writing { pieces, way, utf8: Utf8::default(), word: slot.word, over: false };
    let next = |mut state: Writing| async move {
        if state.over {
            return Ok(None);
        }
        let mut out = String::new();
        match state.pieces.try_next().await? {
            Some(piece) => state.way.push(&state.utf8.push(&piece), &mut out),
            None => {
                state.way.push(state.utf8.end(), &mut out);
                state.way.push(&std::mem::take(&mut state.word), &mut out);
                state.way.end(&mut out);
                state.over = true;
            }
        }
        Ok(Some((Bytes::from(out), state)))
    };
    Ok(stream::try_unfold(state, next).boxed())
}

impl Whole {
    /// All bytes, from first to last.
    pub(crate) fn read(&self, ground: &Arc<dyn Ground>, notebook: &str) -> Pieces {
        let pieces: Vec<_> = self
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Piece::Text(text.clone()),
                Piece::Stored(slot, how) => Piece::Stored(slot.clone(), *how),
            })
            .collect();
        let (ground, notebook) = (ground.clone(), notebook.to_owned());
        stream::iter(pieces)
            .then(move |piece| {
                let (ground, notebook) = (ground.clone(), notebook.clone());
                async move {
                    match piece {
                        Piece::Text(text) => Ok(stream::iter([Ok(text)]).boxed()),
                        Piece::Stored(slot, how) => written(ground, notebook, slot, how).await,
                    }
                }
            })
            .try_flatten()
            .boxed()
    }

    /// The digest of all bytes, in hexadecimal.
    pub(crate) async fn sha256(&self, ground: &Arc<dyn Ground>, notebook: &str) -> Result<String, Error> {
        let mut hash = Sha256::new();
        let mut pieces = self.read(ground, notebook);
        while let Some(piece) = pieces.try_next().await? {
            hash.update(&piece);
        }
        Ok(hex::encode(hash.finalize()))
    }
}
