//! Between the shared document and a [`Notebook`].

use super::json::{as_int, from_any, to_any};
use super::model::{Cell, CellKind, Layout, Notebook, Object, Output};
use super::schema::{self, cell as key, output as out};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use yrs::{
    Any, Array, ArrayPrelim, ArrayRef, GetString, In, Map, MapPrelim, MapRef, Out, ReadTxn, Text, TextPrelim,
    TextRef, TransactionMut, WriteTxn,
};

/// The fields of the kinds of output that we know, apart from `output_type`.
const OUTPUT_FIELDS: [(&str, &[&str]); 4] = [
    ("stream", &["name", "text"]),
    ("display_data", &["data", "metadata"]),
    ("execute_result", &["data", "metadata", "execution_count"]),
    ("error", &["ename", "evalue", "traceback"]),
];

/// Reads the document.
///
/// Two clients that move one cell at the same time leave its id twice in the order: the first place counts. An id
/// without a cell is what remains of one that was deleted while it was moved: it is not there.
pub fn read<T: ReadTxn>(txn: &T) -> Notebook {
    let meta = txn.get_map(schema::META);
    let field = |name| meta.as_ref().and_then(|meta| meta.get(txn, name));
    let mut notebook = Notebook::new();
    if let Some(Out::Any(minor)) = field(schema::meta::NBFORMAT_MINOR) {
        notebook.minor = as_int(&minor).unwrap_or(5).max(5);
    }
    if let Some(Out::YMap(metadata)) = field(schema::meta::METADATA) {
        notebook.metadata = read_object(txn, &metadata);
    }
    notebook.extra = object(field(schema::meta::EXTRA).map(|extra| value_of(txn, extra)));
    let cells = txn.get_map(schema::CELL);
    let find = |id: &String| {
        cells.as_ref().and_then(|cells| cells.get(txn, id)).and_then(|cell| cell.cast::<MapRef>().ok())
    };
    notebook.cells =
        order(txn).into_iter().filter_map(|id| find(&id).map(|cell| read_cell(txn, id, &cell))).collect();
    let known: HashSet<&str> = notebook.cells.iter().map(|cell| cell.id.as_str()).collect();
    notebook.np_graph = read_graph(txn, schema::NP_GRAPH)
        .into_iter()
        .filter(|(from, _)| known.contains(from.as_str()))
        .filter_map(|(from, mut to)| {
            to.retain(|to| known.contains(to.as_str()));
            (!to.is_empty()).then_some((from, to))
        })
        .collect();
    notebook
}

/// The ids in the order of the file, each once.
pub fn order<T: ReadTxn>(txn: &T) -> Vec<String> {
    let Some(cells) = txn.get_array(schema::CELLS) else {
        return Vec::new();
    };
    let mut seen = HashSet::new();
    cells.iter(txn).filter_map(text_of).filter(|id| seen.insert(id.clone())).collect()
}

/// The cells in order with no more than decides about tissues: kinds, and the texts of Markdown.
pub fn read_outline<T: ReadTxn>(txn: &T) -> Vec<Cell> {
    let outline = |id: String| {
        let map = cell_map(txn, &id)?;
        let kind = map.get(txn, key::TYPE).and_then(text_of).and_then(|kind| CellKind::parse(&kind));
        match kind.unwrap_or_default() {
            CellKind::Markdown => Some(read_cell(txn, id, &map)),
            kind => Some(Cell::new(&id, kind, "")),
        }
    };
    order(txn).into_iter().filter_map(outline).collect()
}

/// The map of a cell.
pub fn cell_map<T: ReadTxn>(txn: &T, id: &str) -> Option<MapRef> {
    txn.get_map(schema::CELL)?.get(txn, id)?.cast().ok()
}

/// A cell of the document.
pub fn cell<T: ReadTxn>(txn: &T, id: &str) -> Option<Cell> {
    cell_map(txn, id).map(|map| read_cell(txn, id.to_owned(), &map))
}

