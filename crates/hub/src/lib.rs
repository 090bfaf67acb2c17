//! Workspaces: services that people open (a lab, an IDE, a chat), each with an address and storage of its own.
//!
//! Where to find what: a definition is read in `definition`, who may do what is decided in `access`, who may start in
//! `admission`, what an end means in `lifecycle`, when something is idle in `idle`, what an orphan is in `orphans`, which
//! server looks after what in `lease`, at which port something runs in `ports`, what a program is given in
//! `environment`; `door` lets people through the proxy, `hubapi` speaks JupyterHub's API.
//!
//! Invariants: a run of a workspace is one unit, whose name is made from workspace and run, so it runs at most once.
//! State and event change in one transaction. A run's token reaches its own workspace and nothing else, and dies with
//! the run. One server at a time looks after what runs on a node. Nothing is ended because the database forgot it, or
//! because its server is away. A workspace is seen by its owner, by those with whom it is shared and by the
//! installation's administrators; to everybody else it does not exist.
//!
//! Deliberately absent: health (decided in `compute`), forwarding (done in `proxy`), restarts of what has ended (its
//! user is told instead), containers (the backend's affair).

mod access;
mod actions;
mod activity;
mod admission;
mod admit;
mod api;
mod cull;
mod definition;
mod door;
mod environment;
mod hubapi;
mod idle;
mod lease;
mod lifecycle;
mod logs;
mod model;
mod open;
mod orphans;
mod pages;
mod pool;
mod ports;
mod progress;
mod service;
mod share;
mod stop;
mod store;
mod topics;
mod views;
mod watch;

pub use actions::actions;
pub use admission::Capacity;
pub use api::api;
pub use definition::{Ask, Book, Broken, Definition, Idle, Mode, Prefix, Profile, Resources, parse};
pub use hubapi::hub_api;
pub use logs::{LogPage, LogQuery};
pub use model::*;
pub use service::{Config, Deps, Quotas, Service};
pub use store::MIGRATIONS;
pub use topics::WorkspaceTopics;
pub use views::{ListQuery, Workspaces};
