//! The states of health, and what one try may tell.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a service is: `starting → healthy ⇄ degraded → unhealthy → stopped`. An unhealthy service that answers
/// again is healthy again, if its owner has let it live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "HealthState")]
pub enum State {
    /// Not ready yet.
    Starting,
    /// Answers well.
    Healthy,
    /// Works, but something is wrong: tries fail, answers are slow, a resource is short, a dependency is down.
    Degraded,
    /// Was given every chance that its definition allows.
    Unhealthy,
    /// Its program has ended.
    Stopped,
}

impl State {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Starting => "starting",
            State::Healthy => "healthy",
            State::Degraded => "degraded",
            State::Unhealthy => "unhealthy",
            State::Stopped => "stopped",
        }
    }

    /// Whether it can be used and be depended upon.
    pub fn serves(self) -> bool {
        matches!(self, State::Healthy | State::Degraded)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// In which way a try failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Nothing listens there.
    Refused,
    /// No answer within the limit.
    TimedOut,
    /// An answer, but a bad one.
    Answered,
    /// The try itself could not be made, or the connection broke.
    Broken,
}

/// What one try told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A good answer.
    Passed {
        /// What was answered: `200`, `connected`, `exit code 0`.
        what: String,
    },
    /// A good answer that says that not all is well.
    Strained {
        /// In the service's own words.
        why: String,
    },
    /// No good answer.
    Failed {
        /// In which way.
        trouble: Trouble,
        /// In words.
        why: String,
    },
    /// Tells nothing about the service, such as a try that was held up on our side.
    Void {
        /// Why not.
        why: String,
    },
}

impl Outcome {
    /// A failure.
    pub fn failed(trouble: Trouble, why: impl Into<String>) -> Self {
        Outcome::Failed { trouble, why: why.into() }
    }

    /// What it says, in words.
    pub fn words(&self) -> &str {
        match self {
            Outcome::Passed { what } => what,
            Outcome::Strained { why } | Outcome::Failed { why, .. } | Outcome::Void { why } => why,
        }
    }
}

/// A change of state or of its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When, on the judge's clock.
    pub at: Duration,
    /// The state before.
    pub from: State,
    /// The state now; the same as before when only the reason changed.
    pub to: State,
    /// Why, in words.
    pub reason: String,
}
