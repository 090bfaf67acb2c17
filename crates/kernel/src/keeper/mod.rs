//! The keeper: the kernel's parent, its only Jupyter client, and the writer of its journal.
//!
//! One loop owns everything and takes a closed enum of [`Event`]s: what the kernel said, what a client asked, that the
//! process ended. It ends when the kernel was shut down (asked for, or SIGTERM); a kernel that ends by itself is told
//! of at once, and waits to be started again.

mod config;
mod door;
mod life;
mod links;
mod parse;
mod process;
mod streams;

pub use config::KeeperConfig;
pub(crate) use door::short_path;

use crate::Error;
use crate::entry::{Channel, Life, State, kinds};
use crate::journal::{Journal, News};
use crate::protocol::{Answer, Op, Request, Status};
use bytes::Bytes;
use door::Door;
use jupyter_zmq_client::RawMessage;
use life::Start;
use links::Links;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::process::ExitStatus;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use streams::Streams;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Events that wait; each may be a big message.
const QUEUE: usize = 16;
/// Clients that hang don't keep a keeper that is done.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Between two tries to write the journal on a disk that is full.
const DISK: Duration = Duration::from_millis(500);

/// Everything that a keeper reacts to.
enum Event {
    /// The kernel said something.
    Said { incarnation: u32, channel: Channel, said: Result<RawMessage, String> },
    /// Its sockets are there, or will not be.
    Linked { incarnation: u32, links: Result<Box<Links>, Error> },
    /// Its heartbeat fell silent or came back.
    Heart { incarnation: u32, beating: bool },
    /// Its process ended.
    Exited { incarnation: u32, status: std::io::Result<ExitStatus> },
    /// A client asks.
    Asked { op: Op, binary: Bytes, answer: oneshot::Sender<Answer> },
}

