//! Keeps what runs in step with what is wanted.
//!
//! [`decide`] is pure. [`Reconciler`] runs it on a timer and on nudges, one unit at a time per id and many ids at
//! once, always on a fresh look at both sides, so a stale decision is never carried out.

mod decide;
mod owner;
mod queue;
mod run;
mod work;

pub use decide::{Action, ORPHAN_AGE_MS, decide};
pub use owner::{Owner, OwnerError, Settled, Wanted};
pub use run::{Reconciler, ReconcilerConfig, ReconcilerHandle};
