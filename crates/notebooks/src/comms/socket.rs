//! One connection for commands and messages.

use super::{Call, Connection, table};
use crate::Service;
use crate::model::{Notebook, Person};
use crate::room::Close;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use axum::http::HeaderMap;
use castalia_base::{Ctx, Error, Kind};
use futures::stream::SplitSink;
use futures::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::Instant;

/// The largest message of a client, in bytes; widgets send files.
pub(crate) const MESSAGE: usize = 16 << 20;
/// Calls of one connection that are carried out at once.
const AT_ONCE: usize = 32;
const SEND_LIMIT: Duration = Duration::from_secs(30);
const PING_EVERY: Duration = Duration::from_secs(20);
const LINGER: Duration = Duration::from_secs(3);

#[derive(Deserialize)]
struct Incoming {
    #[serde(default)]
    id: Value,
    channel: String,
    method: String,
    #[serde(default)]
    message: Value,
}

/// Serves a connection until either side ends it.
pub(crate) async fn serve(
    service: Arc<Service>,
    notebook: Result<Notebook, Close>,
    ctx: Ctx,
    headers: HeaderMap,
    mut socket: WebSocket,
) {
    let notebook = match notebook {
        Ok(notebook) => notebook,
        Err(close) => {
            let _ = socket.send(farewell(&close)).await;
            return;
        }
    };
    let connection = service.comms().join(&notebook.id, Person::of(&ctx));
    let (sink, mut stream) = socket.split();
    let (last_words, farewell) = oneshot::channel();
    let mut writer = tokio::spawn(write(connection.clone(), sink, farewell));
    for handler in service.comms().handlers() {
        handler.joined(&notebook.id, &connection).await;
    }
    let session = Session {
        service: service.clone(),
        project: notebook.project.clone(),
        notebook: notebook.id.clone(),
        ctx,
        headers,
        connection: connection.clone(),
        permits: Arc::new(Semaphore::new(AT_ONCE)),
    };
    let session = Arc::new(session);
    tokio::select! {
        close = session.read(&mut stream) => {
            let _ = close.map_or(Ok(()), |close| last_words.send(close));
        }
        _ = &mut writer => {}
    }
    connection.wake.notify_one();
    let rest = async { while let Some(Ok(_)) = stream.next().await {} };
    if !writer.is_finished() {
        let _ = tokio::time::timeout(LINGER, async {
            tokio::select! { _ = &mut writer => {}, () = rest => {} }
        })
        .await;
    }
    writer.abort();
    service.comms().leave(&notebook.id, connection.id);
    for handler in service.comms().handlers() {
        handler.left(&notebook.id, &connection).await;
    }
}

fn farewell(close: &Close) -> Message {
    Message::Close(Some(CloseFrame { code: close.code, reason: close.reason.into() }))
}

