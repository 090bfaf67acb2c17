//! Health: is a service ready, does it still answer, and why not.
//!
//! | part | what it does |
//! |---|---|
//! | [`HealthCheck`] | what a definition says: endpoint, port, interval, timeout, retries, start period, command |
//! | [`timing`] | the formulas that follow from those numbers, and advice about them |
//! | [`Judge`] | decides: events in (a try ended, the program ended, pressure, a dependency), tries and changes out |
//! | [`Probe`] | one try over HTTP, TCP or a command |
//! | [`Monitor`] | drives a judge with real tries on a real clock, and keeps the [`Timeline`] |
//! | [`UnitSubject`] | what a monitor needs to know of a unit on a backend |
//! | [`StartPeriods`] | learns how long a service takes to start |
//!
//! Invariants: the judge has no clock, no randomness and no input but its events, and its time is monotonic, so a
//! jump of the wall clock changes nothing. Time in which nobody looked (a machine that slept, a server that was
//! stopped) never counts against a service. A failed try before the end of the start period counts for nothing, a
//! good one counts at once. Pressure on memory or processor makes a service degraded, never unhealthy.
//!
//! Deliberately absent: killing. A judge says what is; its owner decides what to do about it.

mod definition;
pub mod draw;
mod judge;
mod learn;
mod monitor;
mod pressure;
mod probe;
pub(crate) use probe::command;
mod state;
mod subject;
mod timeline;
pub mod timing;
mod unit;
mod values;

pub use definition::{HealthCheck, ProbeKind};
pub use judge::{Action, Event, Judge, Rules};
pub use learn::StartPeriods;
pub use monitor::{Monitor, News, Status};
pub use pressure::{Pressure, Readings};
pub use probe::{Place, Probe};
pub use state::{Change, Outcome, State, Trouble};
pub use subject::Subject;
pub use timeline::{Attempt, Chronicle, Mark, Timeline, Turn};
pub use unit::UnitSubject;
pub(crate) use values::port as optional_port;
pub use values::{Command, Endpoint, Seconds, Statuses};
