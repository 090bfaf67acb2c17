//! What a notebook was before: versions that people name, and automatic ones of which few stay.

use super::store::{self, VersionRow};
use super::whole::{self, Form};
use super::{Files, outputs, thin};
use crate::document::merge::{self, Edit};
use crate::document::model::sha256;
use crate::document::text::{self, Line};
use crate::document::{Cell, Layout, Notebook, Output, ipynb, json, shared};
use crate::model::Person;
use crate::room::Room;
use crate::stored::rows;
use castalia_base::{Error, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Where they lie below the notebook's folder.
const FOLDER: &str = "versions";
/// The longest label, in characters.
const LABEL: usize = 200;

/// A version of a notebook.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VersionView {
    /// `nbv_…`.
    pub version: String,
    /// The name that somebody gave it.
    pub name: Option<String>,
    /// Whether somebody asked for it.
    pub kind: VersionKind,
    /// When it was so.
    pub created_at: Timestamp,
    /// Who asked for it.
    pub by: Option<Person>,
    /// How many cells it has.
    pub cells: i64,
    /// Bytes that it takes, without outputs that are stored beside the document.
    pub bytes: i64,
    /// A digest of what it holds.
    pub sha256: String,
}

/// Whether somebody asked for a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VersionKind {
    /// Somebody did, and gave it a name. It stays.
    Named,
    /// Nobody did. With time fewer and fewer of them stay.
    Auto,
}

/// A version with its content.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WholeVersion {
    /// What is known of it.
    #[serde(flatten)]
    pub version: VersionView,
    /// The file (nbformat 4), with the beginnings of long outputs; all of them are in `versions/{v}/file`.
    pub content: Value,
}

impl From<VersionRow> for VersionView {
    fn from(row: VersionRow) -> Self {
        let VersionRow { id, at, label, sha256, cells, bytes, created_by } = row;
        let by = Some(created_by).filter(|by| by.id != super::checkpoint::NOBODY);
        let kind = if label.is_some() { VersionKind::Named } else { VersionKind::Auto };
        Self { version: id, name: label, kind, created_at: at, by, cells, bytes, sha256 }
    }
}

/// How a cell differs between two versions.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CellChange {
    /// The cell's id; nothing for the notebook itself.
    pub cell: String,
    /// `added`, `removed`, `changed` or `moved`.
    pub change: &'static str,
    /// What of it changed: `source`, `type`, `outputs`, `metadata`, `layout`, `attachments`, `extra`.
    pub parts: Vec<&'static str>,
    /// The source line by line, when it changed.
    pub lines: Vec<Line>,
}

/// A notebook as it was at a time.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HistoryView {
    /// The version that shows it.
    pub version: VersionView,
    /// Its cells in order.
    pub cells: Vec<HistoryCell>,
}

/// A cell as it was.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HistoryCell {
    /// Its id.
    pub id: String,
    /// `code`, `markdown` or `raw`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its source.
    pub source: String,
    /// Where it lay: `top`, `left`, `width`, `height`, `collapsed`.
    pub layout: Value,
    /// The number of its run.
    pub execution_count: Option<i64>,
    /// Its outputs as in a file; what is `stored` is got from `outputs/{id}`.
    pub outputs: Vec<Value>,
}

/// A version about to be kept.
pub(super) struct New {
    pub(super) sha256: String,
    cells: usize,
    /// The document, squeezed; what it stores beside itself stays there.
    packed: Vec<u8>,
    /// The ids of that.
    outputs: Vec<String>,
    pub(super) label: Option<String>,
    pub(super) by: Person,
}

impl New {
    /// What is to be kept of a notebook.
    pub(super) fn of(notebook: &Notebook) -> Result<Self, Error> {
        let value = serde_json::to_value(notebook).map_err(Error::internal)?;
        let bytes = json::canonical(&value).into_bytes();
        let stored = notebook.cells.iter().flat_map(|cell| &cell.outputs).flat_map(|o| o.stored.values());
        let mut outputs: Vec<String> =
            stored.filter_map(|note| note["id"].as_str().map(str::to_owned)).collect();
        outputs.sort_unstable();
        outputs.dedup();
        let (cells, by) = (notebook.cells.len(), super::checkpoint::nobody());
        Ok(Self { sha256: sha256(&bytes), cells, packed: store::squeeze(&bytes)?, outputs, label: None, by })
    }
}

/// A version as it was kept.
pub(super) enum Kept {
    /// The document, which refers to stored outputs.
    Document(Notebook),
    /// A file with everything in it: those of earlier times are.
    File(Vec<u8>),
}

impl Kept {
    fn of(bytes: Vec<u8>) -> Result<Self, Error> {
        #[derive(serde::Deserialize)]
        struct Kind {
            nbformat: Option<serde::de::IgnoredAny>,
        }
        let kind: Kind = serde_json::from_slice(&bytes).map_err(Error::internal)?;
        match kind.nbformat {
            Some(_) => Ok(Self::File(bytes)),
            None => Ok(Self::Document(serde_json::from_slice(&bytes).map_err(Error::internal)?)),
        }
    }

