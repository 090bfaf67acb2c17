//! The numbers that a judge works with.

use std::time::Duration;

use crate::health::{HealthCheck, ProbeKind};

/// What a judge must know of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Time from one try to the next while the service is well.
    pub interval: Duration,
    /// Hard limit of one try.
    pub timeout: Duration,
    /// Failed tries in a row that are tolerated.
    pub retries: u32,
    /// Time in which failures count for nothing.
    pub start_period: Duration,
    /// Names of the services that must be healthy first.
    pub dependencies: Vec<String>,
    /// Whether a try costs a process, so that few are made at a time.
    pub costly: bool,
}

impl Rules {
    /// The rules of a definition, with the start period that was learnt (see
    /// [`StartPeriods::start_period`](crate::health::StartPeriods::start_period)).
    pub fn new(check: &HealthCheck, start_period: Duration, dependencies: Vec<String>) -> Self {
        Rules {
            interval: check.interval.0,
            timeout: check.timeout.0,
            retries: check.retries.get(),
            start_period: start_period.max(check.start_period.0),
            dependencies,
            costly: check.kind() == ProbeKind::Command,
        }
    }

    /// Time without a good answer that is tolerated.
    pub fn window(&self) -> Duration {
        self.interval.saturating_mul(self.retries)
    }

    /// How many tries may be under way at the same time. A service that starts may swallow the first request and
    /// answer the second.
    pub(super) fn parallel(&self, ready: bool) -> usize {
        if ready || self.costly { 1 } else { 4 }
    }
}
