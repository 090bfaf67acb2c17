//! From a file to a [`Notebook`].

use super::{CELL_FIELDS, CODE_FIELDS, LAYOUT, NOTEBOOK_FIELDS, ganimede, has_bundle, is_json_mime, texts};
use crate::document::model::{Cell, CellKind, Layout, Notebook, Object, Output, sha256};
use castalia_base::Error;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What came out of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The notebook.
    pub notebook: Notebook,
    /// What had to be mended, in sentences for people.
    pub mended: Vec<String>,
}

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not JSON.
    Json {
        /// What is wrong.
        reason: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// It is JSON, but not a notebook.
    NotANotebook(String),
    /// It is a notebook of a version that we don't know.
    Version(String),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Json { reason, line, column } => {
                write!(f, "the file is not JSON: {reason} at line {line}, column {column}")
            }
            Self::NotANotebook(reason) | Self::Version(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        let code = match refused {
            Refused::Json { .. } => "invalid_json",
            Refused::NotANotebook(_) => "not_a_notebook",
            Refused::Version(_) => "unknown_nbformat",
        };
        Self::invalid(code, refused.to_string())
    }
}

/// Reads the bytes of a file.
///
/// # Errors
/// [`Refused`]; nothing is ever read in part.
pub fn read(bytes: &[u8]) -> Result<Loaded, Refused> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value = serde_json::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        let reason = text.split(" at line ").next().unwrap_or_default().to_owned();
        Refused::Json { reason, line: error.line(), column: error.column() }
    })?;
    read_value(value)
}

/// Reads the JSON of a file.
///
/// # Errors
/// [`Refused`], but not for JSON.
pub fn read_value(value: Value) -> Result<Loaded, Refused> {
    let Value::Object(mut file) = value else {
        return Err(not_a_notebook("a notebook is a JSON object"));
    };
    let ganimede = ganimede::is_one(&file);
    let mut mended = Vec::new();
    let minor = if ganimede {
        mended.push("a file of Ganimede's: what it leaves out was added".into());
        5
    } else {
        version(&file)?
    };
    if minor < 5 {
        mended.push(format!("nbformat 4.{minor} became 4.5: cells got ids"));
    }
    let Some(Value::Array(cells)) = file.remove("cells") else {
        return Err(not_a_notebook("the notebook has no list `cells`"));
    };
    let metadata = file.remove("metadata").unwrap_or_else(|| Value::Object(Object::new()));
    let Value::Object(mut metadata) = metadata else {
        return Err(not_a_notebook("`metadata` of the notebook is not an object"));
    };
    let tissues = ganimede::tissues(&metadata);
    let np_graph = take_np_graph(&mut metadata);
    file.retain(|key, _| !NOTEBOOK_FIELDS.contains(&key.as_str()));
    let cells = cells.into_iter().enumerate().map(|(at, cell)| read_cell(at, cell, ganimede));
    let mut notebook = Notebook {
        minor: minor.max(5),
        metadata,
        extra: file,
        cells: cells.collect::<Result<_, _>>()?,
        np_graph,
    };
    if ganimede {
        ganimede::arrange(&mut notebook.cells, &tissues);
    }
    mend_ids(&mut notebook.cells, minor < 5 || ganimede, &mut mended);
    name_outputs(&mut notebook.cells);
    Ok(Loaded { notebook, mended })
}

fn not_a_notebook(reason: &str) -> Refused {
    Refused::NotANotebook(reason.to_owned())
}

fn version(file: &Object) -> Result<i64, Refused> {
    let number = |key| file.get(key).and_then(Value::as_i64);
    match (number("nbformat"), number("nbformat_minor")) {
        (Some(4), Some(minor @ 0..=5)) => Ok(minor),
        (Some(4), Some(minor)) => Err(Refused::Version(format!(
            "the notebook is in nbformat 4.{minor}, which is newer than the 4.5 that is understood here; it was not opened, so nothing of it is lost"
        ))),
        (Some(4), None) => Err(not_a_notebook("the notebook has no `nbformat_minor`")),
        (Some(major @ 1..=3), _) => Err(Refused::Version(format!(
            "the notebook is in nbformat {major}; bring it to 4 with `jupyter nbconvert --to notebook` first"
        ))),
        (Some(major), _) => {
            Err(Refused::Version(format!("the notebook is in nbformat {major}; only 4 is understood here")))
        }
        (None, _) => Err(not_a_notebook("the file has no `nbformat`: it is not a notebook")),
    }
}

