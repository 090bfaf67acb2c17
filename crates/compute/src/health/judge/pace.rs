//! When to ask again.

use std::time::Duration;

use super::Judge;

/// The shortest time between two tries of a service that starts, and the longest while tries are cheap.
const QUICK: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(250));

/// Tries that take long are made at most this often, and may take at most a fifth of the time.
const SLOW: Duration = Duration::from_secs(1);

impl Judge {
    /// When to ask after a try that began at `since` and took `took`.
    pub(super) fn after(&self, since: Duration, took: Duration) -> Duration {
        let next = if self.ready.is_none() && !self.given_up {
            since + self.quick(took)
        } else if self.tally.row() == 0 {
            since + self.rules.interval
        } else {
            // The last chance is not given later than promised.
            let last = self.tally.exhausted_at(&self.rules);
            let next = since + self.recheck();
            if last > self.now { next.min(last) } else { next }
        };
        next.max(self.now)
    }

    /// While a service starts: often at first, four times a second later, less if a try is dear.
    fn quick(&self, took: Duration) -> Duration {
        let age = self.now.saturating_sub(self.begun.unwrap_or(self.now));
        let cheap = (age / 20).clamp(QUICK.0, QUICK.1);
        cheap.max((took * 5).min(SLOW)).min(self.rules.interval)
    }

    /// After a failure: sooner than usual, so that a passing fault is known as such.
    fn recheck(&self) -> Duration {
        (self.rules.interval / 5).max(SLOW).min(self.rules.interval)
    }

    /// While a service starts and has not answered yet: how long to wait until it is asked once more beside that.
    pub(super) fn hedge(&self) -> Duration {
        let others = u32::try_from(self.under_way()).unwrap_or(u32::MAX).clamp(1, 8);
        QUICK.1.saturating_mul(1 << (others - 1))
    }
}
