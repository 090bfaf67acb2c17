//! Several servers over one PostgreSQL talk to each other: who is there, orders for a kernel that another looks after,
//! and what a kernel says to a page that another serves.
//!
//! A word is JSON in notices (`LISTEN`/`NOTIFY`). It may be lost: what must not be is in the database (rows of the log,
//! runs, wishes to stop). Of a lost word comes a cursor that moves later, or an order whose caller hears that nobody
//! answered. Where nobody else is heard, nothing is said.
//!
//! Permissions are asked for where the caller is; a server believes the others, which have the same key.

mod orders;
mod parts;

pub(crate) use orders::Order;

use crate::comms::Comms;
use crate::room::Rooms;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use castalia_base::{Error, Kind};
use castalia_db::{Db, Sql, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// The channel of the words.
pub(crate) const CHANNEL: &str = "castalia_notebook_servers";
/// How often a server says that it is there.
const HERE: Duration = Duration::from_secs(3);
/// Who says nothing for so long is gone, and those with whom it was connected are.
const GONE: Duration = Duration::from_secs(12);
/// Words that wait for their transaction.
const WAITING: usize = 4096;
/// Words of one transaction.
const TOGETHER: usize = 64;
/// How long words wait for a database that is away.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is said.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "snake_case")]
pub(crate) enum Word {
    /// I am there.
    Here,
    /// I am going down.
    Gone,
    /// States of clients of mine, as in y-protocols.
    Presence { notebook: String, states: String },
    /// Who of yours is in this notebook?
    WhoIsThere { notebook: String },
    /// For those who listen to a notebook: all, one person, or one connection of one server.
    Tell { notebook: String, whom: Whom, channel: String, method: String, message: Value },
    /// Something for whoever looks after a kernel or leads a room; it is answered.
    Order { id: String, whose: Whose, notebook: String, order: Order },
    /// What became of an order.
    Answer { id: String, to: String, answer: Answer },
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Whom {
    /// Everybody who listens.
    All,
    /// One person, wherever it listens.
    Person(String),
    /// One connection of one server.
    Connection(String, u64),
}

/// Who carries an order out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Whose {
    /// The server that works on this data folder.
    Node(String),
    /// The server of this name.
    Server(String),
}

/// What becomes of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// It was carried out.
    Done(Value),
    /// It was not.
    Failed { kind: Kind, code: String, detail: String },
}

/// Codes of failures that callers of another server may hear; any other is a general one.
const CODES: [&str; 12] = [
    "no_kernel",
    "kernel_not_ready",
    "kernel_busy",
    "no_question",
    "not_asked",
    "not_found",
    "room_closed",
    "unexplained_shrink",
    "file_broken",
    "file_changed",
    "disk_full",
    "not_writable",
];

impl From<Result<Value, Error>> for Answer {
    fn from(result: Result<Value, Error>) -> Self {
        match result {
            Ok(value) => Self::Done(value),
            Err(e) => {
                Self::Failed { kind: e.kind(), code: e.code().to_owned(), detail: e.detail().to_owned() }
            }
        }
    }
}

impl From<Answer> for Result<Value, Error> {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Done(value) => Ok(value),
            Answer::Failed { kind, code, detail } => {
                let code = CODES.iter().find(|known| **known == code).copied().unwrap_or("failed_elsewhere");
                Err(Error::new(kind, code, detail))
            }
        }
    }
}