async fn write(
    connection: Arc<Connection>,
    mut sink: SplitSink<WebSocket, Message>,
    mut last_words: oneshot::Receiver<Close>,
) {
    loop {
        let messages = match connection.take() {
            Ok(messages) => messages,
            Err(()) => {
                let _ = tokio::time::timeout(LINGER, sink.send(farewell(&Close::TOO_SLOW))).await;
                return;
            }
        };
        if messages.is_empty() {
            match last_words.try_recv() {
                Ok(close) => {
                    let _ = tokio::time::timeout(LINGER, sink.send(farewell(&close))).await;
                    return;
                }
                Err(oneshot::error::TryRecvError::Closed) => return,
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            let ping = tokio::time::timeout(PING_EVERY, connection.wake.notified()).await.is_err();
            if ping && sink.send(Message::Ping(Default::default())).await.is_err() {
                return;
            }
            continue;
        }
        let sent = tokio::time::timeout(SEND_LIMIT, async {
            for message in messages {
                sink.feed(Message::Text(message)).await?;
            }
            sink.flush().await
        });
        if !matches!(sent.await, Ok(Ok(()))) {
            return;
        }
    }
}

struct Session {
    service: Arc<Service>,
    notebook: String,
    project: String,
    ctx: Ctx,
    headers: HeaderMap,
    connection: Arc<Connection>,
    permits: Arc<Semaphore>,
}

impl Session {
    async fn read(self: &Arc<Self>, stream: &mut futures::stream::SplitStream<WebSocket>) -> Option<Close> {
        let mut again = tokio::time::interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        loop {
            let message = tokio::select! {
                message = stream.next() => message,
                () = self.connection.look_again.notified() => match self.look_again().await {
                    Some(close) => return Some(close),
                    None => continue,
                },
                _ = again.tick() => match self.look_again().await {
                    Some(close) => return Some(close),
                    None => continue,
                },
            };
            match message {
                Some(Ok(Message::Text(text))) => self.take(text).await,
                Some(Ok(Message::Binary(_))) => {
                    self.answer(
                        &Value::Null,
                        "",
                        Err(Error::invalid("invalid_message", "messages are JSON text")),
                    );
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            }
        }
    }

    /// Who calls, as of now.
    async fn who(&self) -> Result<Ctx, Error> {
        let who = self.service.deps.identity.authenticate(&self.headers).await?;
        Ok(Ctx::new(who.principal, self.ctx.clock().clone(), self.ctx.request_id()))
    }

    async fn look_again(&self) -> Option<Close> {
        let may = async {
            let ctx = self.who().await?;
            ctx.require("notebooks.view", &self.project, "notebook", &self.notebook)
        };
        match may.await.map_err(|e| e.kind()) {
            Err(Kind::Unauthenticated) => Some(Close::SIGNED_OUT),
            Err(Kind::Forbidden | Kind::NotFound) => Some(Close::FORBIDDEN),
            _ => None,
        }
    }

    /// Carries a message out beside those before it: a completion does not wait for a run.
    async fn take(self: &Arc<Self>, text: Utf8Bytes) {
        let incoming: Incoming = match serde_json::from_str(&text) {
            Ok(incoming) => incoming,
            Err(error) => {
                let error = Error::invalid("invalid_message", format!("the message can't be read: {error}"));
                return self.answer(&Value::Null, "", Err(error));
            }
        };
        let Ok(permit) = self.permits.clone().acquire_owned().await else { return };
        let session = self.clone();
        tokio::spawn(async move {
            let Incoming { id, channel, method, message } = incoming;
            let result = session.call(&channel, &method, message).await;
            session.answer(&id, &channel, result);
            drop(permit);
        });
    }

    async fn call(&self, channel: &str, name: &str, message: Value) -> Result<Value, Error> {
        let unknown = || Error::invalid("unknown_method", format!("there is no method `{channel}.{name}`"));
        let method = table::find(channel, name).ok_or_else(unknown)?;
        let ctx = self.who().await?;
        ctx.require(method.permission, &self.project, "notebook", &self.notebook)?;
        if (method.channel, method.name) == ("config", "get") {
            return Ok(serde_json::to_value(self.service.settings(&ctx, &self.notebook).await?)?);
        }
        if (method.channel, method.name) == ("notebook", "get") {
            return Ok(serde_json::to_value(self.service.get(&ctx, &self.notebook).await?)?);
        }
        if (method.channel, method.name) == ("notebook", "checkpoint") {
            let believe = message["believe"] == Value::Bool(true);
            return self.service.checkpoint(&ctx, &self.notebook, believe).await;
        }
        let handler = self.service.comms().handler(method.channel).ok_or_else(unknown)?;
        let call = Call {
            ctx,
            notebook: self.notebook.clone(),
            project: self.project.clone(),
            connection: self.connection.clone(),
            method,
            message,
        };
        handler.call(call).await
    }

    fn answer(&self, id: &Value, channel: &str, result: Result<Value, Error>) {
        let (method, message) = match result {
            Ok(message) => ("reply", message),
            Err(error) => {
                if error.kind() == Kind::Internal {
                    tracing::error!(notebook = self.notebook, error = error.chain(), "a command failed");
                }
                ("error", json!({"code": error.code(), "detail": error.detail(), "fields": error.fields()}))
            }
        };
        let answer = json!({"id": id, "channel": channel, "method": method, "message": message});
        self.connection.send_text(answer.to_string().into());
    }
}
