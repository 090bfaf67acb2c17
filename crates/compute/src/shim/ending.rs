//! When to ask the program to end, and when to make it. Holds time, touches nothing.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::Cause;

/// The decision to end a unit, once one has been taken.
pub(super) struct Ending {
    deadline: Option<Instant>,
    decided: Option<Decision>,
}

struct Decision {
    cause: Cause,
    grace: Duration,
    kill_at: Instant,
    asked: bool,
    /// SIGKILL is repeated, since a process may have been forked while we went round.
    next_kill: Instant,
    killed: bool,
}

impl Ending {
    pub(super) fn new(deadline: Option<Duration>) -> Self {
        Ending { deadline: deadline.and_then(|d| Instant::now().checked_add(d)), decided: None }
    }

    /// Decides to end. The first cause stands; a later one can only shorten the grace.
    pub(super) fn ask(&mut self, cause: Cause, grace: Duration) {
        let now = Instant::now();
        let kill_at = now.checked_add(grace).unwrap_or(now);
        match &mut self.decided {
            Some(decision) if kill_at < decision.kill_at => {
                decision.kill_at = kill_at;
                decision.next_kill = kill_at;
            }
            Some(_) => {}
            None => {
                self.decided =
                    Some(Decision { cause, grace, kill_at, asked: false, next_kill: kill_at, killed: false });
            }
        }
    }

    /// True once, when the deadline passes and nothing else has been decided.
    pub(super) fn deadline_passed(&mut self) -> bool {
        let passed = self.decided.is_none() && self.deadline.is_some_and(|at| Instant::now() >= at);
        if passed {
            self.deadline = None;
        }
        passed
    }

    /// The signal that is due now.
    pub(super) fn signal(&mut self) -> Option<Signal> {
        let now = Instant::now();
        let decision = self.decided.as_mut()?;
        if now >= decision.next_kill {
            decision.next_kill = now + Duration::from_millis(50);
            decision.asked = true;
            return Some(Signal::KILL);
        }
        (!std::mem::replace(&mut decision.asked, true)).then_some(Signal::TERM)
    }

    /// True once, for the first SIGKILL after a grace that did not suffice.
    pub(super) fn patience_ended(&mut self) -> bool {
        self.decided.as_mut().is_some_and(|d| !d.grace.is_zero() && !std::mem::replace(&mut d.killed, true))
    }

    pub(super) fn grace(&self) -> Duration {
        self.decided.as_ref().map(|d| d.grace).unwrap_or_default()
    }

    pub(super) fn cause(&self) -> Option<Cause> {
        self.decided.as_ref().map(|d| d.cause.clone())
    }

    /// When to look again.
    pub(super) fn due(&self) -> Option<Instant> {
        match &self.decided {
            Some(decision) => Some(decision.next_kill),
            None => self.deadline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_cause_stands_and_the_shortest_grace_counts() {
        let mut ending = Ending::new(None);
        assert_eq!(ending.signal(), None);
        ending.ask(Cause::Deadline, Duration::from_secs(3600));
        assert_eq!(ending.signal(), Some(Signal::TERM));
        assert_eq!(ending.signal(), None);
        ending.ask(Cause::Memory, Duration::ZERO);
        assert_eq!(ending.signal(), Some(Signal::KILL));
        assert_eq!(ending.cause(), Some(Cause::Deadline));
    }

    #[test]
    fn a_deadline_passes_once() {
        let mut ending = Ending::new(Some(Duration::ZERO));
        assert!(ending.deadline_passed());
        assert!(!ending.deadline_passed());
    }
}
