//! From a start to the end of a kernel's process.

use super::links::Links;
use super::parse::Said;
use super::process::{Process, words_of};
use super::{Event, Keeper};
use crate::Error;
use crate::entry::{Channel, Life, State};
use crate::protocol::Request;
use crate::spec::InterruptMode;
use bytes::Bytes;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;
use tokio::time::Instant;

/// Ids of the requests by which it is found out whether a kernel answers.
const GREETING: &str = "castalia-greeting-";
/// Between two greetings, while what it publishes is not heard.
const AGAIN: Duration = Duration::from_millis(100);
/// A process that ended may have said something that is still on the way.
const ECHO: Duration = Duration::from_millis(50);
/// Time to end on request, and then on SIGTERM.
const ASKED: Duration = Duration::from_millis(2500);
const TOLD: Duration = Duration::from_millis(1000);

/// What is to become of a kernel that is being ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Start,
    End,
}

/// One start of the kernel.
pub(super) struct Start {
    pub(super) process: Process,
    links: Option<Box<Links>>,
    /// Requests that came before it answered.
    pub(super) waiting: Vec<(Request, Vec<Bytes>)>,
    /// Requests that it has not answered.
    pub(super) outstanding: BTreeSet<String>,
    greetings: u32,
    greet_at: Option<Instant>,
    answered: bool,
    published: bool,
    /// Until when it must answer.
    patience: Option<Instant>,
    after: Option<After>,
    /// The next signal on the way to its end.
    next: Option<(Instant, Signal)>,
    exited: Option<(Instant, std::io::Result<ExitStatus>)>,
}

impl Start {
    pub(super) async fn send(&mut self, request: &Request, buffers: Vec<Bytes>) -> Result<(), Error> {
        let links = self.links.as_mut().ok_or(Error::Gone)?;
        links.send(request, buffers).await?;
        if request.channel != Channel::Stdin && request.kind.ends_with("_request") {
            self.outstanding.insert(request.id.clone());
        }
        Ok(())
    }

    pub(super) fn unanswered(&self) -> Vec<String> {
        let waiting = self.waiting.iter().map(|(request, _)| request.id.clone());
        self.outstanding.iter().cloned().chain(waiting).collect()
    }
}

impl Keeper {
    /// Starts the kernel.
    pub(super) async fn begin(&mut self, reason: &str) {
        self.incarnation += 1;
        self.turn(state(Life::Starting, reason)).await;
        let started = Process::start(&self.config);
        let (process, mut child) = match started {
            Ok(started) => started,
            Err(error) => return self.turn(state(Life::Dead, &error.to_string())).await,
        };
        let (incarnation, events) = (self.incarnation, self.events.clone());
        let (info, linking) = (process.info.clone(), self.events.clone());
        let connecting = tokio::spawn(async move {
            let links = Links::connect(&info, incarnation, linking.clone()).await.map(Box::new);
            _ = linking.send(Event::Linked { incarnation, links }).await;
        });
        tokio::spawn(async move {
            let status = child.wait().await;
            connecting.abort();
            _ = events.send(Event::Exited { incarnation, status }).await;
        });
        self.start = Some(Start {
            process,
            links: None,
            waiting: Vec::new(),
            outstanding: BTreeSet::new(),
            greetings: 0,
            greet_at: None,
            answered: false,
            published: false,
            patience: Some(Instant::now() + Duration::from_secs(self.config.patience_s)),
            after: None,
            next: None,
            exited: None,
        });
    }

    pub(super) async fn linked(&mut self, links: Result<Box<Links>, Error>) {
        let Some(start) = &mut self.start else { return };
        match links {
            Ok(links) => {
                start.links = Some(links);
                start.greet_at = Some(Instant::now());
            }
            Err(error) => {
                tracing::error!(%error, "the kernel's sockets can't be reached");
                self.reason = error.to_string();
                start.process.signal(Signal::KILL);
            }
        }
    }

