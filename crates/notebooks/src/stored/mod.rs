//! Outputs that are too big for the document: objects of the project's storage, in parts, below
//! `notebooks/ID/outputs/OUTPUT/`.
//!
//! Invariants: what the live document, a kept version or a widget refers to is there. A stored output is not deleted
//! because a cell was run again or deleted, but by the sweep, when nothing has referred to it for a while. Each has rows
//! that say how long its parts are and what it is; what came with files of earlier times has none and is read all the
//! same.
//!
//! Deliberately absent: counting references as they come and go. What a crash or a second server leaves uncounted would
//! be lost or stay for ever; the sweep looks at what is.

pub(crate) mod media;
pub(crate) mod read;
pub(crate) mod rows;
pub(crate) mod sweep;
pub(crate) mod usage;

use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;

/// How many bytes of outputs are stored.
#[derive(Clone, Copy, Debug)]
pub struct Quotas {
    /// For one cell.
    pub cell: u64,
    /// For one notebook, with what its versions keep.
    pub notebook: u64,
    /// For all notebooks of a project.
    pub project: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { cell: 256 << 20, notebook: 1 << 30, project: 10 << 30 }
    }
}

/// How long an output stays that nothing refers to any more, unless told.
pub(crate) const UNUSED: Duration = Duration::from_secs(3600);

/// The key of a part.
pub(crate) fn key_of(notebook: &str, output: &str, part: u64) -> String {
    format!("notebooks/{notebook}/outputs/{output}/{part:06}")
}

/// Collects every text under a key `id`, at any depth: more than the outputs that a value refers to, never less.
pub(crate) fn ids_in(value: &Value, found: &mut HashSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| ids_in(item, found)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(id) if key == "id" => drop(found.insert(id.clone())),
                    other => ids_in(other, found),
                }
            }
        }
        _ => {}
    }
}
