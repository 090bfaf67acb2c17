//! Environments, process types, processes and their versions: typed, versioned, metered work.
//!
//! Where to find what: a submit is `check` and `submit`, who may start is decided in `admission`, a cancel in
//! `cancel`, what an end means in `lifecycle`, what a program is given in `unit_spec`.
//!
//! Invariants: a version that has not ended has exactly one open hold; its state changes together with the
//! money and the event, in one transaction; its unit's name is made from its id, so it runs at most once.

mod actions;
mod admission;
mod admit;
mod api;
mod cancel;
mod check;
mod compare;
mod environments;
mod flow;
mod graph;
mod lifecycle;
mod logs;
mod model;
mod retention;
mod schema;
mod service;
mod store;
mod submit;
mod topics;
mod unit_spec;
mod units;

pub use actions::actions;
pub use admission::Capacity;
pub use api::api;
pub use compare::{Comparison, Difference};
pub use environments::{
    BootstrapSource, EntryPointError, Environment, Manifest, ManifestType, NewEnvironment, NewProjectType,
    PROJECT_ENVIRONMENT, ProcessType, is_bootstrap_current, prepare_bootstrap,
};
pub use flow::{DataKind, Flow, FlowData, FlowInput, FlowNode, FlowQuery};
pub use logs::{LogEntry, LogFormat, LogPage, LogQuery, LogStream};
pub use model::{
    ExitView, Input, Output, ProcessView, Progress, Resources, ResourcesRequest, State, VersionView,
};
pub use retention::Retention;
pub use service::{Config, Deps, ListQuery, Service};
pub use store::MIGRATIONS;
pub use submit::{Estimate, NewProcess, NewVersion};
pub use topics::ProcessTopics;
pub use units::{Share, Unit, UnitKind, Units, UnitsQuery, Usage};
