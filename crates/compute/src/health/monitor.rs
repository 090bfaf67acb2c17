//! Drives a judge with real tries on the monotonic clock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::state::{Change, Outcome, State, Trouble};
use super::timeline::{Attempt, Chronicle, Mark, Timeline, Turn};
use super::{Action, Event, Judge, Rules, Subject};
use crate::clock;

/// How often a subject is asked which resource is short.
const PRESSURE_EVERY: Duration = Duration::from_secs(5);

/// How much later than its limit a try is dropped that does not keep it.
const LENIENCE: Duration = Duration::from_secs(1);

/// How a service is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// The state.
    pub state: State,
    /// Why, in words.
    pub reason: String,
    /// Since when it is in this state, milliseconds UTC.
    pub since: i64,
    /// How long it took from the start of the program (or from the moment when what it depends on was healthy) until
    /// it was ready, milliseconds.
    pub ready_after_ms: Option<u64>,
}

/// What happened, as it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum News {
    /// A try ended.
    Tried(Attempt),
    /// The state or its reason changed.
    Turned(Turn),
}

/// Watches one service until its program has ended. Dropping it ends the watching, not the service.
#[derive(Debug)]
pub struct Monitor {
    events: mpsc::UnboundedSender<Event>,
    status: watch::Receiver<Status>,
    news: broadcast::Sender<News>,
    timeline: Arc<Mutex<Timeline>>,
    tasks: Mutex<Vec<AbortHandle>>,
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner).iter().for_each(AbortHandle::abort);
    }
}

impl Monitor {
    /// Begins to watch something that is being started. Needs a tokio runtime.
    pub fn start(rules: Rules, subject: Arc<dyn Subject>) -> Self {
        Monitor::with(Judge::new(rules), subject)
    }

    /// Begins to watch again what was watched before, by a server that has gone since.
    pub fn resume(rules: Rules, subject: Arc<dyn Subject>, was: State) -> Self {
        Monitor::with(Judge::resume(rules, was), subject)
    }

    fn with(judge: Judge, subject: Arc<dyn Subject>) -> Self {
        let (events, inbox) = mpsc::unbounded_channel();
        let now = clock::now_ms();
        let status = Status {
            state: judge.state(),
            reason: judge.reason().to_owned(),
            since: now,
            ready_after_ms: None,
        };
        let first = Turn { at_ms: 0, time: now, state: status.state, reason: status.reason.clone() };
        let timeline = Arc::new(Mutex::new(Timeline::default()));
        lock(&timeline).turned(first);
        let (sender, status) = watch::channel(status);
        let (news, _) = broadcast::channel(256);
        let work = Work {
            judge,
            subject,
            status: sender,
            news: news.clone(),
            timeline: timeline.clone(),
            epoch: Instant::now(),
            wall: now,
            running: JoinSet::new(),
        };
        let task = tokio::spawn(work.run(inbox)).abort_handle();
        Monitor { events, status, news, timeline, tasks: Mutex::new(vec![task]) }
    }

    /// How it is now.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Follows the status; a slow reader sees the newest.
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Every try and every change from now on; who lags should look at [`Monitor::chronicle`].
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// The last tries and changes.
    pub fn chronicle(&self) -> Chronicle {
        lock(&self.timeline).chronicle()
    }

    /// Waits until the state is one that `wanted` accepts; at the latest until the program has ended.
    pub async fn until(&self, wanted: impl Fn(State) -> bool) -> Status {
        let mut watch = self.status.clone();
        let seen = watch.wait_for(|s| wanted(s.state) || s.state == State::Stopped).await;
        seen.map_or_else(|_| self.status(), |s| s.clone())
    }

    /// Tells how a dependency is, by its name in [`Rules::dependencies`].
    pub fn dependency(&self, name: &str, state: State) {
        self.send(Event::Dependency { name: name.to_owned(), state });
    }

    /// Follows another monitor as the dependency of that name.
    pub fn depend_on(&self, name: &str, other: &Monitor) {
        let (mut other, events, name) = (other.watch(), self.events.clone(), name.to_owned());
        let follow = async move {
            loop {
                let state = other.borrow_and_update().state;
                if events.send(Event::Dependency { name: name.clone(), state }).is_err()
                    || other.changed().await.is_err()
                {
                    return;
                }
            }
        };
        let handle = tokio::spawn(follow).abort_handle();
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
    }

    /// Says that the service was asked to end, and why; from now on nothing is held against it.
    pub fn stopping(&self, reason: &str) {
        self.send(Event::Stopping(reason.to_owned()));
    }

