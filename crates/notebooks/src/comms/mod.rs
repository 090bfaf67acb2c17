//! Commands and messages over `/api/notebooks/{id}/comms`: `{id?, channel, method, message}` as JSON.
//!
//! What may be called is a fixed table, each method with its permission, asked for at each call; the parts of this
//! crate register a [`Handler`] per channel. An answer is `{id, channel, method: "reply"|"error", message}`.

mod socket;
mod table;

pub(crate) use socket::{MESSAGE, serve};
pub use table::{METHODS, Method};

use crate::Service;
use crate::model::Person;
use crate::servers::{Servers, Whom, Word};
use async_trait::async_trait;
use axum::extract::ws::Utf8Bytes;
use castalia_base::{Ctx, Error};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::Notify;

/// One call of a method that is in the table, by somebody who has its permission.
pub struct Call {
    /// Who calls.
    pub ctx: Ctx,
    /// Id of the notebook.
    pub notebook: String,
    /// Id of its project.
    pub project: String,
    /// Where it came from.
    pub connection: Arc<Connection>,
    /// The method, as in the table.
    pub method: &'static Method,
    /// What is with it; null when nothing was.
    pub message: Value,
}

/// What answers for a channel.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Carries a call out; what comes back is the reply's message.
    async fn call(&self, call: Call) -> Result<Value, Error>;
    /// Somebody came: tell what it must know.
    async fn joined(&self, _notebook: &str, _connection: &Arc<Connection>) {}
    /// Somebody went.
    async fn left(&self, _notebook: &str, _connection: &Arc<Connection>) {}
}

/// Bytes that wait for a reader; one that is further behind is closed, and learns all anew when it comes again.
const QUEUE_BYTES: usize = 8 << 20;

#[derive(Default)]
struct Out {
    messages: VecDeque<Utf8Bytes>,
    bytes: usize,
    over: bool,
}

/// Somebody who listens.
pub struct Connection {
    /// Unique in this process.
    pub id: u64,
    /// Who it is.
    pub person: Person,
    out: Mutex<Out>,
    wake: Notify,
    pub(crate) look_again: Notify,
}

impl Connection {
    pub(crate) fn new(id: u64, person: Person) -> Self {
        Self { id, person, out: Mutex::default(), wake: Notify::new(), look_again: Notify::new() }
    }

    /// Tells it something.
    pub fn send(&self, channel: &str, method: &str, message: &Value) {
        self.send_text(json!({"channel": channel, "method": method, "message": message}).to_string().into());
    }

    fn send_text(&self, text: Utf8Bytes) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.bytes += text.len();
        if out.bytes > QUEUE_BYTES && !out.messages.is_empty() {
            out.over = true;
        } else {
            out.messages.push_back(text);
        }
        drop(out);
        self.wake.notify_one();
    }

    /// What it was told so far: channel, method and message of each.
    pub(crate) fn said(&self) -> Vec<(String, String, Value)> {
        let texts = self.take().unwrap_or_default();
        let read = |text: Utf8Bytes| {
            let mut whole: Value = serde_json::from_str(&text).ok()?;
            let word = |key: &str| whole[key].as_str().map(str::to_owned);
            Some((word("channel")?, word("method")?, whole["message"].take()))
        };
        texts.into_iter().filter_map(read).collect()
    }

    fn take(&self) -> Result<Vec<Utf8Bytes>, ()> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if out.over {
            return Err(());
        }
        out.bytes = 0;
        Ok(out.messages.drain(..).collect())
    }
}

/// Who listens, and who answers.
pub struct Comms {
    servers: Arc<Servers>,
    handlers: RwLock<BTreeMap<&'static str, Arc<dyn Handler>>>,
    connections: Mutex<HashMap<String, Vec<Arc<Connection>>>>,
    next: std::sync::atomic::AtomicU64,
}

impl Comms {
    pub(crate) fn new(servers: Arc<Servers>) -> Self {
        let (handlers, connections) = Default::default();
        Self { servers, handlers, connections, next: Default::default() }
    }

