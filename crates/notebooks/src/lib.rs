//! Live notebooks: one document that many people and a kernel write together.
//!
//! Where to find what: the document's layout is in `document`, who may change what of it in `room::gate`.
//!
//! Invariants: the server alone writes run state and outputs. A client with another history (another epoch) never
//! merges. What was acknowledged is in the database. A file is never overwritten with less than it had, unless an edit
//! explains it.
//!
//! Deliberately absent: talking to kernels (`kernel`), running programs (`compute`).

mod actions;
mod api;
mod cells;
mod comments;
pub mod comms;
mod create;
pub mod document;
mod files;
mod model;
pub mod room;
mod run;
mod servers;
mod service;
mod store;
mod stored;
mod topics;
mod types;

pub use actions::actions;
pub use api::api;
pub use cells::{CellView, Cells, EditCell, InsertCell, MoveCell, OneCell, ReadCells};
pub use comments::{Comment, CommentPatch, Comments, NewComment};
pub use files::{
    CellChange, HistoryCell, HistoryView, NewPlace, OpenFile, Pieces, Timing, VersionKind, VersionView,
    Volume, VolumeFile, VolumeFiles, VolumeView, Volumes, WholeVersion,
};
pub use model::*;
pub use run::{CellNow, KernelView, KernelspecView, Run, RunRequest, RunState, What};
pub use service::{Config, Deps, Service};
pub use store::MIGRATIONS;
pub use store::log::Statement;
pub use stored::Quotas;
pub use stored::usage::{CellUsage, Usage, Used};
pub use topics::NotebookTopics;
pub use types::NewType;
