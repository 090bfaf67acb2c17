//! What a judge said about one boot, and what all of them together are worth.

use std::time::Duration;

use serde::Serialize;

use crate::boot::{Boot, Fate};

/// What was said, and when, since the start of the container.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    /// It was announced as ready.
    pub(crate) ready: Option<Duration>,
    /// It was given up, which ends it.
    pub(crate) unhealthy: Option<Duration>,
    /// Its end was noticed.
    pub(crate) stopped: Option<Duration>,
    /// Times at which it was shown as degraded.
    pub(crate) degraded: u32,
    /// Tries that were made.
    pub(crate) tries: u32,
}

/// The row of one judge.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Score {
    /// Boots.
    pub(crate) boots: u32,
    /// Those that get ready if they are left alone.
    pub(crate) able: u32,
    /// Of those, announced as ready and never ended while they were well.
    pub(crate) succeeded: u32,
    /// Ended although they were well or about to be.
    pub(crate) false_kills: u32,
    /// Announced as ready before they were.
    pub(crate) early: u32,
    /// From the start to the announcement, seconds.
    pub(crate) healthy_after: Times,
    /// From readiness to the announcement, seconds.
    pub(crate) seen_after: Times,
    /// From a crash to its notice, seconds.
    pub(crate) crash_seen_after: Times,
    /// Crashes that were never noticed.
    pub(crate) crashes_missed: u32,
    /// From a hang of a ready service to the verdict, seconds.
    pub(crate) hang_seen_after: Times,
    /// Hangs, early and late, that were never noticed.
    pub(crate) hangs_missed: u32,
}

/// Times of which percentiles are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    fn add(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64());
    }

    /// The nearest-rank percentile, 0 to 100; none without any.
    pub(crate) fn percentile(&self, percent: f64) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (sorted.len() as f64 * percent / 100.0).ceil() as usize;
        sorted.get(rank.max(1) - 1).copied()
    }
}

impl Serialize for Times {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let points = [("p50", 50.0), ("p95", 95.0), ("p99", 99.0), ("max", 100.0)];
        s.collect_map(points.map(|(name, percent)| (name, self.percentile(percent))))
    }
}

impl Score {
    /// Adds a boot and what was said about it.
    pub(crate) fn add(&mut self, boot: &Boot, verdict: &Verdict) {
        self.boots += 1;
        let false_kill = verdict.unhealthy.is_some_and(|at| boot.is_well(at));
        self.false_kills += u32::from(false_kill);
        if boot.gets_ready() {
            self.able += 1;
            self.succeeded += u32::from(verdict.ready.is_some() && !false_kill);
            if let Some(at) = verdict.ready {
                self.healthy_after.add(at);
                self.seen_after.add(at.saturating_sub(boot.ready));
                self.early += u32::from(at < boot.ready);
            }
        }
        match boot.fate {
            Fate::Crash(at) => match verdict.stopped {
                Some(seen) => self.crash_seen_after.add(seen.saturating_sub(at)),
                None => self.crashes_missed += u32::from(verdict.unhealthy.is_none()),
            },
            Fate::Hang(at) => match verdict.unhealthy {
                Some(seen) if boot.gets_ready() && seen > at => self.hang_seen_after.add(seen - at),
                Some(_) => {}
                // Too late to be judged before the end of the run.
                None => self.hangs_missed += u32::from(at + Duration::from_secs(600) < boot.end()),
            },
            Fate::Good => {}
        }
    }

    /// Share of the boots that could succeed and did.
    pub(crate) fn success(&self) -> f64 {
        f64::from(self.succeeded) / f64::from(self.able.max(1))
    }

    /// Share of all boots, those that were lost in any case included.
    pub(crate) fn success_of_all(&self) -> f64 {
        f64::from(self.succeeded) / f64::from(self.boots.max(1))
    }
}
