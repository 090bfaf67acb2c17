//! What happens after a program has ended: decided purely.

use crate::definition::{Backoff, Restart};
use std::time::Duration;

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Whether with exit code 0.
    pub(crate) well: bool,
    /// How long it ran.
    pub(crate) ran: Duration,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Start again after a pause.
    After(Duration),
    /// It is done.
    Done,
}

/// Counts the ends in a row and says how long to wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Streak(u32);

impl Streak {
    /// How often in a row it ended soon.
    pub(crate) fn count(&self) -> u32 {
        self.0
    }

    /// Forgets what was, as when a person starts it.
    pub(crate) fn forget(&mut self) {
        self.0 = 0;
    }

    /// Takes an end. `jitter` from 0 to 1 spreads the pause by a tenth, so that services that fell together do not all
    /// come back in the same moment.
    pub(crate) fn next(&mut self, rule: Restart, backoff: &Backoff, ended: &Ended, jitter: f64) -> Next {
        if rule == Restart::Never || (rule == Restart::OnFailure && ended.well) {
            return Next::Done;
        }
        if ended.ran >= backoff.reset.0 {
            self.0 = 0;
        }
        let doubled = backoff.first.0.saturating_mul(1_u32 << self.0.min(20));
        self.0 = self.0.saturating_add(1);
        let pause = doubled.min(backoff.most.0);
        Next::After(pause + pause.mul_f64(0.1 * jitter.clamp(0.0, 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use castalia_compute::health::Seconds;

    fn ended(well: bool, ran: u64) -> Ended {
        Ended { well, ran: Duration::from_secs(ran) }
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_begin_anew_after_a_long_run() {
        let backoff = Backoff { first: Seconds::new(1), most: Seconds::new(6), reset: Seconds::new(60) };
        let mut streak = Streak::default();
        let mut seconds = |ran| match streak.next(Restart::Always, &backoff, &ended(true, ran), 0.0) {
            Next::After(pause) => pause.as_secs(),
            Next::Done => panic!("is done"),
        };
        assert_eq!([0; 5].map(&mut seconds), [1, 2, 4, 6, 6]);
        assert_eq!(seconds(60), 1);
        assert_eq!(seconds(59), 2);
    }

    #[test]
    fn the_policy_decides_whether_it_comes_back() {
        let backoff = Backoff::default();
        for (rule, well, comes_back) in [
            (Restart::Always, true, true),
            (Restart::Always, false, true),
            (Restart::OnFailure, true, false),
            (Restart::OnFailure, false, true),
            (Restart::Never, false, false),
        ] {
            let next = Streak::default().next(rule, &backoff, &ended(well, 1), 0.5);
            assert_eq!(next != Next::Done, comes_back, "{rule:?} {well}");
        }
        let next = Streak::default().next(Restart::Always, &backoff, &ended(false, 0), 1.0);
        assert_eq!(next, Next::After(Duration::from_millis(550)));
    }
}
