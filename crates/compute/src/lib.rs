//! Runs things: units, the backends that run them, and the reconciler that keeps both in step with what is wanted.
//!
//! A [`UnitSpec`] says what to run. A [`Backend`] makes it run at most once, tells what it sees ([`Observed`]), and
//! keeps the log. A [`Reconciler`] compares what an [`Owner`] wants with what the backend observes, and acts.
//!
//! The process backend starts every unit under a small program, the *shim* ([`shim::main`]), in a session of its own.
//! The shim owns the unit's folder: log, status and exit are files, so the server may die at any moment and the next
//! one re-adopts what it finds.
//!
//! A [`health::Monitor`] tells how a unit that stays up is, and why; see [`health`].
//!
//! Deliberately absent: tenants, quotas, money, and what to do about an unhealthy unit. Those are decided by the owners.

pub mod backend;
mod clock;
pub mod doctor;
mod error;
mod folder;
pub mod health;
mod limits;
pub mod log;
mod lost;
mod reconcile;
mod sandbox;
pub mod service;
pub mod shim;
mod unit;
mod wire;
pub mod yaml;

pub use backend::process::{ProcessBackend, ProcessConfig};
pub use backend::{Backend, Executed};
pub use error::{Error, ErrorKind};
pub use reconcile::{
    Action, ORPHAN_AGE_MS, Owner, OwnerError, Reconciler, ReconcilerConfig, ReconcilerHandle, Settled,
    Wanted, decide,
};
pub use sandbox::Sandbox;
pub use unit::{
    Cause, Exit, LogSummary, OWNER_LABEL, Observed, Phase, Progress, Resources, StopRequest, UnitId,
    UnitSpec, Usage,
};
