//! Learns how long a service takes to start.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::timing::start_period_for;

/// Starts that are remembered.
const REMEMBERED: usize = 200;

/// The longest start period that is ever learnt.
const LONGEST: Duration = Duration::from_secs(3600);

/// How long the last starts of one service definition took until it was ready. Keep one per definition, and write it
/// where it survives (it is plain data: milliseconds).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StartPeriods {
    boots_ms: VecDeque<u64>,
}

impl StartPeriods {
    /// Adds a start that ended in readiness.
    pub fn record(&mut self, ready_after: Duration) {
        self.boots_ms.push_back(u64::try_from(ready_after.as_millis()).unwrap_or(u64::MAX));
        while self.boots_ms.len() > REMEMBERED {
            self.boots_ms.pop_front();
        }
    }

    /// The 95th percentile of the remembered starts (nearest rank); none without any.
    pub fn p95(&self) -> Option<Duration> {
        let mut sorted: Vec<u64> = self.boots_ms.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * 95).div_ceil(100);
        sorted.get(rank.checked_sub(1)?).copied().map(Duration::from_millis)
    }

    /// The start period to use: 1.5 times the 95th percentile, never below what the definition says, never above an
    /// hour (unless the definition says so).
    pub fn start_period(&self, defined: Duration) -> Duration {
        let learnt = self.p95().map(start_period_for).unwrap_or_default();
        defined.max(learnt.min(LONGEST))
    }

    /// Starts that are remembered.
    pub fn len(&self) -> usize {
        self.boots_ms.len()
    }

    /// Whether nothing has been learnt yet.
    pub fn is_empty(&self) -> bool {
        self.boots_ms.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFINED: Duration = Duration::from_secs(45);

    #[test]
    fn it_is_the_95th_percentile_times_one_and_a_half() {
        let mut starts = StartPeriods::default();
        assert_eq!(starts.start_period(DEFINED), DEFINED);
        for seconds in 1..=100 {
            starts.record(Duration::from_secs(seconds));
        }
        assert_eq!(starts.p95(), Some(Duration::from_secs(95)));
        assert_eq!(starts.start_period(DEFINED), Duration::from_millis(142_500));
    }

    #[test]
    fn it_is_never_below_the_definition_and_forgets_what_is_long_ago() {
        let mut starts = StartPeriods::default();
        for _ in 0..50 {
            starts.record(Duration::from_secs(300));
        }
        assert_eq!(starts.start_period(DEFINED), Duration::from_secs(450));
        for _ in 0..REMEMBERED {
            starts.record(Duration::from_secs(2));
        }
        assert_eq!(starts.len(), REMEMBERED);
        assert_eq!(starts.start_period(DEFINED), DEFINED);
        starts.record(Duration::MAX);
        assert_eq!(starts.start_period(DEFINED), DEFINED);
    }

    #[test]
    fn it_survives_json() {
        let mut starts = StartPeriods::default();
        starts.record(Duration::from_millis(1234));
        let json = serde_json::to_string(&starts).unwrap();
        assert_eq!(json, "[1234]");
        assert_eq!(serde_json::from_str::<StartPeriods>(&json).unwrap(), starts);
    }
}
