//! Decides about a service's health: a state machine over virtual time.
//!
//! The caller owns the clock. It hands in every [`Event`] with the time at which it happened, carries out the
//! [`Action`]s, and comes back with [`Event::Clock`] at [`Judge::wake`]. Times are durations since any fixed moment of
//! a monotonic clock.
//!
//! How it decides:
//! - until it is ready, a service is asked quickly ([`pace`]); one good answer makes it healthy;
//! - failures count from the end of the start period on, or from the last good answer;
//! - it is unhealthy when the failures in a row cover `retries × interval` of observed time *and* are at least
//!   `retries` (a try that hung for several intervals counts for each of them);
//! - a gap in which nobody looked is no observed time, and a try that came back far too late is void.

mod pace;
mod rules;
mod tally;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::BTreeMap;
use std::time::Duration;

pub use rules::Rules;

use super::state::{Change, Outcome, State, Trouble};
use super::values::in_words;
use tally::Tally;

/// How late the caller may be before the delay counts as time in which nobody looked.
const LATE: Duration = Duration::from_secs(2);

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The program runs; before that, nothing is tried.
    Started,
    /// Time has passed.
    Clock,
    /// A try that was asked for has ended.
    Tried {
        /// Its number.
        number: u64,
        /// What it told.
        outcome: Outcome,
    },
    /// A resource is short, or is not any more.
    Pressure(Option<String>),
    /// How a dependency is. Until the first word about it, it counts as not healthy.
    Dependency {
        /// Its name, as in [`Rules::dependencies`].
        name: String,
        /// Its state.
        state: State,
    },
    /// Somebody has asked the service to end: from now on nothing is held against it.
    Stopping(String),
    /// The program has ended; in words, how.
    Exited(String),
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Ask the service, for at most this long, and report it as [`Event::Tried`].
    Try {
        /// Names the try; from 1.
        number: u64,
        /// Hard limit.
        limit: Duration,
    },
    /// Tell whoever wants to know.
    Tell(Change),
}

/// The state machine; see the module.
#[derive(Debug, Clone)]
pub struct Judge {
    rules: Rules,
    now: Duration,
    state: State,
    reason: String,
    /// When the program started.
    started: Option<Duration>,
    /// When it began to be judged: its program runs and its dependencies are healthy.
    begun: Option<Duration>,
    ready: Option<Duration>,
    /// It was ready before we came.
    resumed: bool,
    stopping: Option<String>,
    stopped: Option<String>,
    in_flight: BTreeMap<u64, Duration>,
    tries: u64,
    next_try: Option<Duration>,
    tally: Tally,
    /// Every chance was given, and nothing good was heard since.
    given_up: bool,
    /// How the last good answer was less than good.
    strain: Option<String>,
    pressure: Option<String>,
    dependencies: BTreeMap<String, State>,
}

impl Judge {
    /// A judge of a service whose program may not run yet.
    pub fn new(rules: Rules) -> Self {
        let dependencies = rules.dependencies.iter().map(|n| (n.clone(), State::Starting)).collect();
        Judge {
            rules,
            now: Duration::ZERO,
            state: State::Starting,
            reason: "is being started".into(),
            started: None,
            begun: None,
            ready: None,
            resumed: false,
            stopping: None,
            stopped: None,
            in_flight: BTreeMap::new(),
            tries: 0,
            next_try: None,
            tally: Tally::default(),
            given_up: false,
            strain: None,
            pressure: None,
            dependencies,
        }
    }

    /// A judge of a service that was judged before, by a server that has gone since. What served is not asked to
    /// start again: it goes on as it was, and failures count from now on.
    pub fn resume(rules: Rules, was: State) -> Self {
        let mut judge = Judge::new(rules);
        if was.serves() {
            judge.state = was;
            judge.reason = "watched again since the server was restarted".into();
            judge.resumed = true;
        }
        judge
    }