    fn notebook(self) -> Result<Notebook, Error> {
        match self {
            Self::Document(notebook) => Ok(notebook),
            Self::File(bytes) => Ok(ipynb::read(&bytes)?.notebook),
        }
    }
}

impl Files {
    /// All versions, newest first.
    pub(crate) async fn versions(&self, id: &str) -> Result<Vec<VersionView>, Error> {
        Ok(store::versions(&mut self.db.read(), id).await?.into_iter().map(Into::into).collect())
    }

    /// Keeps the document as it is now under a name.
    pub(crate) async fn name_version(
        &self,
        room: &Arc<Room>,
        label: &str,
        by: Person,
    ) -> Result<VersionView, Error> {
        let label = label.trim();
        if label.is_empty() || label.chars().count() > LABEL {
            return Err(Error::field("invalid_name", "/name", "a version's name has 1 to 200 characters"));
        }
        let mut new = packed(room)?;
        (new.label, new.by) = (Some(label.to_owned()), by);
        self.keep(room.id(), new).await.map(Into::into)
    }

    /// Keeps the document as it is now, for the server.
    pub(super) async fn keep_now(&self, room: &Arc<Room>, label: Option<&str>) -> Result<(), Error> {
        let mut new = packed(room)?;
        let known = store::versions(&mut self.db.read(), room.id()).await?;
        if new.cells == 0 || known.first().is_some_and(|last| last.sha256 == new.sha256) {
            return Ok(());
        }
        new.label = label.map(str::to_owned);
        self.keep(room.id(), new).await.map(drop)
    }

    pub(super) async fn keep_if_due(&self, id: &str, new: New) -> Result<(), Error> {
        let known = store::versions(&mut self.db.read(), id).await?;
        if thin::is_due(&known, &new.sha256, self.clock.now()) {
            self.keep(id, new).await?;
        }
        Ok(())
    }

    /// Keeps a version, and lets go of those that are too many.
    async fn keep(&self, id: &str, new: New) -> Result<VersionRow, Error> {
        let row = VersionRow {
            id: castalia_base::id::fresh("nbv"),
            at: self.clock.now(),
            label: new.label,
            sha256: new.sha256,
            cells: new.cells as i64,
            bytes: new.packed.len() as i64,
            created_by: new.by,
        };
        self.ground.put(id, FOLDER, &row.id, new.packed.into()).await?;
        let mut tx = self.db.begin().await?;
        store::add_version(&mut tx, id, &row, &new.outputs).await?;
        tx.commit().await?;
        let mut held = thin::Held { most: self.kept, ..thin::Held::default() };
        for (version, output, bytes) in rows::held_by_versions(&mut self.db.read(), id).await? {
            held.by.entry(version).or_default().push((output, bytes));
        }
        let gone = thin::surplus(&store::versions(&mut self.db.read(), id).await?, &held, self.clock.now());
        for version in gone {
            let mut tx = self.db.begin().await?;
            store::drop_version(&mut tx, &version).await?;
            tx.commit().await?;
            self.ground.remove(id, FOLDER, &version).await?;
        }
        Ok(row)
    }

    /// A version as it was kept.
    pub(super) async fn kept(&self, id: &str, version: &str) -> Result<(VersionView, Kept), Error> {
        let rows = store::versions(&mut self.db.read(), id).await?;
        let row = rows.into_iter().find(|row| row.id == version);
        let row = row.ok_or_else(|| Error::not_found("version", version))?;
        let packed = self.ground.get(id, FOLDER, version).await?;
        let packed = packed.ok_or_else(|| Error::not_found("version", version))?;
        Ok((row.into(), Kept::of(store::unsqueeze(&packed)?)?))
    }

    /// A version to look at: with the beginnings of long outputs.
    pub(crate) async fn whole_version(&self, id: &str, version: &str) -> Result<WholeVersion, Error> {
        let (version, kept) = self.kept(id, version).await?;
        let notebook = kept.notebook()?;
        let marked = whole::mark(self.ground.as_ref(), id, notebook, Form::Ipynb, Some(0), false).await?;
        Ok(WholeVersion { version, content: ipynb::to_value(&marked.notebook) })
    }

    async fn version(&self, id: &str, version: &str) -> Result<(VersionView, Notebook), Error> {
        let (view, kept) = self.kept(id, version).await?;
        let mut notebook = kept.notebook()?;
        // What one of earlier times has within itself is compared with what is stored by its digest.
        outputs::put_away(self.ground.as_ref(), id, &mut notebook).await?;
        Ok((view, notebook))
    }

