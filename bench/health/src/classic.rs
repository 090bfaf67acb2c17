//! The judge that came before: a container platform's health check, and a hub that asks it from time to time.
//!
//! One try every interval after the last one's end, from the start of the container on. Failures count when the
//! start period is over; `retries` of them in a row end the container. The command is `curl URL || exit 1` without
//! `-f`, so that any answer is a good one, a 503 too.

use std::time::Duration;

use castalia_compute::health::{Outcome, Trouble};

use crate::boot::{Boot, Fate, Service};
use crate::draw::{Draw, secs};
use crate::verdict::Verdict;

/// One service's numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    pub(crate) start_period: f64,
    pub(crate) interval: f64,
    pub(crate) retries: u32,
    pub(crate) timeout: f64,
    /// Asks a port on which nobody listens.
    pub(crate) wrong_port: bool,
}

/// A generation of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    Before,
    After,
}

/// The numbers of the notes.
pub(crate) fn check(generation: Generation, service: Service) -> Check {
    let (start_period, interval, retries, timeout) = match (generation, service) {
        (Generation::Before, Service::Chat) => (30.0, 5.0, 5, 5.0),
        (Generation::Before, Service::Ide) => (30.0, 10.0, 3, 5.0),
        (Generation::After, Service::Chat | Service::Ide) => (45.0, 15.0, 8, 10.0),
        (_, Service::Lab) => (60.0, 30.0, 8, 60.0),
    };
    let wrong_port = generation == Generation::Before && service == Service::Chat;
    Check { start_period, interval, retries, timeout, wrong_port }
}

/// How often the hub asks what became of a container; before the fix it never got to that line.
const POLL: f64 = 30.0;

pub(crate) fn judge(boot: &Boot, generation: Generation, draw: &mut Draw) -> Verdict {
    let check = check(generation, boot.service);
    let mut verdict = Verdict::default();
    let mut failures = 0;
    let mut at = secs(check.interval);
    while at < boot.end() {
        if let Fate::Crash(end) = boot.fate
            && at >= end
        {
            let noticed = end + secs(draw.between(0.0, POLL));
            verdict.stopped = (generation == Generation::After).then_some(noticed);
            return verdict;
        }
        let (took, good) = ask(boot, &check, at, draw);
        let end = at + took;
        if good {
            failures = 0;
            verdict.ready.get_or_insert(end);
        } else if verdict.ready.is_some() || end > secs(check.start_period) {
            failures += 1;
        }
        if failures >= check.retries {
            verdict.unhealthy = Some(end);
            return verdict;
        }
        at = after_pause(boot, end + secs(check.interval));
    }
    verdict
}

fn ask(boot: &Boot, check: &Check, at: Duration, draw: &mut Draw) -> (Duration, bool) {
    if check.wrong_port {
        return (Duration::from_millis(5), false);
    }
    let (took, outcome) = boot.answer(at, draw);
    let limit = secs(check.timeout);
    if took > limit {
        return (limit, false);
    }
    let answered = matches!(
        outcome,
        Outcome::Passed { .. }
            | Outcome::Strained { .. }
            | Outcome::Failed { trouble: Trouble::Answered, .. }
    );
    (took, answered)
}

fn after_pause(boot: &Boot, at: Duration) -> Duration {
    match boot.pause {
        Some((from, to)) if (from..to).contains(&at) => to,
        _ => at,
    }
}