/// The other servers, as this one knows them. On SQLite there are none.
pub(crate) struct Servers {
    /// What this server is called; another with each start.
    pub(crate) name: String,
    /// The label of its data folder: what runs there only it can reach.
    pub(crate) node: String,
    out: mpsc::Sender<Word>,
    queue: Mutex<Option<mpsc::Receiver<Word>>>,
    others: Mutex<HashMap<String, Instant>>,
    joiner: Mutex<parts::Joiner>,
    answers: Mutex<HashMap<String, oneshot::Sender<Answer>>>,
    said: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Servers {
    pub(crate) fn new(node: &str) -> Arc<Self> {
        let (out, queue) = mpsc::channel(WAITING);
        Arc::new(Self {
            name: castalia_base::id::fresh("srv"),
            node: node.to_owned(),
            out,
            queue: Mutex::new(Some(queue)),
            others: Mutex::default(),
            joiner: Mutex::default(),
            answers: Mutex::default(),
            said: AtomicU64::new(0),
        })
    }

    /// Whether somebody else is there.
    pub(crate) fn any(&self) -> bool {
        !lock(&self.others).is_empty()
    }

    fn say(&self, word: Word) {
        // What does not fit is lost as a notice may be.
        if self.out.try_send(word).is_err() {
            tracing::debug!("a word to other servers was left out");
        }
    }

    /// Says something if somebody else is there.
    pub(crate) fn tell(&self, word: impl FnOnce() -> Word) {
        if self.any() {
            self.say(word());
        }
    }

    /// Tells the others of states of clients.
    pub(crate) fn presence(&self, notebook: &str, states: &Bytes) {
        self.say(Word::Presence { notebook: notebook.to_owned(), states: STANDARD.encode(states) });
    }

    /// Has another server carry something out, and waits for what becomes of it.
    ///
    /// # Errors
    /// `unavailable` when nobody answers in time; what the other one failed with.
    pub(crate) async fn ask(
        &self,
        whose: Whose,
        notebook: &str,
        order: Order,
        patience: Duration,
    ) -> Result<Value, Error> {
        let nobody =
            || Error::unavailable("the server that looks after this does not answer; try again later");
        let id = castalia_base::id::fresh("order");
        let (answer, answered) = oneshot::channel();
        {
            let mut answers = lock(&self.answers);
            answers.retain(|_, waits| !waits.is_closed());
            answers.insert(id.clone(), answer);
        }
        self.say(Word::Order { id, whose, notebook: notebook.to_owned(), order });
        match tokio::time::timeout(patience, answered).await {
            Ok(Ok(answer)) => answer.into(),
            _ => Err(nobody()),
        }
    }

    /// Puts words into notices, for as long as this server lives.
    pub(crate) async fn speak(self: Arc<Self>, db: Db) {
        let Some(mut queue) = lock(&self.queue).take() else { return };
        let mut here = tokio::time::interval(HERE);
        loop {
            let first = tokio::select! {
                word = queue.recv() => word.unwrap_or(Word::Here),
                _ = here.tick() => Word::Here,
            };
            let mut words = vec![first];
            while words.len() < TOGETHER
                && let Ok(word) = queue.try_recv()
            {
                words.push(word);
            }
            let begun = Instant::now();
            while let Err(error) = self.notify(&db, &words).await {
                tracing::debug!(error = error.chain(), "other servers could not be told something");
                if begun.elapsed() > PATIENCE {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }

    async fn notify(&self, db: &Db, words: &[Word]) -> Result<(), Error> {
        let mut tx = db.begin().await?;
        for word in words {
            let id = self.said.fetch_add(1, Ordering::Relaxed);
            for notice in parts::split(&self.name, id, &serde_json::to_string(word)?) {
                tx.execute("SELECT pg_notify($1, $2)", params![CHANNEL, notice]).await?;
            }
        }
        tx.commit().await
    }

    /// Says good-bye.
    pub(crate) async fn leave(&self, db: &Db) {
        // Whoever does not hear it notices by the silence.
        let _ = self.notify(db, &[Word::Gone]).await;
    }

    /// Takes a notice; what came of it is for somebody to do.
    fn heard(&self, notice: &str, rooms: &Rooms) -> Option<(String, Word)> {
        let (from, word) = {
            let mut joiner = lock(&self.joiner);
            let (from, word) = joiner.take(notice)?;
            (from.to_owned(), word)
        };
        if from == self.name {
            return None;
        }
        let word = word.map(|text| serde_json::from_str(&text)).transpose();
        let word = word
            .inspect_err(|error| tracing::debug!(%error, "a word of another server is not known"))
            .ok()?;
        let gone = matches!(word, Some(Word::Gone));
        let new = !gone && lock(&self.others).insert(from.clone(), Instant::now()).is_none();
        if new {
            self.say(Word::Here);
            for room in rooms.all() {
                self.say(Word::WhoIsThere { notebook: room.id().to_owned() });
            }
        }
        Some((from, word?))
    }

    fn gone(&self, server: &str, rooms: &Rooms) {
        lock(&self.others).remove(server);
        lock(&self.joiner).forget(server);
        rooms.all().iter().for_each(|room| room.forget_server(server));
    }

    /// Lets those go who fell silent.
    pub(crate) fn sweep(&self, rooms: &Rooms) {
        let silent: Vec<String> = {
            let others = lock(&self.others);
            others.iter().filter(|(_, at)| at.elapsed() > GONE).map(|(name, _)| name.clone()).collect()
        };
        silent.iter().for_each(|server| self.gone(server, rooms));
    }

    /// Takes a notice and does what can be done at once; an order comes back.
    pub(crate) fn take(&self, notice: &str, rooms: &Rooms, comms: &Comms) -> Option<(String, Word)> {
        let (from, word) = self.heard(notice, rooms)?;
        match word {
            Word::Here => {}
            Word::Gone => self.gone(&from, rooms),
            Word::Presence { notebook, states } => {
                if let (Some(room), Ok(states)) = (rooms.peek(&notebook), STANDARD.decode(states)) {
                    room.presence_abroad(&from, states.into());
                }
            }
            Word::WhoIsThere { notebook } => {
                if let Some(room) = rooms.peek(&notebook) {
                    room.tell_abroad();
                }
            }
            Word::Tell { notebook, whom, channel, method, message } => {
                comms.pass_on(&self.name, &notebook, &whom, &channel, &method, &message);
            }
            Word::Answer { id, to, answer } => {
                if to == self.name
                    && let Some(waits) = lock(&self.answers).remove(&id)
                {
                    let _ = waits.send(answer);
                }
            }
            Word::Order { ref whose, .. } => {
                let mine = match whose {
                    Whose::Node(node) => *node == self.node,
                    Whose::Server(name) => *name == self.name,
                };
                return mine.then_some((from, word));
            }
        }
        None
    }

    /// Says what became of an order.
    pub(crate) fn answer(&self, id: String, to: String, result: Result<Value, Error>) {
        self.say(Word::Answer { id, to, answer: result.into() });
    }
}
