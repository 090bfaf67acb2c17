//! The state that follows from what is known, and why, in words.

use super::Judge;
use crate::health::state::{State, Trouble};
use crate::health::values::in_words;

impl Judge {
    pub(super) fn verdict(&self) -> (State, String) {
        if let Some(how) = &self.stopped {
            return (State::Stopped, self.how_it_ended(how));
        }
        if let Some(why) = &self.stopping {
            return (self.state, format!("is being stopped: {why}"));
        }
        if self.begun.is_none() && self.resumed {
            return (self.state, self.reason.clone());
        }
        if self.begun.is_none() {
            return (State::Starting, self.what_it_waits_for());
        }
        if self.given_up {
            let known = self.state == State::Unhealthy;
            return (State::Unhealthy, if known { self.reason.clone() } else { self.why_given_up() });
        }
        if self.ready.is_none() {
            let why = self.tally.why().map_or("not asked yet".into(), |why| format!("not ready yet: {why}"));
            return (State::Starting, why);
        }
        let troubles = self.troubles();
        if troubles.is_empty() {
            let known = self.state == State::Healthy || (self.resumed && self.tries == 0);
            return (State::Healthy, if known { self.reason.clone() } else { self.why_healthy() });
        }
        (State::Degraded, troubles.join("; "))
    }

    fn how_it_ended(&self, how: &str) -> String {
        match (&self.stopping, self.ready) {
            (Some(why), _) if how.contains(why.as_str()) => how.to_owned(),
            (Some(why), _) => format!("was stopped: {why} ({how})"),
            // One that is watched again was ready before we came.
            (None, None) if !self.resumed => format!("ended before it was ready: {how}"),
            (None, _) => how.to_owned(),
        }
    }

    fn what_it_waits_for(&self) -> String {
        let waits: Vec<String> = self
            .dependencies
            .iter()
            .filter(|(_, state)| !state.serves())
            .map(|(name, state)| format!("{name} ({state})"))
            .collect();
        if waits.is_empty() { "is being started".into() } else { format!("waits for {}", waits.join(", ")) }
    }

    fn why_given_up(&self) -> String {
        let last = self.tally.why().unwrap_or("no answer");
        match (self.ready, self.begun) {
            (None, Some(begun)) => format!(
                "not ready after {} (start period {}, then {} tries at {}): {last}",
                in_words(self.now.saturating_sub(begun)),
                in_words(self.rules.start_period),
                self.rules.retries,
                in_words(self.rules.interval)
            ),
            _ => format!(
                "no good answer for {} ({} tries at {}): {last}",
                in_words(self.now.saturating_sub(self.tally.passed_at())),
                self.rules.retries,
                in_words(self.rules.interval)
            ),
        }
    }

    fn why_healthy(&self) -> String {
        match (self.state, self.ready, self.begun) {
            (State::Starting, Some(ready), Some(begun)) => {
                format!("ready after {}", in_words(ready.saturating_sub(begun)))
            }
            (State::Unhealthy, ..) => "answers again".into(),
            _ => "well again".into(),
        }
    }

    /// What is wrong with a service that works.
    fn troubles(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let Some((name, state)) = self.hindered() {
            found.push(format!("{name}, on which it depends, is {state}"));
        }
        found.extend(self.failing());
        found.extend(self.pressure.clone());
        found.extend(self.strain.clone());
        found
    }

    /// One quick failure may be chance and is asked again; two in a row, or one long silence, are told.
    fn failing(&self) -> Option<String> {
        let timed_out = self.tally.trouble() == Some(Trouble::TimedOut);
        let known = self.tally.row() >= 2 || (self.tally.row() == 1 && timed_out);
        let why = self.tally.why().filter(|_| known)?;
        Some(format!("{why}; unhealthy after {} without a good answer", in_words(self.rules.window())))
    }
}
