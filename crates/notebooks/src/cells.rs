//! Cells by command: what the action catalogue does for people, and for agents that act for them.
//!
//! Whoever acts so is shown to the others for some seconds, as somebody with a cursor in the cell.

use crate::Service;
use crate::document::schema::{CELL, CELLS, cell as key};
use crate::document::{Cell, CellKind, shared};
use crate::model::Person;
use crate::room::Room;
use castalia_base::{Ctx, Error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use yrs::{Array, GetString, Map, ReadTxn, TextRef, TransactionMut};

/// A cell as commands show it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CellView {
    /// Its id.
    pub id: String,
    /// `code`, `markdown` or `raw`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its source.
    pub source: String,
    /// The number of its newest run.
    pub execution_count: Option<i64>,
    /// `idle`, `queued`, `running` or `waiting`.
    pub state: String,
    /// What it gave, as in a file (nbformat 4).
    pub outputs: Vec<Value>,
}

/// The cells of a notebook.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Cells {
    /// In order.
    pub items: Vec<CellView>,
}

/// Which cells to read.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ReadCells {
    /// Id of the notebook.
    pub notebook: String,
    /// Only these.
    pub cells: Option<Vec<String>>,
    /// Leave the outputs out.
    #[serde(default)]
    pub without_outputs: bool,
}

/// A cell about to be made.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct InsertCell {
    /// Id of the notebook.
    pub notebook: String,
    /// Its source.
    #[serde(default)]
    pub source: String,
    /// `code` (unless told), `markdown` or `raw`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The cell it comes behind; the end unless told.
    pub after: Option<String>,
    /// At the beginning.
    #[serde(default)]
    pub first: bool,
}

/// What changes about a cell.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct EditCell {
    /// Id of the notebook.
    pub notebook: String,
    /// Id of the cell.
    pub cell: String,
    /// Its whole new source. What others write meanwhile stays where it can.
    pub source: Option<String>,
    /// Instead: this piece of the source, which must be in it once …
    pub replace: Option<String>,
    /// … becomes this.
    pub with: Option<String>,
}

/// One cell.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct OneCell {
    /// Id of the notebook.
    pub notebook: String,
    /// Id of the cell.
    pub cell: String,
}

/// A cell and where it goes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct MoveCell {
    /// Id of the notebook.
    pub notebook: String,
    /// Id of the cell.
    pub cell: String,
    /// The cell it comes behind; the beginning unless told.
    pub after: Option<String>,
}

impl CellView {
    fn of(txn: &impl ReadTxn, cell: Cell, outputs: bool) -> Self {
        let state =
            shared::cell_map(txn, &cell.id).and_then(|map| map.get_as::<_, String>(txn, key::STATE).ok());
        Self {
            kind: cell.kind.as_str().into(),
            source: cell.source,
            execution_count: cell.execution_count,
            state: state.unwrap_or_else(|| "idle".into()),
            outputs: if outputs { cell.outputs.into_iter().map(|o| o.value).collect() } else { Vec::new() },
            id: cell.id,
        }
    }
}