    fn send(&self, event: Event) {
        // After the end nobody listens, and nothing is left to be told.
        let _ = self.events.send(event);
    }
}

fn lock(timeline: &Mutex<Timeline>) -> std::sync::MutexGuard<'_, Timeline> {
    timeline.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something that was under way has come to its end.
enum Done {
    Tried { number: u64, since: Duration, outcome: Outcome },
    Pressure(Option<String>),
}

struct Work {
    judge: Judge,
    subject: Arc<dyn Subject>,
    status: watch::Sender<Status>,
    news: broadcast::Sender<News>,
    timeline: Arc<Mutex<Timeline>>,
    epoch: Instant,
    wall: i64,
    running: JoinSet<Done>,
}

impl Work {
    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Event>) {
        let (one, other) = (self.subject.clone(), self.subject.clone());
        let (mut started, mut ended) = (one.started(), other.ended());
        let mut runs = false;
        let mut pressure_at = None;
        while self.judge.state() != State::Stopped {
            let wake = self.judge.wake().map(|at| self.epoch + at);
            let event = tokio::select! {
                biased;
                how = &mut ended => Event::Exited(how),
                Some(event) = inbox.recv() => event,
                () = &mut started, if !runs => {
                    runs = true;
                    pressure_at = Some(Instant::now() + PRESSURE_EVERY);
                    Event::Started
                }
                Some(done) = self.running.join_next() => match done {
                    Ok(Done::Tried { number, since, outcome }) => {
                        self.note(number, since, &outcome);
                        Event::Tried { number, outcome }
                    }
                    Ok(Done::Pressure(pressure)) => {
                        pressure_at = Some(Instant::now() + PRESSURE_EVERY);
                        Event::Pressure(pressure)
                    }
                    // Every task catches what its subject may do; this one was cancelled with us.
                    Err(_) => continue,
                },
                () = at(wake) => Event::Clock,
                () = at(pressure_at) => {
                    pressure_at = None;
                    let subject = self.subject.clone();
                    self.running.spawn(async move { Done::Pressure(subject.pressure().await) });
                    continue;
                }
            };
            self.handle(event);
        }
    }

    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    fn handle(&mut self, event: Event) {
        for action in self.judge.handle(self.now(), event) {
            match action {
                Action::Try { number, limit } => self.attempt(number, limit),
                Action::Tell(change) => self.tell(change),
            }
        }
    }

    fn attempt(&mut self, number: u64, limit: Duration) {
        let (subject, since) = (self.subject.clone(), self.now());
        self.running.spawn(async move {
            // In a task of its own, so that a panic in it is a try without meaning and not the end of the watching.
            let mut one = JoinSet::new();
            one.spawn(async move { subject.attempt(limit).await });
            let outcome = match tokio::time::timeout(limit + LENIENCE, one.join_next()).await {
                Ok(Some(Ok(outcome))) => outcome,
                Ok(_) => Outcome::Void { why: "the try itself failed".into() },
                Err(_) => Outcome::failed(Trouble::TimedOut, "no answer"),
            };
            Done::Tried { number, since, outcome }
        });
    }

    fn note(&self, number: u64, since: Duration, outcome: &Outcome) {
        let took = self.now().saturating_sub(since);
        let attempt = Attempt {
            number,
            at_ms: millis(since),
            time: self.stamp(since),
            took_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            mark: Mark::of(outcome),
            reason: outcome.words().to_owned(),
        };
        lock(&self.timeline).tried(attempt.clone());
        let _ = self.news.send(News::Tried(attempt));
    }

    fn tell(&self, change: Change) {
        let turn = Turn {
            at_ms: millis(change.at),
            time: self.stamp(change.at),
            state: change.to,
            reason: change.reason,
        };
        lock(&self.timeline).turned(turn.clone());
        let ready = self.judge.ready_at().zip(self.judge.begun_at());
        self.status.send_modify(|status| {
            if status.state != turn.state {
                status.since = turn.time;
            }
            status.state = turn.state;
            status.reason.clone_from(&turn.reason);
            status.ready_after_ms = ready.map(|(ready, begun)| millis(ready.saturating_sub(begun)));
        });
        let _ = self.news.send(News::Turned(turn));
    }

    /// The wall clock as it was when the watching began, plus monotonic time: stamps that never jump.
    fn stamp(&self, at: Duration) -> i64 {
        self.wall.saturating_add_unsigned(millis(at))
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

async fn at(when: Option<Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when).await,
        None => std::future::pending().await,
    }
}
