//! A notebook as a plain value.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A JSON object.
pub type Object = Map<String, Value>;

/// A notebook: what a file holds and what the shared document holds apart from run state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Notebook {
    /// The minor version of nbformat 4 that the file is written in, 5 or more.
    pub minor: i64,
    /// The notebook's metadata, without the graph.
    pub metadata: Object,
    /// Fields of the file beside the known ones.
    pub extra: Object,
    /// The cells in order. Ids are unique.
    pub cells: Vec<Cell>,
    /// Edges drawn by people: from a cell to the next ones.
    pub np_graph: BTreeMap<String, Vec<String>>,
}

/// What a cell is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellKind {
    /// Source for the kernel.
    #[default]
    Code,
    /// Text.
    Markdown,
    /// Neither: kept as it is.
    Raw,
}

impl CellKind {
    /// The word in files and in the document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Markdown => "markdown",
            Self::Raw => "raw",
        }
    }

    /// The kind with this word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "code" => Some(Self::Code),
            "markdown" => Some(Self::Markdown),
            "raw" => Some(Self::Raw),
            _ => None,
        }
    }
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cell {
    /// Unique in the notebook; letters, digits, `-` and `_`, at most 64.
    pub id: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: CellKind,
    /// Its source.
    pub source: String,
    /// Where it lies on the canvas and what of it is folded away.
    pub layout: Layout,
    /// Its metadata, without the layout.
    pub metadata: Object,
    /// Attachments by name, when the file has the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Value>,
    /// Fields of the file beside the known ones.
    pub extra: Object,
    /// The number of the run that made the outputs.
    pub execution_count: Option<i64>,
    /// What the last run made.
    pub outputs: Vec<Output>,
}

/// Where a cell lies on the canvas; `None` where the reader decides.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// Pixels from the top.
    pub top: Option<f64>,
    /// Pixels from the left.
    pub left: Option<f64>,
    /// Pixels.
    pub width: Option<f64>,
    /// Pixels.
    pub height: Option<f64>,
    /// `i` for input, `o` for output, `b` for both.
    pub collapsed: Option<String>,
}

/// One output.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Output {
    /// Unique in the notebook; not in the file.
    pub id: String,
    /// The output as in the file, with texts joined. Not an object when the file had something else there.
    pub value: Value,
    /// What of it lies elsewhere: `text` or a mime type, to `{id, bytes, …}`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub stored: Object,
    /// What [`Output::digest`] says when the value itself is not at hand.
    #[serde(skip_serializing_if = "Known::is_none")]
    pub known: Known,
}

/// A digest that was computed earlier. It says nothing that the value does not, so it does not take part in comparing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Known(pub Option<String>);

impl Known {
    fn is_none(&self) -> bool {
        self.0.is_none()
    }
}

impl PartialEq for Known {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Output {
    /// A digest of what the output says, the same whether its big parts are inline or lie elsewhere (if what is noted
    /// of them has their `sha256`).
    pub fn digest(&self) -> String {
        if let Some(known) = &self.known.0 {
            return known.clone();
        }
        let mut rest = self.value.clone();
        let mut parts = Object::new();
        let part = |value: &Value| match value {
            Value::String(text) => sha256(text.as_bytes()),
            other => sha256(super::json::canonical(other).as_bytes()),
        };
        if let Value::Object(fields) = &mut rest {
            let bundle = match fields.remove("data") {
                Some(Value::Object(bundle)) => bundle,
                Some(other) => Object::from_iter([("data".to_owned(), other)]),
                None => Object::new(),
            };
            parts.extend(bundle.iter().map(|(mime, value)| (mime.clone(), part(value).into())));
            if let Some(text) = fields.remove("text") {
                parts.insert("text".into(), part(&text).into());
            }
        }
        for (name, stored) in &self.stored {
            let digest = stored.get("sha256").filter(|sha| sha.is_string()).unwrap_or(stored);
            parts.insert(name.clone(), digest.clone());
        }
        sha256(super::json::canonical(&serde_json::json!([rest, parts])).as_bytes())
    }

    /// The kind of output, or an empty text.
    pub fn kind(&self) -> &str {
        self.value["output_type"].as_str().unwrap_or_default()
    }
}

impl Notebook {
    /// An empty notebook of the newest version that is written.
    pub fn new() -> Self {
        Self { minor: 5, ..Self::default() }
    }

    /// The cell with this id.
    pub fn cell(&self, id: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.id == id)
    }

    /// The name of the kernel that it wants.
    pub fn kernel(&self) -> Option<&str> {
        self.metadata.get("kernelspec")?["name"].as_str()
    }

    /// The language of the code: the kernel's, as the metadata say it.
    pub fn language(&self) -> &str {
        let info = self.metadata.get("language_info").and_then(|info| info["name"].as_str());
        info.or_else(|| self.metadata.get("kernelspec").and_then(|spec| spec["language"].as_str()))
            .unwrap_or("python")
    }
}

impl Cell {
    /// A cell that has only a source.
    pub fn new(id: &str, kind: CellKind, source: &str) -> Self {
        Self { id: id.to_owned(), kind, source: source.to_owned(), ..Self::default() }
    }

    /// Whether it is a tissue by a person's word, without a heading.
    pub fn is_marked_tissue(&self) -> bool {
        self.metadata.get("gm").is_some_and(|gm| gm["tissue"] == Value::Bool(true))
    }
}

/// The SHA-256 of bytes in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