/// A graph of the document.
pub fn read_graph<T: ReadTxn>(txn: &T, name: &str) -> BTreeMap<String, Vec<String>> {
    let Some(graph) = txn.get_map(name) else {
        return BTreeMap::new();
    };
    let list = |out: Out| match out {
        Out::YArray(array) => array.iter(txn).filter_map(text_of).collect(),
        Out::Any(Any::Array(items)) => {
            items.iter().filter_map(|item| text_of(Out::Any(item.clone()))).collect()
        }
        _ => Vec::new(),
    };
    graph.iter(txn).map(|(from, to)| (from.to_string(), list(to))).collect()
}

fn read_cell<T: ReadTxn>(txn: &T, id: String, map: &MapRef) -> Cell {
    let field = |name: &str| map.get(txn, name);
    let word = |name: &str| field(name).and_then(text_of);
    let number = |name: &str| match field(name) {
        Some(Out::Any(Any::Number(number))) => number.as_f64().filter(|number| number.is_finite()),
        _ => None,
    };
    Cell {
        id,
        kind: word(key::TYPE).and_then(|kind| CellKind::parse(&kind)).unwrap_or_default(),
        source: match field(key::SOURCE) {
            Some(Out::YText(source)) => source.get_string(txn),
            Some(other) => text_of(other).unwrap_or_default(),
            None => String::new(),
        },
        layout: Layout {
            top: number(key::TOP),
            left: number(key::LEFT),
            width: number(key::WIDTH),
            height: number(key::HEIGHT),
            collapsed: word(key::COLLAPSED).filter(|folded| matches!(folded.as_str(), "i" | "o" | "b")),
        },
        metadata: match field(key::METADATA) {
            Some(Out::YMap(metadata)) => read_object(txn, &metadata),
            other => object(other.map(|other| value_of(txn, other))),
        },
        attachments: field(key::ATTACHMENTS)
            .map(|files| value_of(txn, files))
            .filter(|files| !files.is_null()),
        extra: object(field(key::EXTRA).map(|extra| value_of(txn, extra))),
        execution_count: match field(key::EXECUTION_COUNT) {
            Some(Out::Any(count)) => as_int(&count),
            _ => None,
        },
        outputs: match field(key::OUTPUTS) {
            Some(Out::YArray(outputs)) => outputs.iter(txn).map(|output| read_output(txn, output)).collect(),
            _ => Vec::new(),
        },
    }
}

fn read_output<T: ReadTxn>(txn: &T, output: Out) -> Output {
    let Out::YMap(map) = output else {
        return Output { value: value_of(txn, output), ..Output::default() };
    };
    let id = map.get(txn, out::ID).and_then(text_of).unwrap_or_default();
    if let Some(raw) = map.get(txn, out::RAW) {
        return Output { id, value: value_of(txn, raw), ..Output::default() };
    }
    let stored = object(map.get(txn, out::STORED).map(|stored| value_of(txn, stored)));
    let mut value = object(map.get(txn, out::EXTRA).map(|extra| value_of(txn, extra)));
    let kind = map.get(txn, out::OUTPUT_TYPE).and_then(text_of).unwrap_or_default();
    let fields = OUTPUT_FIELDS.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, fields)| fields);
    for field in fields {
        if let Some(found) = map.get(txn, field) {
            let count = match &found {
                Out::Any(any) if *field == out::EXECUTION_COUNT => as_int(any).map(Value::from),
                _ => None,
            };
            value.insert((*field).to_owned(), count.unwrap_or_else(|| value_of(txn, found)));
        }
    }
    value.insert(out::OUTPUT_TYPE.into(), kind.into());
    Output { id, value: Value::Object(value), stored, ..Output::default() }
}