fn take_np_graph(metadata: &mut Object) -> BTreeMap<String, Vec<String>> {
    let mut graph = BTreeMap::new();
    let Some(Value::Object(gm)) = metadata.get_mut("gm") else {
        return graph;
    };
    // A graph of another shape is somebody else's: it stays where it is.
    let parsed: Option<BTreeMap<_, _>> = gm.get("np_graph").and_then(Value::as_object).and_then(|edges| {
        let list = |to: &Value| texts(to).map(|to| to.into_iter().map(str::to_owned).collect());
        edges.iter().map(|(from, to)| Some((from.clone(), list(to)?))).collect()
    });
    if let Some(parsed) = parsed {
        graph = parsed;
        gm.remove("np_graph");
        gm.remove("pc_graph");
        if gm.is_empty() {
            metadata.remove("gm");
        }
    }
    graph
}

fn read_cell(at: usize, cell: Value, ganimede: bool) -> Result<Cell, Refused> {
    let bad = |what: &str| not_a_notebook(&format!("cell {} {what}", at + 1));
    let Value::Object(mut file) = cell else {
        return Err(bad("is not an object"));
    };
    let kind = file.get("cell_type").and_then(Value::as_str).unwrap_or_default();
    let kind =
        CellKind::parse(kind).ok_or_else(|| bad("has a `cell_type` that is not code, markdown or raw"))?;
    let source = file.remove("source").unwrap_or_default();
    let source = join(&source, ganimede).ok_or_else(|| bad("has a `source` that is not text"))?;
    let mut metadata = match file.remove("metadata") {
        Some(Value::Object(metadata)) => metadata,
        None => Object::new(),
        Some(_) => return Err(bad("has `metadata` that are not an object")),
    };
    let layout = take_layout(&mut metadata, ganimede);
    metadata.remove("trusted");
    let id = file.remove("id").and_then(|id| id.as_str().map(str::to_owned)).unwrap_or_default();
    let mut attachments = file.remove("attachments");
    if let Some(Value::Object(files)) = &mut attachments {
        files.values_mut().for_each(join_bundle);
    }
    let mut cell = Cell { id, kind, source, layout, metadata, attachments, ..Cell::default() };
    let code = kind == CellKind::Code;
    if code {
        cell.execution_count = match file.get("execution_count") {
            None | Some(Value::Null) => None,
            Some(count) => {
                Some(whole(count).ok_or_else(|| bad("has an `execution_count` that is no number"))?)
            }
        };
        cell.outputs = match file.remove("outputs") {
            Some(Value::Array(outputs)) => {
                outputs.into_iter().map(|output| read_output(output, ganimede)).collect()
            }
            None => Vec::new(),
            Some(_) => return Err(bad("has `outputs` that are not a list")),
        };
    } else if ganimede {
        // It writes empty outputs for every cell, which no other reader accepts.
        CODE_FIELDS.iter().for_each(|key| drop(file.remove(*key)));
    }
    let known = |key: &str| CELL_FIELDS.contains(&key) || (code && CODE_FIELDS.contains(&key));
    cell.extra = file.into_iter().filter(|(key, _)| !known(key)).collect();
    Ok(cell)
}

fn whole(value: &Value) -> Option<i64> {
    let float = || value.as_f64().filter(|float| float.trunc() == *float && float.abs() < 9e15);
    value.as_i64().or_else(|| float().map(|float| float as i64))
}

