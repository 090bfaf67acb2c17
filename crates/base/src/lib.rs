//! The ground everything else stands on: ids, clock, [`Ctx`], error kinds, money, permissions, owned
//! tasks, text in pages and the action catalogue.
//!
//! Invariants: nothing here knows a database, a socket or a capability; nothing here reads the wall
//! clock except [`time::Clock::system`].

pub mod actions;
mod ctx;
mod error;
pub mod html;
pub mod id;
mod money;
pub mod permission;
pub mod tasks;
pub mod time;

pub use ctx::{Ctx, Grants, Principal};
pub use error::{Error, FieldError, Kind, Result};
pub use money::Credits;
pub use time::{Clock, Timestamp};
