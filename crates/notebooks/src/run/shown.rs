//! What the document shows of a kernel and of cells, for those who do not read it themselves.

use super::model::{CellNow, KernelView};
use super::store;
use crate::Service;
use crate::document::json::as_int;
use crate::document::schema::{cell as key, kernel};
use castalia_base::{Ctx, Error};
use serde_json::{Value, json};
use std::sync::Arc;
use yrs::{Any, Map, Out, ReadTxn};

impl Service {
    /// The kernel of a notebook and what waits for it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn kernel(self: &Arc<Self>, ctx: &Ctx, id: &str) -> Result<KernelView, Error> {
        self.find(ctx, id, "notebooks.view").await?;
        let queue = store::open_runs(&mut self.deps.db.read(), id).await?;
        let room = self.room(id).await?;
        Ok(room.read(|txn| {
            let map = txn.get_map(crate::document::schema::KERNEL);
            let field = |key: &str| map.as_ref().and_then(|m| m.get(txn, key));
            let text = |key: &str| match field(key) {
                Some(Out::Any(Any::String(text))) => Some(text.to_string()),
                _ => None,
            };
            let incarnation = match field(kernel::INCARNATION) {
                Some(Out::Any(any)) => as_int(&any).unwrap_or_default(),
                _ => 0,
            };
            KernelView {
                state: text(kernel::STATE).unwrap_or_else(|| "none".into()),
                name: text(kernel::NAME),
                incarnation,
                reason: text(kernel::REASON),
                queue,
                info: json!({"language": text(kernel::LANGUAGE), "display_name": text(kernel::DISPLAY_NAME)}),
            }
        }))
    }

    /// The cells as the document has them now, in order, with outputs and runs: those behind `after`.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn cells_now(
        self: &Arc<Self>,
        ctx: &Ctx,
        id: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<CellNow>, Error> {
        self.find(ctx, id, "notebooks.view").await?;
        let room = self.room(id).await?;
        Ok(room.read(|txn| {
            let order = crate::document::shared::order(txn);
            let behind = after.and_then(|after| order.iter().position(|id| id == after));
            let first = behind.map_or(0, |at| at + 1);
            order.iter().skip(first).filter_map(|id| view_of(txn, id)).take(limit).collect()
        }))
    }
}

fn view_of<T: ReadTxn>(txn: &T, id: &str) -> Option<CellNow> {
    let map = crate::document::shared::cell_map(txn, id)?;
    let cell = crate::document::shared::cell(txn, id)?;
    let field = |key: &str| match map.get(txn, key) {
        Some(Out::Any(any)) => crate::document::json::from_any(&any),
        _ => Value::Null,
    };
    let output = |output: crate::document::Output| {
        let mut value = output.value;
        value["id"] = output.id.into();
        if !output.stored.is_empty() {
            value["stored"] = Value::Object(output.stored);
        }
        value
    };
    Some(CellNow {
        id: cell.id,
        kind: cell.kind.as_str().to_owned(),
        source: cell.source,
        execution_count: cell.execution_count,
        state: field(key::STATE).as_str().unwrap_or("idle").to_owned(),
        run: field(key::RUN),
        outputs: cell.outputs.into_iter().filter(|o| o.value.is_object()).map(output).collect(),
    })
}