/// Writes a notebook into an empty document.
pub fn fill(txn: &mut TransactionMut, notebook: &Notebook) {
    let meta = txn.get_or_insert_map(schema::META);
    meta.insert(txn, schema::meta::NBFORMAT_MINOR, notebook.minor.max(5));
    meta.insert(txn, schema::meta::METADATA, map_prelim(&notebook.metadata));
    if !notebook.extra.is_empty() {
        meta.insert(txn, schema::meta::EXTRA, any_object(&notebook.extra));
    }
    let cells = txn.get_or_insert_map(schema::CELL);
    let order = txn.get_or_insert_array(schema::CELLS);
    for cell in &notebook.cells {
        cells.insert(txn, cell.id.as_str(), cell_prelim(cell));
    }
    order.insert_range(txn, 0, notebook.cells.iter().map(|cell| cell.id.clone()).collect::<Vec<_>>());
    write_graph(txn, schema::NP_GRAPH, &notebook.np_graph);
    write_graph(txn, schema::PC_GRAPH, &super::graph::pc_graph(&notebook.cells));
}

/// Makes a graph of the document what it should be. Writes only what changed; says whether anything did.
pub fn write_graph(txn: &mut TransactionMut, name: &str, graph: &BTreeMap<String, Vec<String>>) -> bool {
    let now = read_graph(txn, name);
    let root = txn.get_or_insert_map(name);
    let gone: Vec<&String> = now.keys().filter(|id| !graph.contains_key(*id)).collect();
    let mut changed = !gone.is_empty();
    for id in gone {
        root.remove(txn, id);
    }
    for (id, to) in graph {
        if now.get(id) == Some(to) {
            continue;
        }
        changed = true;
        match root.get(txn, id) {
            Some(Out::YArray(array)) => set_array(txn, &array, to),
            _ => drop(root.insert(txn, id.as_str(), ids_prelim(to))),
        }
    }
    changed
}

