//! Counts what speaks against a service.

use std::time::Duration;

use super::Rules;
use crate::health::state::Trouble;

/// The failures since the last good answer, and how much observed time they cover.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Until when everything is accounted for; what fails before it counts for nothing.
    seen_until: Duration,
    /// Observed time without a good answer.
    silence: Duration,
    skipped_until: Duration,
    /// Tries that count, a long one for every interval that it covered.
    weight: u32,
    /// Tries that failed in a row, whether they count or not.
    row: u32,
    last: Option<(Trouble, String)>,
    passed_at: Duration,
}

impl Tally {
    pub(super) fn pass(&mut self, now: Duration) {
        *self =
            Tally { seen_until: now, skipped_until: self.skipped_until, passed_at: now, ..Tally::default() };
    }

    /// Nothing that happened before `from` counts any more.
    pub(super) fn restart(&mut self, from: Duration) {
        self.silence = Duration::ZERO;
        self.weight = 0;
        self.seen_until = from;
    }

    /// Nobody looked for a while: everything moves by that time, as if the clock had stood still. Time that was
    /// skipped already is not skipped again.
    pub(super) fn skip(&mut self, time: Duration, now: Duration) {
        let from = now.saturating_sub(time).max(self.skipped_until);
        self.seen_until += now.saturating_sub(from);
        self.skipped_until = now;
    }

    /// A try failed. Its words are kept in any case; whether it counts is told by when it was.
    pub(super) fn fail(
        &mut self,
        failure: (Trouble, String),
        since: Duration,
        took: Duration,
        rules: &Rules,
    ) {
        self.last = Some(failure);
        self.row = self.row.saturating_add(1);
        let now = since + took;
        let gap = now.saturating_sub(self.seen_until);
        if gap.is_zero() {
            return;
        }
        // One try can speak for the time since the one before it, but not for more than that should have been.
        let most = rules.interval + rules.timeout;
        self.silence += gap.min(most);
        self.weight = self.weight.saturating_add(intervals(took, rules.interval));
        self.seen_until = now;
    }

    /// Whether the service was given every chance.
    pub(super) fn exceeds(&self, rules: &Rules) -> bool {
        self.weight >= rules.retries && self.silence >= rules.window()
    }

    /// When the observed silence reaches what is tolerated, if nothing good is heard until then.
    pub(super) fn exhausted_at(&self, rules: &Rules) -> Duration {
        self.seen_until + rules.window().saturating_sub(self.silence)
    }

    /// When the last good answer was heard.
    pub(super) fn passed_at(&self) -> Duration {
        self.passed_at
    }

    pub(super) fn row(&self) -> u32 {
        self.row
    }

    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.last.as_ref().map(|(trouble, _)| *trouble)
    }

    pub(super) fn why(&self) -> Option<&str> {
        self.last.as_ref().map(|(_, why)| why.as_str())
    }
}

fn intervals(took: Duration, interval: Duration) -> u32 {
    let whole = took.as_millis() / interval.as_millis().max(1);
    u32::try_from(whole).unwrap_or(u32::MAX).max(1)
}