impl Service {
    /// Reads cells.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn cells(&self, ctx: &Ctx, query: ReadCells) -> Result<Cells, Error> {
        self.find(ctx, &query.notebook, "notebooks.view").await?;
        let room = self.room(&query.notebook).await?;
        let items = room.read(|txn| {
            let wanted = |id: &String| query.cells.as_ref().is_none_or(|only| only.contains(id));
            let ids = shared::order(txn).into_iter().filter(wanted);
            ids.filter_map(|id| shared::cell(txn, &id))
                .map(|cell| CellView::of(txn, cell, !query.without_outputs))
                .collect()
        });
        Ok(Cells { items })
    }

    /// Makes a cell.
    ///
    /// # Errors
    /// `not_found`, `invalid_type`; `forbidden` without `notebooks.edit`.
    pub async fn insert_cell(&self, ctx: &Ctx, new: InsertCell) -> Result<CellView, Error> {
        let kind = new.kind.as_deref().unwrap_or("code");
        let kind = CellKind::parse(kind)
            .ok_or_else(|| Error::field("invalid_type", "/type", "use code, markdown or raw"))?;
        let id = castalia_base::id::fresh("c").to_lowercase();
        let cell = Cell { id: id.clone(), kind, source: new.source, ..Cell::default() };
        self.change_cells(ctx, &new.notebook, &id, |txn| {
            let at = place(txn, new.after.as_deref(), new.first)?;
            let prelim = shared::cell_prelim(&cell);
            if let (Some(cells), Some(order)) = (txn.get_map(CELL), txn.get_array(CELLS)) {
                cells.insert(txn, id.as_str(), prelim);
                order.insert(txn, at, id.as_str());
            }
            Ok(CellView::of(txn, cell.clone(), false))
        })
        .await
    }

    /// Changes the source of a cell.
    ///
    /// # Errors
    /// `not_found`, `not_once`; `forbidden` without `notebooks.edit`.
    pub async fn edit_cell(&self, ctx: &Ctx, edit: EditCell) -> Result<CellView, Error> {
        self.change_cells(ctx, &edit.notebook, &edit.cell, |txn| {
            let missing = || Error::not_found("cell", &edit.cell);
            let map = shared::cell_map(txn, &edit.cell).ok_or_else(missing)?;
            let text: TextRef = map.get(txn, key::SOURCE).and_then(|s| s.cast().ok()).ok_or_else(missing)?;
            let source = match (&edit.source, &edit.replace) {
                (Some(source), _) => source.clone(),
                (None, Some(piece)) => {
                    let now = text.get_string(txn);
                    let found = if piece.is_empty() { 0 } else { now.matches(piece.as_str()).count() };
                    if found != 1 {
                        let text = format!("`replace` is {found} times in the source; it must be there once");
                        return Err(Error::conflict("not_once", text));
                    }
                    now.replacen(piece.as_str(), edit.with.as_deref().unwrap_or_default(), 1)
                }
                (None, None) => {
                    return Err(Error::field("nothing_to_do", "/source", "say `source` or `replace`"));
                }
            };
            shared::set_text(txn, &text, &source);
            let cell = shared::cell(txn, &edit.cell).ok_or_else(missing)?;
            Ok(CellView::of(txn, cell, false))
        })
        .await
    }

    /// Deletes a cell.
    ///
    /// # Errors
    /// `not_found`; `forbidden` without `notebooks.edit`.
    pub async fn delete_cell(&self, ctx: &Ctx, one: OneCell) -> Result<(), Error> {
        self.change_cells(ctx, &one.notebook, &one.cell, |txn| {
            let at = index_of(txn, &one.cell).ok_or_else(|| Error::not_found("cell", &one.cell))?;
            if let Some(order) = txn.get_array(CELLS) {
                order.remove(txn, at);
            }
            Ok(())
        })
        .await
    }

    /// Moves a cell.
    ///
    /// # Errors
    /// `not_found`; `forbidden` without `notebooks.edit`.
    pub async fn move_cell(&self, ctx: &Ctx, to: MoveCell) -> Result<(), Error> {
        self.change_cells(ctx, &to.notebook, &to.cell, |txn| {
            let from = index_of(txn, &to.cell).ok_or_else(|| Error::not_found("cell", &to.cell))?;
            if to.after.as_deref() == Some(&to.cell) {
                return Ok(());
            }
            place(txn, to.after.as_deref(), to.after.is_none())?;
            if let Some(order) = txn.get_array(CELLS) {
                order.remove(txn, from);
                let at = place(txn, to.after.as_deref(), to.after.is_none())?;
                order.insert(txn, at, to.cell.as_str());
            }
            Ok(())
        })
        .await
    }

    /// Does something to the document for the caller, who is shown at the cell meanwhile. It is in the database when
    /// this returns.
    async fn change_cells<R>(
        &self,
        ctx: &Ctx,
        notebook: &str,
        cell: &str,
        change: impl FnOnce(&mut TransactionMut<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.find(ctx, notebook, "notebooks.edit").await?;
        let room = self.room(notebook).await?;
        let person = Person::of(ctx);
        let written = room.write_as(person.clone(), change)?;
        let value = written.value?;
        written.saved.await?;
        show(&room, &person, cell);
        Ok(value)
    }
}

fn show(room: &Arc<Room>, person: &Person, cell: &str) {
    room.appear(person, json!({"cell": cell, "acting": true, "cursor": {"cell": cell}}));
}

fn index_of(txn: &impl ReadTxn, id: &str) -> Option<u32> {
    let order = txn.get_array(CELLS)?;
    let at = order.iter(txn).position(|value| value.cast::<String>().is_ok_and(|text| text == id))?;
    u32::try_from(at).ok()
}

fn place(txn: &impl ReadTxn, after: Option<&str>, first: bool) -> Result<u32, Error> {
    match after {
        Some(after) => index_of(txn, after).map(|at| at + 1).ok_or_else(|| Error::not_found("cell", after)),
        None if first => Ok(0),
        None => Ok(txn.get_array(CELLS).map_or(0, |order| order.len(txn))),
    }
}
