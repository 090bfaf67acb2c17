//! A unit on a backend, as a monitor sees it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::pressure::{Pressure, Readings};
use super::probe::command;
use super::state::{Outcome, Trouble};
use super::{HealthCheck, Place, Probe, Subject};
use crate::log::{Limit, Stream};
use crate::{Backend, Cause, Exit, Observed, Phase, Resources, UnitId};

/// How often it is looked where a unit listens that does not listen where it should.
const LISTENING_EVERY: Duration = Duration::from_secs(2);

/// How often a unit is looked at when nobody says that it changed; a notice may be lost.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A unit whose health is judged.
pub struct UnitSubject {
    backend: Arc<dyn Backend>,
    id: UnitId,
    probe: Probe,
    prefer_backend: bool,
    resources: Resources,
    pressure: Mutex<Pressure>,
    born: Instant,
    listening: Mutex<Option<(Instant, Vec<u16>)>>,
}

impl UnitSubject {
    /// A unit with its check and the place where it serves; `resources` are the limits that pressure is judged by.
    pub fn new(
        backend: Arc<dyn Backend>,
        id: UnitId,
        check: &HealthCheck,
        place: &Place,
        resources: Resources,
    ) -> Self {
        UnitSubject {
            backend,
            id,
            probe: Probe::of(check, place),
            prefer_backend: check.prefer_backend_health,
            resources,
            pressure: Mutex::default(),
            born: Instant::now(),
            listening: Mutex::default(),
        }
    }

    /// Waits until what is seen of the unit answers the question. A unit that is not known (yet) answers none.
    async fn seen<T>(&self, mut answer: impl FnMut(Option<&Observed>) -> Option<T> + Send) -> T {
        let mut changes = self.backend.watch();
        loop {
            if let Ok(observed) = self.backend.observe(&self.id).await
                && let Some(found) = answer(observed.as_ref())
            {
                return found;
            }
            let other = async {
                loop {
                    match changes.recv().await {
                        Ok(id) if id != self.id => {}
                        Ok(_) | Err(RecvError::Lagged(_)) => return,
                        Err(RecvError::Closed) => std::future::pending().await,
                    }
                }
            };
            let _ = tokio::time::timeout(LOOK_EVERY, other).await;
        }
    }

    async fn command(&self, argv: &[String], limit: Duration) -> Outcome {
        match self.backend.execute(&self.id, argv, limit).await {
            Ok(ran) => command::outcome(Ok(ran), limit),
            Err(error) => Outcome::Void { why: format!("the health command could not be run: {error}") },
        }
    }

    /// The ports on which the unit listens, remembered for a moment.
    async fn ports(&self) -> Vec<u16> {
        let known = self.listening.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, ports)) = known
            && at.elapsed() < LISTENING_EVERY
        {
            return ports;
        }
        let ports = self.backend.listening(&self.id).await.unwrap_or_default();
        let now = Some((Instant::now(), ports.clone()));
        *self.listening.lock().unwrap_or_else(PoisonError::into_inner) = now;
        ports
    }

    /// Who asks the wrong port is told the right one.
    async fn with_ports(&self, outcome: Outcome) -> Outcome {
        let Outcome::Failed { trouble: Trouble::Refused, why } = outcome else { return outcome };
        let ports = self.ports().await;
        if ports.is_empty() {
            return Outcome::failed(Trouble::Refused, why);
        }
        let list = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        Outcome::failed(
            Trouble::Refused,
            format!("{why} (the service listens on {list}; is the port right?)"),
        )
    }

    /// The last thing that the program said.
    async fn last_words(&self, exit: &Exit) -> Option<String> {
        let after = exit.log.lines.saturating_sub(20);
        let limit = Limit { lines: 20, bytes: 64 * 1024 };
        let lines = self.backend.logs(&self.id, after, limit).await.ok()?.parse().ok()?;
        let said = |stream: Stream| {
            lines
                .iter()
                .rev()
                .find(|l| l.stream == stream && !l.line.trim().is_empty())
                .map(|l| l.line.clone())
        };
        let line = said(Stream::Stderr).or_else(|| said(Stream::Stdout))?;
        Some(line.chars().filter(|c| !c.is_control()).take(300).collect())
    }
}

#[async_trait]
impl Subject for UnitSubject {
    async fn started(&self) {
        self.seen(|unit| matches!(unit?.phase, Phase::Running { .. }).then_some(())).await;
    }

    async fn ended(&self) -> String {
        let mut known = false;
        let exit = self
            .seen(|unit| match unit {
                Some(Observed { phase: Phase::Ended(exit), .. }) => Some(Some(exit.clone())),
                Some(_) => {
                    known = true;
                    None
                }
                // Removed between its end and our look.
                None => known.then_some(None),
            })
            .await;
        let Some(exit) = exit else { return "ended and was removed".into() };
        let how = how_it_ended(&exit);
        // Whoever was asked to end, or ended well, has nothing to explain.
        let fine = exit.success() || matches!(exit.cause, Cause::Stopped { .. });
        match self.last_words(&exit).await {
            Some(said) if !fine => format!("{how}; last line: {said}"),
            _ => how,
        }
    }

    async fn attempt(&self, limit: Duration) -> Outcome {
        if self.prefer_backend
            && let Ok(Some(outcome)) = self.backend.health(&self.id).await
        {
            return outcome;
        }
        match &self.probe {
            Probe::Command { argv } => self.command(argv, limit).await,
            probe => self.with_ports(probe.run(limit).await).await,
        }
    }

    async fn pressure(&self) -> Option<String> {
        let observed = self.backend.observe(&self.id).await.ok()??;
        let memory_bytes = self.backend.memory(&self.id).await.unwrap_or_default();
        let readings = Readings { memory_bytes, cpu_ms: observed.usage.cpu_ms };
        let mut pressure = self.pressure.lock().unwrap_or_else(PoisonError::into_inner);
        pressure.judge(self.born.elapsed(), readings, &self.resources)
    }
}

/// An end in words.
fn how_it_ended(exit: &Exit) -> String {
    match (&exit.cause, exit.code, exit.signal) {
        (Cause::Stopped { reason }, ..) => format!("was stopped: {reason}"),
        (Cause::Deadline, ..) => "reached its deadline".into(),
        (Cause::Memory, ..) => "used more memory than its limit".into(),
        (Cause::Storage, ..) => "wrote more than its limit".into(),
        (Cause::Lost { why }, ..) => format!("was lost: {why}"),
        (Cause::NotStarted { why }, ..) => format!("did not start: {why}"),
        (Cause::Exited, _, Some(signal)) => format!("was killed by signal {signal}"),
        (Cause::Exited, Some(code), None) => format!("exited with code {code}"),
        (Cause::Exited, None, None) => "ended".into(),
    }
}