    /// The state now.
    pub fn state(&self) -> State {
        self.state
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// When it was first ready; none also if that was before we came.
    pub fn ready_at(&self) -> Option<Duration> {
        self.ready.filter(|_| !self.resumed)
    }

    /// When it began to be judged.
    pub fn begun_at(&self) -> Option<Duration> {
        self.begun
    }

    /// When to come back with [`Event::Clock`]; none while only other events can change anything.
    pub fn wake(&self) -> Option<Duration> {
        let room = self.under_way() < self.rules.parallel(self.ready.is_some());
        self.next_try.filter(|_| room && self.attends())
    }

    /// Takes an event. A time before the last one counts as the last one.
    pub fn handle(&mut self, now: Duration, event: Event) -> Vec<Action> {
        self.now = self.now.max(now);
        self.notice_gap();
        match event {
            Event::Started => self.started = self.started.or(Some(self.now)),
            Event::Clock => {}
            Event::Tried { number, outcome } => self.tried(number, outcome),
            Event::Pressure(pressure) => self.pressure = pressure,
            Event::Dependency { name, state } => self.depend(name, state),
            Event::Stopping(why) => self.stopping = self.stopping.take().or(Some(why)),
            Event::Exited(how) => self.stopped = self.stopped.take().or(Some(how)),
        }
        self.begin();
        let mut actions = Vec::new();
        actions.extend(self.settle().map(Action::Tell));
        actions.extend(self.ask());
        actions
    }

    /// Whether tries are of any use.
    fn attends(&self) -> bool {
        self.begun.is_some() && self.stopping.is_none() && self.stopped.is_none()
    }

    /// The caller comes much later than it was told to: in between nobody looked.
    fn notice_gap(&mut self) {
        let Some(due) = self.wake() else { return };
        let late = self.now.saturating_sub(due);
        if late > LATE {
            self.tally.skip(late, self.now);
        }
    }

    fn tried(&mut self, number: u64, outcome: Outcome) {
        let Some(since) = self.in_flight.remove(&number) else { return };
        let took = self.now.saturating_sub(since);
        let held_up = took > self.rules.timeout + LATE;
        let superseded = since < self.tally.passed_at();
        match outcome {
            Outcome::Failed { .. } | Outcome::Void { .. } if superseded => return,
            Outcome::Void { .. } => self.tally.skip(took, self.now),
            Outcome::Failed { .. } if held_up => self.tally.skip(took, self.now),
            Outcome::Failed { trouble, why } => self.failed((trouble, why), since, took),
            Outcome::Passed { .. } => self.passed(self.slow(took)),
            Outcome::Strained { why } => self.passed(Some(why)),
        }
        if !superseded {
            self.next_try = Some(self.after(since, took));
        }
    }

    /// Tries that may still tell something: not those that were asked before the last good answer.
    fn under_way(&self) -> usize {
        self.in_flight.values().filter(|since| **since >= self.tally.passed_at()).count()
    }

    fn failed(&mut self, failure: (Trouble, String), since: Duration, took: Duration) {
        self.tally.fail(failure, since, took, &self.rules);
        if self.hindered().is_some() {
            self.tally.restart(self.now);
        }
        self.given_up |= self.tally.exceeds(&self.rules);
    }

    fn passed(&mut self, strain: Option<String>) {
        self.ready = self.ready.or(Some(self.now));
        self.strain = strain;
        self.given_up = false;
        self.tally.pass(self.now);
    }

    fn slow(&self, took: Duration) -> Option<String> {
        (took > self.rules.timeout / 2).then(|| {
            format!(
                "answers slowly: {} of the {} that a try may take",
                in_words(took),
                in_words(self.rules.timeout)
            )
        })
    }

    fn depend(&mut self, name: String, state: State) {
        let before = self.hindered().is_some();
        if let Some(known) = self.dependencies.get_mut(&name) {
            *known = state;
        }
        if before && self.hindered().is_none() && self.begun.is_some() {
            // It gets the time that it would have had, had it been started now.
            let allowed = if self.ready.is_some() { Duration::ZERO } else { self.rules.start_period };
            self.tally.restart(self.now + allowed);
        }
    }

    /// The first dependency that is not healthy.
    fn hindered(&self) -> Option<(&str, State)> {
        self.dependencies
            .iter()
            .find(|(_, state)| !state.serves())
            .map(|(name, state)| (name.as_str(), *state))
    }

    fn begin(&mut self) {
        if self.begun.is_none() && self.started.is_some() && (self.resumed || self.hindered().is_none()) {
            self.begun = Some(self.now);
            self.tally
                .restart(self.now + if self.resumed { Duration::ZERO } else { self.rules.start_period });
            self.ready = self.resumed.then_some(self.now);
            self.next_try = Some(self.now);
        }
    }

    /// Asks when it is time. Until the service is ready, a try without an answer does not keep the next one waiting.
    fn ask(&mut self) -> Option<Action> {
        self.wake().filter(|due| *due <= self.now)?;
        self.tries += 1;
        self.in_flight.insert(self.tries, self.now);
        self.next_try = Some(self.now + self.hedge());
        Some(Action::Try { number: self.tries, limit: self.rules.timeout })
    }

    fn settle(&mut self) -> Option<Change> {
        let (to, reason) = self.verdict();
        if to == self.state && reason == self.reason {
            return None;
        }
        let from = std::mem::replace(&mut self.state, to);
        self.reason.clone_from(&reason);
        Some(Change { at: self.now, from, to, reason })
    }
}
