//! Projects: members, limits, the ledger that says what may still be spent, and the layouts and figures that
//! people keep.
//!
//! Lookup and permission are one act ([`Service::find`]): what a caller may not see does not exist. A
//! project's name is also its bucket's name, so it never changes. Projects are archived, not deleted: their
//! ledger is kept for ever.
//!
//! The installation's administrators set limits (`projects.administer`) and add credit (`ledger.topup`);
//! both are demanded for the whole installation, a role in the project does not give them.
//!
//! The functions of [`ledger`] run in the caller's transaction, so that a run and its hold, an end and its
//! debit, are true together or not at all.

mod actions;
mod credit;
mod guard;
pub mod ledger;
mod members;
mod model;
pub mod pricing;
mod routes;
mod saved;
mod service;
mod store;
mod topics;

pub use actions::actions;
pub use castalia_identity::memberships::Member;
pub use credit::LedgerView;
pub use guard::ArchiveGuard;
pub use model::{Limits, NewProject, Project, ProjectPatch};
pub use routes::api;
pub use saved::{Figure, FigureChange, FigureEntry, FigureId, FigureKind, Layout, NewFigure};
pub use service::{Config, Service, build};
pub use store::MIGRATIONS;
pub use topics::ProjectTopics;