    /// What changed from a version to another one, or to the document as it is now.
    pub(crate) async fn changes(
        &self,
        room: &Arc<Room>,
        from: &str,
        to: Option<&str>,
    ) -> Result<Vec<CellChange>, Error> {
        let id = room.id();
        let (_, from) = self.version(id, from).await?;
        let to = match to {
            Some(to) => self.version(id, to).await?.1,
            None => room.read(|txn| shared::read(txn)),
        };
        Ok(cell_changes(&from, &to))
    }

    /// Makes the live document what a version was, by ordinary edits. What it is now is kept before.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn restore(&self, room: &Arc<Room>, version: &str) -> Result<(), Error> {
        let (view, then) = self.version(room.id(), version).await?;
        self.keep_now(
            room,
            Some(&format!("before going back to {}", view.name.as_deref().unwrap_or(&view.version))),
        )
        .await?;
        room.write("people", |txn| {
            let edits = merge::difference(&shared::read(txn), &then);
            merge::apply(txn, &edits);
        })?;
        Ok(())
    }

    /// The notebook as it was at a time, or as the oldest version shows it.
    ///
    /// # Errors
    /// `not_found` when there are no versions.
    pub(crate) async fn at(&self, id: &str, at: Timestamp) -> Result<HistoryView, Error> {
        let rows = store::versions(&mut self.db.read(), id).await?;
        let row = rows.iter().find(|row| row.at <= at).or(rows.last());
        let row = row.ok_or_else(|| Error::not_found("version at", at.0))?;
        let (version, notebook) = self.version(id, &row.id).await?;
        Ok(HistoryView { version, cells: notebook.cells.iter().map(history_cell).collect() })
    }
}

fn packed(room: &Room) -> Result<New, Error> {
    New::of(&room.read(|txn| shared::read(txn)))
}

fn history_cell(cell: &Cell) -> HistoryCell {
    HistoryCell {
        id: cell.id.clone(),
        kind: cell.kind.as_str().to_owned(),
        source: cell.source.clone(),
        layout: layout(&cell.layout),
        execution_count: cell.execution_count,
        outputs: cell.outputs.iter().map(shown).collect(),
    }
}

fn shown(output: &Output) -> Value {
    let mut value = output.value.clone();
    if value.is_object() && !output.stored.is_empty() {
        value["stored"] = Value::Object(output.stored.clone());
    }
    value
}

fn layout(layout: &Layout) -> Value {
    serde_json::json!(layout)
}

/// The difference of two notebooks, cell by cell in the order of the newer one; what went comes last.
pub(crate) fn cell_changes(from: &Notebook, to: &Notebook) -> Vec<CellChange> {
    let mut found: HashMap<String, CellChange> = HashMap::new();
    let mut order = Vec::new();
    let mut note = |cell: &str, change: &'static str, part: Option<&'static str>, lines: Vec<Line>| {
        let entry = found.entry(cell.to_owned()).or_insert_with(|| {
            order.push(cell.to_owned());
            CellChange { cell: cell.to_owned(), change, parts: Vec::new(), lines: Vec::new() }
        });
        if let Some(part) = part.filter(|part| !entry.parts.contains(part)) {
            entry.parts.push(part);
        }
        entry.lines.extend(lines);
    };
    for edit in merge::difference(from, to) {
        match &edit {
            Edit::Insert(cell) => note(&cell.id, "added", None, text::lines("", &cell.source)),
            Edit::Remove(id) => {
                let before = from.cell(id).map_or("", |cell| cell.source.as_str());
                note(id, "removed", None, text::lines(before, ""));
            }
            Edit::Source(id, now) => {
                let before = from.cell(id).map_or("", |cell| cell.source.as_str());
                note(id, "changed", Some("source"), text::lines(before, now));
            }
            Edit::Kind(id, _) => note(id, "changed", Some("type"), Vec::new()),
            Edit::Layout(id, _) => note(id, "changed", Some("layout"), Vec::new()),
            Edit::Metadata(id, ..) => note(id, "changed", Some("metadata"), Vec::new()),
            Edit::Attachments(id, _) => note(id, "changed", Some("attachments"), Vec::new()),
            Edit::Extra(id, _) => note(id, "changed", Some("extra"), Vec::new()),
            Edit::Outputs(id, ..) => note(id, "changed", Some("outputs"), Vec::new()),
            Edit::NotebookMetadata(..) => note("", "changed", Some("metadata"), Vec::new()),
            Edit::NotebookExtra(_) => note("", "changed", Some("extra"), Vec::new()),
            Edit::Edges(_) => note("", "changed", Some("edges"), Vec::new()),
            Edit::Order(ids) => {
                merge::moved(from, ids).iter().for_each(|id| note(id, "moved", None, Vec::new()))
            }
        }
    }
    let place = |id: &str| to.cells.iter().position(|cell| cell.id == id).unwrap_or(usize::MAX);
    order.sort_by_key(|id| place(id));
    order.into_iter().filter_map(|id| found.remove(&id)).collect()
}