/// Keeps a kernel until it is shut down or `stop` is cancelled. The folder stays behind, with the journal in it.
pub async fn keep(config: KeeperConfig, stop: CancellationToken) -> Result<(), Error> {
    let journal = Journal::create(&config.folder, config.limit)?;
    let (sender, mut events) = mpsc::channel(QUEUE);
    let (last, watched) = watch::channel(0);
    let door = Door::open(&config.folder, sender.clone(), watched)?;
    let mut keeper = Keeper {
        config,
        journal,
        last,
        events: sender,
        incarnation: 0,
        life: Life::Starting,
        reason: String::new(),
        info: Value::Null,
        known: HashSet::new(),
        streams: Streams::default(),
        start: None,
    };
    keeper.begin("").await;
    let mut stopping = false;
    while keeper.life != Life::Ended {
        let timer = keeper.timer();
        tokio::select! {
            Some(event) = events.recv() => keeper.take(event).await,
            () = sleep_until(timer.unwrap_or_else(Instant::now)), if timer.is_some() => keeper.tick().await,
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                keeper.shut_down("it was told to stop").await;
            }
        }
    }
    let limit = Instant::now() + LAST_WORDS;
    // Let the connections see the last entry before it is asked whether they have.
    tokio::time::sleep(Duration::from_millis(20)).await;
    while !door.is_done() && Instant::now() < limit {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

struct Keeper {
    config: KeeperConfig,
    journal: Journal,
    last: watch::Sender<u64>,
    events: mpsc::Sender<Event>,
    incarnation: u32,
    life: Life,
    reason: String,
    info: Value,
    /// Ids of requests that were taken; none is taken twice.
    known: HashSet<String>,
    streams: Streams,
    start: Option<Start>,
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Keeper {
    async fn take(&mut self, event: Event) {
        let mine = |incarnation: u32| incarnation == self.incarnation;
        match event {
            Event::Said { incarnation, channel, said } if mine(incarnation) => self.hear(channel, said).await,
            Event::Linked { incarnation, links } if mine(incarnation) => self.linked(links).await,
            Event::Exited { incarnation, status } if mine(incarnation) => self.exited(status),
            Event::Heart { incarnation, beating } if mine(incarnation) => {
                self.note(kinds::HEART, None, json!({"beating": beating})).await;
            }
            Event::Asked { op, binary, answer } => {
                // Whoever asked may have gone.
                _ = answer.send(self.asked(op, binary).await);
            }
            _ => {}
        }
    }

    /// Writes an entry. A full disk is waited for: meanwhile the kernel's messages wait in its sockets.
    async fn write(&mut self, news: News) {
        if let Some(stream) = self.streams.take() {
            self.put(stream).await;
        }
        self.put(news).await;
    }

    async fn put(&mut self, news: News) {
        let mut told = false;
        loop {
            match self.journal.append(&news, now()) {
                Ok(seq) => {
                    self.last.send_replace(seq);
                    return;
                }
                Err(Error::Protocol(why)) => {
                    tracing::error!(why, kind = news.kind, "an entry can't be written and is left out");
                    return;
                }
                Err(error) => {
                    if !std::mem::replace(&mut told, true) {
                        tracing::error!(%error, "the journal can't be written; trying again");
                    }
                    tokio::time::sleep(DISK).await;
                }
            }
        }
    }

    /// Writes an entry of the keeper's own.
    async fn note(&mut self, kind: &str, parent: Option<String>, content: Value) {
        let news = News {
            incarnation: self.incarnation,
            channel: Channel::Keeper,
            kind: kind.to_owned(),
            parent,
            content,
            metadata: Value::Null,
            buffers: Vec::new(),
        };
        self.write(news).await;
    }

    async fn turn(&mut self, state: State) {
        self.life = state.life;
        self.reason.clone_from(&state.reason);
        let content = serde_json::to_value(&state).unwrap_or_default();
        self.note(kinds::STATE, None, content).await;
    }

    /// Something the kernel said.
    async fn hear(&mut self, channel: Channel, said: Result<RawMessage, String>) {
        self.heard();
        let raw = match said {
            Ok(raw) => raw,
            Err(error) => {
                let content = json!({"channel": channel, "error": error, "bytes": 0, "head": ""});
                return self.note(kinds::UNPARSABLE, None, content).await;
            }
        };
        let said = match parse::parse(raw) {
            Ok(said) => said,
            Err(bad) => {
                let content =
                    json!({"channel": channel, "error": bad.error, "bytes": bad.bytes, "head": bad.head});
                return self.note(kinds::UNPARSABLE, bad.parent, content).await;
            }
        };
        if self.greeting(channel, &said).await {
            return;
        }
        if matches!(channel, Channel::Shell | Channel::Control)
            && let (Some(start), Some(parent)) = (&mut self.start, &said.parent)
        {
            start.outstanding.remove(parent);
        }
        let news = News {
            incarnation: self.incarnation,
            channel,
            kind: said.kind,
            parent: said.parent,
            content: said.content,
            metadata: said.metadata,
            buffers: said.buffers,
        };
        match self.streams.add(news) {
            Ok(None) => {}
            Ok(Some(full)) => self.put(full).await,
            Err(other) => self.write(*other).await,
        }
    }

    async fn asked(&mut self, op: Op, binary: Bytes) -> Answer {
        let refuse = |error: &str| Answer { error: Some(error.to_owned()), ..Answer::default() };
        match op {
            Op::Ack { seq } => self.journal.trim(seq),
            Op::Status => return Answer { status: Some(self.status()), ..Answer::default() },
            Op::Request(request) => {
                let Some(buffers) = cut(&request.buffers, binary) else {
                    return refuse("the buffers are not as long as was said");
                };
                if self.known.insert(request.id.clone()) {
                    self.request(request, buffers).await;
                }
            }
            Op::Interrupt { id } => {
                if self.known.insert(id.clone()) && !self.interrupt(id).await {
                    return refuse("the kernel does not run");
                }
            }
            Op::Restart { id, reason } => {
                if self.known.insert(id) {
                    self.restart(&reason).await;
                }
            }
            Op::Shutdown { id, reason } => {
                if self.known.insert(id) {
                    self.shut_down(&reason).await;
                }
            }
            Op::Attach { .. } | Op::Read { .. } => return refuse("asked in the wrong place"),
        }
        Answer::default()
    }

    async fn refuse(&mut self, request: String, reason: &str) {
        self.note(kinds::REFUSED, Some(request), json!({"reason": reason})).await;
    }

    async fn request(&mut self, request: Request, buffers: Vec<Bytes>) {
        match (self.life, &mut self.start) {
            (Life::Ready, Some(start)) => match start.send(&request, buffers).await {
                Ok(()) => {}
                Err(error) => self.refuse(request.id, &error.to_string()).await,
            },
            (Life::Starting | Life::Restarting, Some(start)) => start.waiting.push((request, buffers)),
            _ => self.refuse(request.id, "the kernel does not run").await,
        }
    }

    fn status(&self) -> Status {
        let start = self.start.as_ref();
        Status {
            incarnation: self.incarnation,
            life: self.life,
            reason: self.reason.clone(),
            first: self.journal.first(),
            last: self.journal.last(),
            outstanding: start.map(Start::unanswered).unwrap_or_default(),
            info: self.info.clone(),
            pid: start.and_then(|s| s.process.pid),
        }
    }
}

/// Cuts what followed a request into its buffers.
fn cut(lengths: &[u64], mut binary: Bytes) -> Option<Vec<Bytes>> {
    let mut buffers = Vec::new();
    for length in lengths {
        let length = usize::try_from(*length).ok().filter(|l| *l <= binary.len())?;
        buffers.push(binary.split_to(length));
    }
    binary.is_empty().then_some(buffers)
}