    /// Lets `handler` answer for a channel of the table.
    pub fn register(&self, channel: &'static str, handler: Arc<dyn Handler>) {
        self.handlers.write().unwrap_or_else(PoisonError::into_inner).insert(channel, handler);
    }

    fn handler(&self, channel: &str) -> Option<Arc<dyn Handler>> {
        self.handlers.read().unwrap_or_else(PoisonError::into_inner).get(channel).cloned()
    }

    fn handlers(&self) -> Vec<Arc<dyn Handler>> {
        self.handlers.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Those who listen to a notebook.
    pub fn connections(&self, notebook: &str) -> Vec<Arc<Connection>> {
        let all = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(notebook).cloned().unwrap_or_default()
    }

    /// Tells everybody who listens to a notebook, at any server.
    pub fn broadcast(&self, notebook: &str, channel: &str, method: &str, message: &Value) {
        let text: Utf8Bytes =
            json!({"channel": channel, "method": method, "message": message}).to_string().into();
        self.connections(notebook).iter().for_each(|c| c.send_text(text.clone()));
        self.tell_abroad(notebook, Whom::All, channel, method, message);
    }

    fn tell_abroad(&self, notebook: &str, whom: Whom, channel: &str, method: &str, message: &Value) {
        self.servers.tell(|| Word::Tell {
            notebook: notebook.to_owned(),
            whom,
            channel: channel.to_owned(),
            method: method.to_owned(),
            message: message.clone(),
        });
    }

    /// Tells those whom another server means.
    pub(crate) fn pass_on(
        &self,
        server: &str,
        notebook: &str,
        whom: &Whom,
        channel: &str,
        method: &str,
        message: &Value,
    ) {
        for connection in self.connections(notebook) {
            let meant = match whom {
                Whom::All => true,
                Whom::Person(person) => connection.person.id == *person,
                Whom::Connection(there, id) => there == server && connection.id == *id,
            };
            if meant {
                connection.send(channel, method, message);
            }
        }
    }

    /// Tells one person, wherever it listens.
    pub fn tell(&self, notebook: &str, person: &str, channel: &str, method: &str, message: &Value) {
        let theirs = self.connections(notebook).into_iter().filter(|c| c.person.id == person);
        theirs.for_each(|c| c.send(channel, method, message));
        self.tell_abroad(notebook, Whom::Person(person.to_owned()), channel, method, message);
    }

    fn join(&self, notebook: &str, person: Person) -> Arc<Connection> {
        let id = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let connection = Arc::new(Connection::new(id, person));
        let mut all = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(notebook.to_owned()).or_default().push(connection.clone());
        connection
    }

    fn leave(&self, notebook: &str, id: u64) {
        let mut all = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = all.get_mut(notebook) {
            there.retain(|c| c.id != id);
            if there.is_empty() {
                all.remove(notebook);
            }
        }
    }

    /// Lets everybody ask again what it may do.
    pub(crate) fn look_again(&self) {
        let all = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().flatten().for_each(|c| c.look_again.notify_one());
    }
}

/// What the front end is told to look like.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Settings {
    /// Of the editor.
    pub editor: EditorSettings,
    /// Of outputs.
    pub outputs: OutputSettings,
    /// The canvas' grid.
    pub grid: GridSettings,
}

/// Settings of the editor.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EditorSettings {
    /// In pixels.
    pub font_size: u32,
    /// `on` or `off`.
    pub line_numbers: String,
}

/// Settings of outputs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutputSettings {
    /// In pixels.
    pub font_size: u32,
}

/// The grid that cells snap to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GridSettings {
    /// In pixels.
    pub x: u32,
    /// In pixels.
    pub y: u32,
}

impl Service {
    /// Those who listen to notebooks, and those who answer them.
    pub fn comms(&self) -> &Comms {
        &self.comms
    }

    /// What the front end is told.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn settings(&self, ctx: &Ctx, id: &str) -> Result<Settings, Error> {
        self.find(ctx, id, "notebooks.view").await?;
        Ok(Settings {
            editor: EditorSettings { font_size: 14, line_numbers: "off".into() },
            outputs: OutputSettings { font_size: 13 },
            grid: GridSettings { x: 20, y: 20 },
        })
    }
}