/// Makes an array of texts what it should be, leaving the common start and end alone.
pub(crate) fn set_array(txn: &mut TransactionMut, array: &ArrayRef, to: &[String]) {
    let now: Vec<String> = array.iter(txn).map(|item| text_of(item).unwrap_or_default()).collect();
    let start = now.iter().zip(to).take_while(|(a, b)| a == b).count();
    let end = now[start..].iter().rev().zip(to[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (gone, new) = (now.len() - start - end, &to[start..to.len() - end]);
    if gone > 0 {
        array.remove_range(txn, start as u32, gone as u32);
    }
    if !new.is_empty() {
        array.insert_range(txn, start as u32, new.to_vec());
    }
}

/// A new cell for the document, with what the server writes of it.
pub fn cell_prelim(cell: &Cell) -> MapPrelim {
    let mut map: Vec<(&str, In)> = vec![
        (key::ID, cell.id.as_str().into()),
        (key::TYPE, cell.kind.as_str().into()),
        (key::SOURCE, text_prelim(&cell.source)),
        (key::COLLAPSED, In::Any(cell.layout.collapsed.clone().into())),
        (key::METADATA, In::Map(map_prelim(&cell.metadata))),
    ];
    let layout = &cell.layout;
    let places = [key::TOP, key::LEFT, key::WIDTH, key::HEIGHT];
    map.extend(places.into_iter().zip([layout.top, layout.left, layout.width, layout.height]).map(
        |(name, number)| {
            (name, In::Any(number.map_or(Any::Null, |number| Any::Number(yrs::any::Number::try_i64(number)))))
        },
    ));
    if let Some(attachments) = &cell.attachments {
        map.push((key::ATTACHMENTS, In::Any(to_any(attachments))));
    }
    if !cell.extra.is_empty() {
        map.push((key::EXTRA, In::Any(any_object(&cell.extra))));
    }
    if cell.kind == CellKind::Code {
        let outputs = cell.outputs.iter().map(|output| In::Map(output_prelim(output)));
        map.push((key::EXECUTION_COUNT, In::Any(cell.execution_count.into())));
        map.push((key::OUTPUTS, In::Array(outputs.collect())));
    }
    map.into_iter().collect()
}

/// An output for the document. What is not of the shape of its kind is kept as it is.
pub fn output_prelim(output: &Output) -> MapPrelim {
    let (kind, value) = (output.kind(), &output.value);
    let known = OUTPUT_FIELDS.iter().find(|(known, _)| *known == kind).filter(|_| has_shape(kind, value));
    let mut map: Vec<(&str, In)> =
        vec![(out::ID, output.id.as_str().into()), (out::OUTPUT_TYPE, kind.into())];
    match (known, value) {
        (Some((_, fields)), Value::Object(object)) => {
            for (name, value) in object.iter().filter(|(name, _)| fields.contains(&name.as_str())) {
                let value = match value.as_str() {
                    Some(text) if kind == "stream" && name == out::TEXT => text_prelim(text),
                    _ => In::Any(to_any(value)),
                };
                map.push((name, value));
            }
            let other = |name: &str| name != out::OUTPUT_TYPE && !fields.contains(&name);
            let extra: Object = object
                .iter()
                .filter(|(name, _)| other(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            if !extra.is_empty() {
                map.push((out::EXTRA, In::Any(any_object(&extra))));
            }
        }
        _ => map.push((out::RAW, In::Any(to_any(value)))),
    }
    if !output.stored.is_empty() {
        map.push((out::STORED, In::Any(any_object(&output.stored))));
    }
    map.into_iter().collect()
}

/// Whether an output has what its kind must have, in the shape that it must have.
fn has_shape(kind: &str, value: &Value) -> bool {
    match kind {
        "stream" => value["text"].is_string() && value["name"].is_string(),
        "display_data" | "execute_result" => value["data"].is_object(),
        "error" => value["traceback"].is_array(),
        _ => false,
    }
}

/// Makes a text what it should be by the edits that a person would make, so that the cursors and the edits of
/// others keep their places.
pub fn set_text(txn: &mut TransactionMut, text: &TextRef, to: &str) {
    let now = text.get_string(txn);
    if now == to {
        return;
    }
    let utf16 = txn.doc().offset_kind() == yrs::OffsetKind::Utf16;
    let measure = |part: &str| if utf16 { part.encode_utf16().count() } else { part.len() } as u32;
    let mut at = 0;
    for (tag, part) in super::text::changes(&now, to) {
        match tag {
            similar::ChangeTag::Equal => at += measure(part),
            similar::ChangeTag::Delete => text.remove_range(txn, at, measure(part)),
            similar::ChangeTag::Insert => {
                text.insert(txn, at, part);
                at += measure(part);
            }
        }
    }
}

/// An object as a map of the document, a key each.
pub(crate) fn map_prelim(object: &Object) -> MapPrelim {
    object.iter().map(|(name, value)| (name.as_str(), In::Any(to_any(value)))).collect()
}

/// Ids as an array of the document.
pub(crate) fn ids_prelim(ids: &[String]) -> ArrayPrelim {
    ids.iter().map(|id| In::from(id.as_str())).collect()
}

fn text_prelim(text: &str) -> In {
    In::from(TextPrelim::new(text))
}

fn any_object(object: &Object) -> Any {
    to_any(&Value::Object(object.clone()))
}

fn object(value: Option<Value>) -> Object {
    match value {
        Some(Value::Object(object)) => object,
        _ => Object::new(),
    }
}

fn read_object<T: ReadTxn>(txn: &T, map: &MapRef) -> Object {
    map.iter(txn).map(|(name, value)| (name.to_owned(), value_of(txn, value))).collect()
}

fn value_of<T: ReadTxn>(txn: &T, out: Out) -> Value {
    match out {
        Out::Any(any) => from_any(&any),
        Out::YText(text) => Value::String(text.get_string(txn)),
        Out::YMap(map) => Value::Object(read_object(txn, &map)),
        Out::YArray(array) => array.iter(txn).map(|item| value_of(txn, item)).collect(),
        _ => Value::Null,
    }
}

fn text_of(out: Out) -> Option<String> {
    match out {
        Out::Any(Any::String(text)) => Some(text.to_string()),
        _ => None,
    }
}