fn take_layout(metadata: &mut Object, ganimede: bool) -> Layout {
    let mut layout = Layout::default();
    let Some(Value::Object(gm)) = metadata.get_mut("gm") else {
        return layout;
    };
    let before = gm.len();
    let mut number = |key: &str| {
        let number = gm.get(key).and_then(Value::as_f64);
        if number.is_some() {
            gm.remove(key);
        }
        number
    };
    let [top, left, width, height] = LAYOUT.map(&mut number);
    if matches!(gm.get("collapsed").and_then(Value::as_str), Some("i" | "o" | "b")) {
        layout.collapsed = gm.remove("collapsed").and_then(|folded| folded.as_str().map(str::to_owned));
    }
    // Ganimede says null where it says nothing. Elsewhere what is not layout stays as it is.
    if (gm.is_empty() && before > 0) || (ganimede && gm.values().all(Value::is_null)) {
        metadata.remove("gm");
    }
    Layout { top, left, width, height, ..layout }
}

fn read_output(mut output: Value, ganimede: bool) -> Output {
    let kind = output["output_type"].as_str().unwrap_or_default().to_owned();
    let Value::Object(fields) = &mut output else {
        return Output { value: output, ..Output::default() };
    };
    if has_bundle(&kind) {
        if let Some(data) = fields.get_mut("data") {
            join_bundle_of(data, ganimede);
        }
    } else if !kind.is_empty()
        && let Some(text) = fields.get_mut("text")
        && text.is_array()
        && let Some(joined) = join(text, ganimede)
    {
        *text = Value::String(joined);
    }
    if ganimede {
        ganimede::complete(&kind, fields);
    }
    Output { value: output, ..Output::default() }
}

fn join_bundle(bundle: &mut Value) {
    join_bundle_of(bundle, false);
}

fn join_bundle_of(bundle: &mut Value, ganimede: bool) {
    let Value::Object(bundle) = bundle else {
        return;
    };
    for (mime, value) in bundle {
        if !is_json_mime(mime)
            && value.is_array()
            && let Some(joined) = join(value, ganimede)
        {
            *value = Value::String(joined);
        }
    }
}

/// A text, or a list of lines. Ganimede writes lists without line ends: then they are put back.
fn join(value: &Value, ganimede: bool) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    if value.is_null() {
        return Some(String::new());
    }
    let lines = texts(value)?;
    let ends_lost = ganimede && !lines.iter().any(|line| line.ends_with('\n'));
    Some(if ends_lost { lines.join("\n") } else { lines.concat() })
}

/// Gives ids to the cells without one, and new ids to those that can't stay.
fn mend_ids(cells: &mut [Cell], old: bool, mended: &mut Vec<String>) {
    let mut taken: HashSet<String> = cells.iter().map(|cell| cell.id.clone()).collect();
    let (mut seen, mut same) = (HashSet::new(), HashMap::new());
    for (at, cell) in cells.iter_mut().enumerate() {
        let why = match cell.id.as_str() {
            "" => "has no id",
            id if !is_id(id) => "has an id that the format does not allow",
            id if !seen.insert(id.to_owned()) => "has the id of another cell",
            _ => continue,
        };
        // The same file gets the same ids each time it is read.
        let (kind, source) = (cell.kind.as_str(), cell.source.as_str());
        let nth: &mut usize = same.entry((kind, source.to_owned())).or_default();
        let id = loop {
            let id = sha256(format!("{kind}\0{nth}\0{source}").as_bytes())[..8].to_owned();
            *nth += 1;
            if taken.insert(id.clone()) {
                break id;
            }
        };
        if !old {
            mended.push(format!("cell {} {why}: it is {id} now", at + 1));
        }
        seen.insert(id.clone());
        cell.id = id;
    }
}

/// Whether the format allows this id for a cell.
pub(crate) fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn name_outputs(cells: &mut [Cell]) {
    for cell in cells {
        for (at, output) in cell.outputs.iter_mut().enumerate() {
            output.id = sha256(format!("{}\0{at}\0{}", cell.id, output.value).as_bytes())[..16].to_owned();
        }
    }
}