    /// Takes what belongs to the greeting. A kernel is ready when it answers and what it publishes is heard: either
    /// it says that we are subscribed (JEP 65), or it publishes what it does about our greeting.
    pub(super) async fn greeting(&mut self, channel: Channel, said: &Said) -> bool {
        let ours = said.parent.as_deref().is_some_and(|p| p.starts_with(GREETING));
        let welcome = channel == Channel::Iopub && said.kind == "iopub_welcome";
        let Some(start) = &mut self.start else { return ours || welcome };
        if !ours && !welcome {
            return false;
        }
        if channel == Channel::Iopub {
            start.published = true;
        } else if said.kind == "kernel_info_reply" {
            start.answered = true;
            self.info = said.content.clone();
        }
        if start.answered && start.published && self.life == Life::Starting {
            start.patience = None;
            start.greet_at = None;
            let waiting = std::mem::take(&mut start.waiting);
            let info = self.info.clone();
            self.turn(State { info, ..state(Life::Ready, "") }).await;
            for (request, buffers) in waiting {
                self.request(request, buffers).await;
            }
        }
        true
    }

    /// Something came from the kernel: more may be on the way.
    pub(super) fn heard(&mut self) {
        if let Some((until, _)) = self.start.as_mut().and_then(|s| s.exited.as_mut()) {
            *until = Instant::now() + ECHO;
        }
    }

    pub(super) fn exited(&mut self, status: std::io::Result<ExitStatus>) {
        if let Some(start) = &mut self.start {
            start.exited = Some((Instant::now() + ECHO, status));
        }
    }

    /// When [`Keeper::tick`] has something to do.
    pub(super) fn timer(&self) -> Option<Instant> {
        let start = self.start.as_ref();
        let of = [
            self.streams.due(),
            start.and_then(|s| s.greet_at),
            start.and_then(|s| s.patience),
            start.and_then(|s| Some(s.next.as_ref()?.0)),
            start.and_then(|s| Some(s.exited.as_ref()?.0)),
        ];
        of.into_iter().flatten().min()
    }

    pub(super) async fn tick(&mut self) {
        let now = Instant::now();
        if self.streams.due().is_some_and(|due| due <= now)
            && let Some(text) = self.streams.take()
        {
            self.put(text).await;
        }
        let Some(start) = &mut self.start else { return };
        if start.exited.as_ref().is_some_and(|(until, _)| *until <= now) {
            return self.finished().await;
        }
        if start.greet_at.is_some_and(|at| at <= now) {
            start.greet_at = Some(now + AGAIN);
            start.greetings += 1;
            let hello =
                Request::shell(format!("{GREETING}{}", start.greetings), "kernel_info_request", json!({}));
            // One that has not answered yet is asked once: its answer comes when it has the time.
            let ask = start.greetings == 1 || start.answered;
            if let (true, Some(links)) = (ask, &mut start.links)
                && let Err(error) = links.send(&hello, Vec::new()).await
            {
                tracing::warn!(%error, "the kernel could not be greeted");
            }
        }
        if start.patience.is_some_and(|until| until <= now) {
            start.patience = None;
            self.reason = format!("it did not answer within {} s of its start", self.config.patience_s);
            start.process.signal(Signal::KILL);
        }
        if let Some((at, signal)) = start.next
            && at <= now
        {
            start.process.signal(signal);
            start.next = (signal == Signal::TERM).then_some((now + TOLD, Signal::KILL));
        }
    }

