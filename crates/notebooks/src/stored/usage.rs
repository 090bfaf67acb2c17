//! How much of outputs is stored, and how much may be.

use super::rows;
use crate::Service;
use castalia_base::{Ctx, Error};
use schemars::JsonSchema;
use serde::Serialize;

/// Bytes, and how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Used {
    /// Bytes that are stored.
    pub bytes: u64,
    /// Bytes that may be.
    pub quota: u64,
}

/// What one cell stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CellUsage {
    /// Id of the cell.
    pub cell: String,
    /// Bytes of its outputs that are stored beside the document.
    pub bytes: u64,
}

/// What of outputs is stored beside documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Usage {
    /// The cells that store something, most first.
    pub cells: Vec<CellUsage>,
    /// Bytes that one cell may store.
    pub cell_quota: u64,
    /// Bytes that no cell shows any more and versions keep.
    pub versions: u64,
    /// This notebook, with what its versions keep.
    pub notebook: Used,
    /// All notebooks of the project.
    pub project: Used,
}

impl Service {
    /// What of a notebook's outputs, and of its project's, is stored.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn usage(&self, ctx: &Ctx, id: &str) -> Result<Usage, Error> {
        let notebook = self.find(ctx, id, "notebooks.view").await?;
        let mut sql = self.deps.db.read();
        let held = rows::held(&mut sql, id).await?;
        let beside = rows::held_beside(&mut sql, &notebook.project, id).await?;
        let quotas = self.config.quotas;
        let mut cells: Vec<CellUsage> =
            held.cells.into_iter().map(|(cell, bytes)| CellUsage { cell, bytes }).collect();
        cells.sort_by_key(|cell| std::cmp::Reverse(cell.bytes));
        let bytes = cells.iter().map(|cell| cell.bytes).sum::<u64>() + held.versions;
        Ok(Usage {
            cells,
            cell_quota: quotas.cell,
            versions: held.versions,
            notebook: Used { bytes, quota: quotas.notebook },
            project: Used { bytes: bytes + beside, quota: quotas.project },
        })
    }
}
