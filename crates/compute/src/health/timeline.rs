//! What was tried and what was concluded, for people to look at; bounded.

use std::collections::VecDeque;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::state::{Outcome, State};

/// Tries that are kept; at four a second while starting, and at one each interval later.
const ATTEMPTS: usize = 600;

/// Changes that are kept.
const TURNS: usize = 100;

/// How a try ended, by name; the worse the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "HealthMark")]
pub enum Mark {
    /// Tells nothing about the service.
    Void,
    /// A good answer.
    Passed,
    /// A good answer that says that not all is well.
    Strained,
    /// No good answer.
    Failed,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "HealthAttempt")]
pub struct Attempt {
    /// From 1.
    pub number: u64,
    /// When it began, milliseconds since the unit was watched (monotonic).
    pub at_ms: u64,
    /// When it began, milliseconds UTC.
    pub time: i64,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// How it ended.
    pub mark: Mark,
    /// In words.
    pub reason: String,
}

/// A change of state or of its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "HealthTurn")]
pub struct Turn {
    /// Milliseconds since the unit was watched (monotonic).
    pub at_ms: u64,
    /// Milliseconds UTC.
    pub time: i64,
    /// The state from here on.
    pub state: State,
    /// Why, in words.
    pub reason: String,
}

/// The last tries and changes of one service.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    attempts: VecDeque<Attempt>,
    turns: VecDeque<Turn>,
    dropped: u64,
}

/// A copy of a [`Timeline`], for the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "HealthChronicle")]
pub struct Chronicle {
    /// Tries, oldest first, in the order in which they ended.
    pub attempts: Vec<Attempt>,
    /// Changes, oldest first.
    pub turns: Vec<Turn>,
    /// Older tries that are not kept any more.
    pub dropped: u64,
}

impl Chronicle {
    /// When the last thing in it happened, milliseconds since the unit was watched.
    pub fn end_ms(&self) -> u64 {
        let tries = self.attempts.iter().map(|a| a.at_ms + a.took_us / 1000);
        tries.chain(self.turns.iter().map(|t| t.at_ms)).max().unwrap_or(0)
    }
}

impl Mark {
    /// The mark of an outcome.
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Passed { .. } => Mark::Passed,
            Outcome::Strained { .. } => Mark::Strained,
            Outcome::Failed { .. } => Mark::Failed,
            Outcome::Void { .. } => Mark::Void,
        }
    }
}

impl Timeline {
    /// Adds a try that has ended.
    pub fn tried(&mut self, attempt: Attempt) {
        self.attempts.push_back(attempt);
        if self.attempts.len() > ATTEMPTS {
            self.attempts.pop_front();
            self.dropped += 1;
        }
    }

    /// Adds a change.
    pub fn turned(&mut self, turn: Turn) {
        self.turns.push_back(turn);
        if self.turns.len() > TURNS {
            self.turns.pop_front();
        }
    }

    /// A copy.
    pub fn chronicle(&self) -> Chronicle {
        Chronicle {
            attempts: self.attempts.iter().cloned().collect(),
            turns: self.turns.iter().cloned().collect(),
            dropped: self.dropped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded() {
        let mut timeline = Timeline::default();
        for number in 1..=5_000 {
            let reason = "200".into();
            timeline.tried(Attempt {
                number,
                at_ms: number,
                time: 0,
                took_us: 1,
                mark: Mark::Passed,
                reason,
            });
            let state = if number % 2 == 0 { State::Healthy } else { State::Degraded };
            timeline.turned(Turn { at_ms: number, time: 0, state, reason: number.to_string() });
        }
        let kept = timeline.chronicle();
        assert_eq!((kept.attempts.len(), kept.turns.len(), kept.dropped), (ATTEMPTS, TURNS, 4_400));
        assert_eq!(kept.attempts.last().map(|a| a.number), Some(5_000));
    }
}
