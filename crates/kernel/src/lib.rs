//! Jupyter kernels: which there are, how one is started, and the **keeper** that stands beside each.
//!
//! A kernel publishes what it prints to whoever listens, once. So that nothing is lost while nobody does, the keeper
//! (a small program, this crate's other half) is the kernel's parent and its only Jupyter client: it writes all that the
//! kernel says into a numbered journal, and hands that to the server, which says how far it has come.
//!
//! Invariants: a request is sent to the kernel at most once, however often the client asks (it carries an id); an entry
//! of the journal keeps its number; a kernel's end is seen by its parent, not asked for.
//!
//! Deliberately absent: notebooks, outputs as documents, permissions (crate `notebooks`), limits and the sandbox
//! (`compute`, whose unit the keeper is).

mod client;
mod entry;
mod error;
mod journal;
mod keeper;
mod protocol;
mod spec;
mod wire;

pub use client::{Client, Entries, read_left_behind};
pub use entry::{Buffer, Channel, Entry, Large, Life, State, kinds};
pub use error::Error;
pub use journal::Reader;
pub use keeper::{KeeperConfig, keep};
pub use protocol::{Request, Status};
pub use spec::{InterruptMode, KernelSpec, Search};
