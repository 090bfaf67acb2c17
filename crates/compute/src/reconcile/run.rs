//! The loop of a reconciler: when to look at what.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, mpsc};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, Interval, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Owner;
use super::queue::Queue;
use super::work::Work;
use crate::{Backend, UnitId};

/// How a reconciler works.
#[derive(Debug, Clone)]
pub struct ReconcilerConfig {
    /// How often everything is compared.
    pub interval: Duration,
    /// Units worked on at the same time.
    pub concurrency: usize,
    /// How long to wait before a failed unit is tried again.
    pub retry: Duration,
}

impl Default for ReconcilerConfig {
    fn default() -> Self {
        let (interval, retry) = (Duration::from_secs(30), Duration::from_secs(1));
        ReconcilerConfig { interval, concurrency: 32, retry }
    }
}

/// Nudges a reconciler. Cheap to clone; a nudge after its end does nothing.
#[derive(Debug, Clone)]
pub struct ReconcilerHandle {
    nudges: mpsc::UnboundedSender<Nudge>,
}

#[derive(Debug)]
enum Nudge {
    Unit(UnitId),
    All,
}

impl ReconcilerHandle {
    /// Looks at one unit now: its record changed.
    pub fn nudge(&self, id: &UnitId) {
        let _ = self.nudges.send(Nudge::Unit(id.clone()));
    }

    /// Looks at everything now.
    pub fn nudge_all(&self) {
        let _ = self.nudges.send(Nudge::All);
    }
}

/// Serves one owner on one backend.
pub struct Reconciler {
    work: Arc<Work>,
    config: ReconcilerConfig,
    nudges: mpsc::UnboundedReceiver<Nudge>,
    handle: ReconcilerHandle,
}

impl Reconciler {
    /// A reconciler, which does nothing until it [`run`](Self::run)s.
    pub fn new(backend: Arc<dyn Backend>, owner: Arc<dyn Owner>, config: ReconcilerConfig) -> Self {
        let (sender, nudges) = mpsc::unbounded_channel();
        let work = Arc::new(Work::new(backend, owner));
        Reconciler { work, config, nudges, handle: ReconcilerHandle { nudges: sender } }
    }

    /// The handle for nudges.
    pub fn handle(&self) -> ReconcilerHandle {
        self.handle.clone()
    }

    /// Works until `shutdown`, then finishes what it has begun.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut state = State {
            timer: interval(self.config.interval),
            changes: self.work.watch(),
            nudges: self.nudges,
            work: self.work,
            config: self.config,
            queue: Queue::default(),
            tasks: JoinSet::new(),
            units: HashMap::new(),
            retries: Vec::new(),
            comparison: Comparison::Idle,
        };
        // The handle in `self` is kept until here, so the channel of nudges stays open.
        while let Some(input) = state.next(&shutdown).await {
            state.take(input);
        }
        while state.tasks.join_next().await.is_some() {}
    }
}

/// Everything that can happen to the loop.
enum Input {
    Unit(UnitId),
    All,
    Done(Result<(Id, Outcome), JoinError>),
    RetryDue,
}

/// What a task of the loop came to.
enum Outcome {
    /// A unit was attended to; whether it went well.
    Attended(bool),
    /// What a full comparison found to do; none when it failed.
    Compared(Option<Vec<UnitId>>),
}

/// Full comparisons run one at a time, and a wish for one during one is kept.
#[derive(PartialEq, Eq)]
enum Comparison {
    Idle,
    Running,
    Again,
}

struct State {
    work: Arc<Work>,
    config: ReconcilerConfig,
    timer: Interval,
    nudges: mpsc::UnboundedReceiver<Nudge>,
    changes: broadcast::Receiver<UnitId>,
    queue: Queue,
    tasks: JoinSet<Outcome>,
    /// Which unit a task attends to; a task that is missing here is the comparison.
    units: HashMap<Id, UnitId>,
    retries: Vec<(Instant, UnitId)>,
    comparison: Comparison,
}

impl State {
    /// Waits for the next input; none when it is time to go.
    async fn next(&mut self, shutdown: &CancellationToken) -> Option<Input> {
        let retry_at = self.retries.iter().map(|(at, _)| *at).min();
        tokio::select! {
            () = shutdown.cancelled() => None,
            Some(done) = self.tasks.join_next_with_id() => Some(Input::Done(done)),
            nudge = self.nudges.recv() => match nudge {
                Some(Nudge::Unit(id)) => Some(Input::Unit(id)),
                Some(Nudge::All) => Some(Input::All),
                None => None,
            },
            change = self.changes.recv() => match change {
                Ok(id) => Some(Input::Unit(id)),
                Err(broadcast::error::RecvError::Lagged(_)) => Some(Input::All),
                Err(broadcast::error::RecvError::Closed) => None,
            },
            _ = self.timer.tick() => Some(Input::All),
            () = sleep_until(retry_at.unwrap_or_else(Instant::now)), if retry_at.is_some() => Some(Input::RetryDue),
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Unit(id) => self.queue.add(id),
            Input::All => self.compare(),
            Input::Done(Ok((task, outcome))) => self.done(task, outcome),
            Input::Done(Err(error)) => {
                tracing::error!(%error, "a task of the reconciler broke off");
                let failed = match self.units.contains_key(&error.id()) {
                    true => Outcome::Attended(false),
                    false => Outcome::Compared(None),
                };
                self.done(error.id(), failed);
            }
            Input::RetryDue => {
                let now = Instant::now();
                let due = self.retries.extract_if(.., |(at, _)| *at <= now);
                due.for_each(|(_, id)| self.queue.add(id));
            }
        }
        self.attend();
    }

    fn attend(&mut self) {
        while self.units.len() < self.config.concurrency
            && let Some(id) = self.queue.next()
        {
            let (work, unit) = (self.work.clone(), id.clone());
            let task = self.tasks.spawn(async move { Outcome::Attended(work.attend(&unit).await) });
            self.units.insert(task.id(), id);
        }
    }

    fn compare(&mut self) {
        if self.comparison == Comparison::Idle {
            let work = self.work.clone();
            self.tasks.spawn(async move { Outcome::Compared(work.needing_attention().await) });
            self.comparison = Comparison::Running;
        } else {
            self.comparison = Comparison::Again;
        }
    }

    fn done(&mut self, task: Id, outcome: Outcome) {
        match outcome {
            Outcome::Attended(fine) => {
                let Some(id) = self.units.remove(&task) else {
                    return;
                };
                self.queue.done(&id);
                if !fine {
                    self.retries.push((Instant::now() + self.config.retry, id));
                }
            }
            Outcome::Compared(found) => {
                let again = std::mem::replace(&mut self.comparison, Comparison::Idle) == Comparison::Again;
                match found {
                    Some(found) => found.into_iter().for_each(|id| self.queue.add(id)),
                    None => self.timer.reset_after(self.config.retry),
                }
                if again {
                    self.compare();
                }
            }
        }
    }
}