    /// The process has ended and nothing more comes from it.
    async fn finished(&mut self) {
        let Some(start) = self.start.take() else { return };
        let lost: Vec<String> = start.outstanding.iter().cloned().collect();
        let (code, signal, words) = match &start.exited {
            Some((_, Ok(status))) => (status.code(), status.signal(), words_of(status)),
            Some((_, Err(error))) => (None, None, format!("its end could not be seen: {error}")),
            None => (None, None, String::new()),
        };
        match start.after {
            Some(After::Start) => {
                let State { reason, .. } = state(Life::Restarting, &self.reason);
                self.turn(State {
                    life: Life::Restarting,
                    reason: reason.clone(),
                    code,
                    signal,
                    lost,
                    info: Value::Null,
                })
                .await;
                let waiting = start.waiting;
                // Its folder and group go before the next has its own.
                drop(start.process);
                self.begin(&reason).await;
                match &mut self.start {
                    Some(next) => next.waiting = waiting,
                    None => {
                        for (request, _) in waiting {
                            self.refuse(request.id, "the kernel does not run").await;
                        }
                    }
                }
            }
            Some(After::End) => {
                let lost = start.unanswered();
                let reason = self.reason.clone();
                self.turn(State { life: Life::Ended, reason, code, signal, lost, info: Value::Null }).await;
            }
            None => {
                let lost = start.unanswered();
                let early = self.life == Life::Starting;
                let reason = match (early, self.reason.is_empty()) {
                    (true, true) => format!("{words} before it answered"),
                    (true, false) => format!("{} ({words})", self.reason),
                    _ => words,
                };
                self.turn(State { life: Life::Dead, reason, code, signal, lost, info: Value::Null }).await;
            }
        }
    }

    /// Interrupts what runs, as the kernel wants it; false when none runs.
    pub(super) async fn interrupt(&mut self, id: String) -> bool {
        let mode = self.config.spec.interrupt_mode;
        let Some(start) = self.start.as_mut().filter(|s| s.links.is_some() && s.exited.is_none()) else {
            return false;
        };
        match mode {
            InterruptMode::Signal => start.process.signal(Signal::INT),
            InterruptMode::Message => {
                let ask = Request {
                    channel: Channel::Control,
                    ..Request::shell(id, "interrupt_request", json!({}))
                };
                return start.send(&ask, Vec::new()).await.is_ok();
            }
        }
        true
    }

    pub(super) async fn restart(&mut self, reason: &str) {
        match &self.start {
            Some(_) => {
                // What waited for the old one was meant for it.
                let waiting = self.start.as_mut().map(|s| std::mem::take(&mut s.waiting)).unwrap_or_default();
                for (request, _) in waiting {
                    self.refuse(request.id, "the kernel was restarted").await;
                }
                self.end(After::Start, Life::Restarting, reason).await;
            }
            None => self.begin(reason).await,
        }
    }

    pub(super) async fn shut_down(&mut self, reason: &str) {
        match &self.start {
            Some(_) => self.end(After::End, self.life, reason).await,
            None => self.turn(state(Life::Ended, reason)).await,
        }
    }

    /// Asks the process to end; whoever does not follow is told, then killed.
    async fn end(&mut self, after: After, life: Life, reason: &str) {
        self.reason = reason.to_owned();
        if self.life != life {
            self.turn(state(life, reason)).await;
        }
        let Some(start) = &mut self.start else { return };
        // An end is not taken back by a restart.
        if start.after != Some(After::End) {
            start.after = Some(after);
        }
        start.patience = None;
        if start.next.is_some() {
            return;
        }
        let now = Instant::now();
        let content = json!({"restart": after == After::Start});
        let id = format!("castalia-shutdown-{}", self.incarnation);
        let ask = Request { channel: Channel::Control, ..Request::shell(id, "shutdown_request", content) };
        let asked = match &mut start.links {
            Some(links) => links.send(&ask, Vec::new()).await.is_ok(),
            None => false,
        };
        start.next = Some(if asked { (now + ASKED, Signal::TERM) } else { (now, Signal::TERM) });
    }
}

fn state(life: Life, reason: &str) -> State {
    State { life, reason: reason.to_owned(), code: None, signal: None, lost: Vec::new(), info: Value::Null }
}
