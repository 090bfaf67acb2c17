//! `/api/ws`: topics over one WebSocket.
//!
//! Messages both ways: `{id, type: subscribe|unsubscribe|data|error|ping|pong, topic, data, timestamp}`, data
//! with `seq`. `subscribe` may say `after` (the last `seq` it saw) and then misses nothing; it is answered
//! by an echo with the `seq` at which the live part begins. A client that can't keep up with the events is
//! told `slow_consumer` and dropped: memory is bounded by the bus's ring and a short queue per client.
//! Streams of their own (logs) are pulled at the client's pace and lose nothing. A client whose session or token
//! has ended is told so and closed with 4401, soon after it happened.

use crate::bus::Bus;
use crate::outbox::{self, Event};
use crate::topics::{Topics, data_message};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use castalia_base::{Ctx, Error, Kind};
use futures::future::BoxFuture;
use futures::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{json, value::to_raw_value};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::Instant;

/// The close code of a session that has ended: connecting again without signing in is of no use.
const SIGNED_OUT: u16 = 4401;
const QUEUE: usize = 32;
const SUBSCRIPTIONS: usize = 256;
const PING_EVERY: Duration = Duration::from_secs(20);
const CHECK_EVERY: Duration = Duration::from_secs(20);
/// A socket that takes nothing for this long is dead.
const SEND_LIMIT: Duration = Duration::from_secs(30);

/// How long after news of its own account a client is looked at anew: those who remember who the caller was hear the
/// same news, and forget it by then.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// How long a client may take to close its side after it was told the end.
const LINGER: Duration = Duration::from_secs(5);

/// Finds out anew who the caller is and what it may do.
pub type Renew = Arc<dyn Fn() -> BoxFuture<'static, Result<Ctx, Error>> + Send + Sync>;

/// What a connection needs.
#[derive(Clone)]
pub struct Gateway {
    bus: Bus,
    topics: Arc<Topics>,
    /// How often it is checked that the caller may still listen to what it listens to.
    pub check_every: Duration,
}

impl Gateway {
    /// Serves the live events to those who may listen to them.
    pub fn new(bus: Bus, topics: Arc<Topics>) -> Self {
        Self { bus, topics, check_every: CHECK_EVERY }
    }
}

#[derive(Deserialize)]
struct Incoming {
    #[serde(default)]
    id: String,
    #[serde(rename = "type")]
    kind: String,
    topic: Option<String>,
    after: Option<u64>,
}

/// Serves one socket until either side ends it, or `renew` says that the caller's credential is good no more.
pub async fn serve_socket(gateway: Gateway, ctx: Ctx, renew: Renew, socket: WebSocket) {
    metrics::gauge!("castalia_websocket_connections_active").increment(1.0);
    let (sink, mut stream) = socket.split();
    let (out, queue) = mpsc::channel::<Message>(QUEUE);
    let (farewell, last_words) = oneshot::channel();
    let writer = tokio::spawn(write(sink, queue, last_words));
    let live = gateway.bus.subscribe();
    let (events, streams) = (HashMap::new(), HashMap::new());
    let mut session = Session { gateway, ctx, renew, out, events, streams, live };
    match session.run(&mut stream).await {
        End::Slow => {
            metrics::counter!("castalia_websocket_slow_dropped_total").increment(1);
            let _ = farewell.send(slow_consumer());
        }
        End::SignedOut(error) => {
            let _ = farewell.send(signed_out(&error));
        }
        // The writer waits for the last words, or for the news that there are none.
        End::Closed => drop(farewell),
    }
    for (_, task) in session.streams.drain() {
        task.abort();
    }
    drop(session);
    part(writer, &mut stream).await;
    metrics::gauge!("castalia_websocket_connections_active").decrement(1.0);
}

/// Writes what is still queued (a little), at the client's pace and not for ever, and goes on reading meanwhile:
/// a connection that is closed with something unread is reset, and a reset takes the last words from the client.
async fn part(mut writer: JoinHandle<()>, stream: &mut futures::stream::SplitStream<WebSocket>) {
    let mut rest = std::pin::pin!(async { while let Some(Ok(_)) = stream.next().await {} });
    tokio::select! {
        _ = &mut writer => {
            let _ = tokio::time::timeout(LINGER, rest).await;
        }
        () = &mut rest => {
            let _ = writer.await;
        }
    }
}

async fn write(
    mut sink: futures::stream::SplitSink<WebSocket, Message>,
    mut queue: mpsc::Receiver<Message>,
    last_words: oneshot::Receiver<[Message; 2]>,
) {
    while let Some(message) = queue.recv().await {
        match tokio::time::timeout(SEND_LIMIT, sink.send(message)).await {
            Ok(Ok(())) => {}
            _ => return,
        }
    }
    for message in last_words.await.into_iter().flatten() {
        if !matches!(tokio::time::timeout(SEND_LIMIT, sink.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
    let _ = tokio::time::timeout(Duration::from_secs(1), sink.close()).await;
}

struct Session {
    gateway: Gateway,
    ctx: Ctx,
    renew: Renew,
    out: mpsc::Sender<Message>,
    /// Topics fed from the log of events, with the last sequence number sent.
    events: HashMap<String, i64>,
    /// Topics with a stream of their own.
    streams: HashMap<String, AbortHandle>,
    live: broadcast::Receiver<Arc<Event>>,
}

/// Why a session ends.
enum End {
    Closed,
    Slow,
    /// The caller's credential is good no more.
    SignedOut(Error),
}

impl Session {
    async fn run(&mut self, stream: &mut futures::stream::SplitStream<WebSocket>) -> End {
        let mut ping = tokio::time::interval(PING_EVERY);
        let every = self.gateway.check_every;
        let mut check = tokio::time::interval_at(Instant::now() + every, every);
        let mut unanswered = 0;
        loop {
            let step = tokio::select! {
                incoming = stream.next() => {
                    unanswered = 0;
                    self.on_incoming(incoming).await
                }
                event = self.live.recv() => {
                    if event.as_ref().is_ok_and(|event| self.concerns_me(event)) {
                        check.reset_after(LOOK_AGAIN.min(every));
                    }
                    self.on_event(event).await
                }
                _ = check.tick() => self.check().await,
                _ = ping.tick() => {
                    unanswered += 1;
                    if unanswered > 3 { Err(End::Closed) } else { self.send(Message::Ping(Default::default())).await }
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn send(&self, message: Message) -> Result<(), End> {
        self.out.send(message).await.map_err(|_| End::Closed)
    }

    async fn send_json(
        &self,
        id: &str,
        kind: &str,
        topic: Option<&str>,
        seq: Option<i64>,
        data: serde_json::Value,
    ) -> Result<(), End> {
        let mut message = json!({"id": id, "type": kind, "timestamp": self.ctx.now(), "data": data});
        if let Some(topic) = topic {
            message["topic"] = topic.into();
        }
        if let Some(seq) = seq {
            message["seq"] = seq.into();
        }
        self.send(Message::Text(message.to_string().into())).await
    }

    async fn on_incoming(&mut self, incoming: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        match incoming {
            None | Some(Err(_) | Ok(Message::Close(_))) => Err(End::Closed),
            Some(Ok(Message::Text(text))) => self.on_text(&text).await,
            Some(Ok(Message::Binary(_))) => {
                let error = Error::invalid("invalid_message", "messages are JSON text");
                self.send_error("", None, &error).await
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
        }
    }

    async fn on_text(&mut self, text: &str) -> Result<(), End> {
        let message: Incoming = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(error) => {
                let error = Error::invalid("invalid_message", format!("the message can't be read: {error}"));
                return self.send_error("", None, &error).await;
            }
        };
        match (message.kind.as_str(), message.topic.as_deref()) {
            ("ping", _) => self.send_json(&message.id, "pong", None, None, json!({})).await,
            ("pong", _) => Ok(()),
            ("subscribe", Some(topic)) => match self.subscribe(&message.id, topic, message.after).await {
                Ok(result) => result,
                Err(error) => self.send_error(&message.id, Some(topic), &error).await,
            },
            ("unsubscribe", Some(topic)) => {
                self.unsubscribe(topic);
                self.send_json(&message.id, "unsubscribe", Some(topic), None, json!({})).await
            }
            ("subscribe" | "unsubscribe", None) => {
                let error = Error::invalid("invalid_message", "`topic` is missing");
                self.send_error(&message.id, None, &error).await
            }
            (other, topic) => {
                let detail = format!("`{other}` is not a message type; use subscribe, unsubscribe or ping");
                self.send_error(&message.id, topic, &Error::invalid("invalid_message", detail)).await
            }
        }
    }

    async fn send_error(&self, id: &str, topic: Option<&str>, error: &Error) -> Result<(), End> {
        self.send_json(id, "error", topic, None, json!({"code": error.code(), "detail": error.detail()}))
            .await
    }

    fn unsubscribe(&mut self, topic: &str) {
        self.events.remove(topic);
        if let Some(task) = self.streams.remove(topic) {
            task.abort();
        }
    }

    async fn subscribe(
        &mut self,
        id: &str,
        topic: &str,
        after: Option<u64>,
    ) -> Result<Result<(), End>, Error> {
        self.streams.retain(|_, task| !task.is_finished());
        if self.events.len() + self.streams.len() >= SUBSCRIPTIONS {
            return Err(Error::conflict(
                "too_many_subscriptions",
                format!("one connection may hold {SUBSCRIPTIONS} topics"),
            ));
        }
        let source = self.gateway.topics.source(topic)?.clone();
        source.authorise(&self.ctx, topic).await?;
        self.unsubscribe(topic);
        if let Some(mut stream) = source.open(&self.ctx, topic, after).await? {
            let acked =
                self.send_json(id, "subscribe", Some(topic), after.map(|a| a as i64), json!({})).await;
            let (out, topic_name) = (self.out.clone(), topic.to_owned());
            let task = tokio::spawn(async move {
                while let Some(frame) = stream.next().await {
                    let message = match frame {
                        Ok(frame) => frame.message,
                        Err(error) => stream_error(&topic_name, &error),
                    };
                    if out.send(Message::Text(message)).await.is_err() {
                        return;
                    }
                }
            });
            self.streams.insert(topic.to_owned(), task.abort_handle());
            return Ok(acked);
        }
        self.subscribe_events(id, topic, after).await
    }

    async fn subscribe_events(
        &mut self,
        id: &str,
        topic: &str,
        after: Option<u64>,
    ) -> Result<Result<(), End>, Error> {
        let (newest, oldest) = outbox::bounds(self.gateway.bus.db()).await?;
        let mut at = after.map_or(newest, |after| i64::try_from(after).unwrap_or(i64::MAX).min(newest));
        if after.is_some() && at + 1 < oldest {
            return Err(Error::conflict(
                "history_gone",
                "the events after that are no longer kept; load the present state and subscribe without `after`",
            ));
        }
        if let Err(end) = self.send_json(id, "subscribe", Some(topic), Some(at), json!({})).await {
            return Ok(Err(end));
        }
        if after.is_some() {
            loop {
                let page = outbox::after_on_topic(self.gateway.bus.db(), topic, at, 500).await?;
                let Some(last) = page.last() else { break };
                at = last.seq;
                for event in page.iter().filter(|event| self.may_hear(topic, event)) {
                    if let Err(end) = self.send(Message::Text(event_message(topic, event)?)).await {
                        return Ok(Err(end));
                    }
                }
            }
        }
        self.events.insert(topic.to_owned(), at);
        Ok(Ok(()))
    }

    /// Ends what the caller may no longer listen to: a token revoked, a membership ended, a thing deleted.
    async fn check(&mut self) -> Result<(), End> {
        match (self.renew)().await {
            Ok(ctx) => self.ctx = ctx,
            Err(error) if error.kind() == Kind::Unauthenticated => return Err(End::SignedOut(error)),
            // Who can't be asked now is asked next time.
            Err(_) => return Ok(()),
        }
        self.streams.retain(|_, task| !task.is_finished());
        let topics: Vec<String> = self.events.keys().chain(self.streams.keys()).cloned().collect();
        for topic in topics {
            let source = self.gateway.topics.source(&topic).ok().cloned();
            let Some(source) = source else { continue };
            if let Err(error) = source.authorise(&self.ctx, &topic).await
                && matches!(error.kind(), Kind::Unauthenticated | Kind::Forbidden | Kind::NotFound)
            {
                self.unsubscribe(&topic);
                self.send_error("", Some(&topic), &error).await?;
            }
        }
        Ok(())
    }

    /// Whether an event may have ended what the caller signed in with. A sign-in elsewhere has not.
    fn concerns_me(&self, event: &Event) -> bool {
        let ends = |kind: &str| {
            matches!(
                kind,
                "identity.session_ended"
                    | "identity.token_revoked"
                    | "identity.password_changed"
                    | "identity.user_changed"
                    | "identity.user_deleted"
            )
        };
        ends(&event.kind) && event.topic.strip_prefix("user.") == Some(self.ctx.principal().id.as_str())
    }

    fn may_hear(&self, topic: &str, event: &Event) -> bool {
        self.gateway.topics.source(topic).is_ok_and(|source| source.may_hear(&self.ctx, event))
    }

    async fn on_event(&mut self, event: Result<Arc<Event>, broadcast::error::RecvError>) -> Result<(), End> {
        let event = match event {
            Ok(event) => event,
            Err(broadcast::error::RecvError::Lagged(_)) if self.events.is_empty() => return Ok(()),
            Err(broadcast::error::RecvError::Lagged(_)) => return Err(End::Slow),
            Err(broadcast::error::RecvError::Closed) => return Err(End::Closed),
        };
        let project_topic = event.project.as_ref().map(|project| format!("project.{project}"));
        let own = (project_topic.as_deref() != Some(event.topic.as_str())).then_some(event.topic.as_str());
        for topic in own.into_iter().chain(project_topic.as_deref()) {
            let Some(last) = self.events.get_mut(topic) else {
                continue;
            };
            if event.seq <= *last {
                continue;
            }
            *last = event.seq;
            if self.may_hear(topic, &event)
                && let Ok(message) = event_message(topic, &event)
            {
                self.send(Message::Text(message)).await?;
            }
        }
        Ok(())
    }
}

/// What a client that reads too slowly hears last (1013: try again later).
fn slow_consumer() -> [Message; 2] {
    let detail = "you read too slowly; connect again and subscribe with `after`";
    let told = json!({"id": "", "type": "error", "data": {"code": "slow_consumer", "detail": detail}});
    let close = CloseFrame { code: 1013, reason: "slow consumer".into() };
    [Message::Text(told.to_string().into()), Message::Close(Some(close))]
}

/// What a client hears last whose session or token has ended (4401, of the numbers for private use, after HTTP's 401).
fn signed_out(error: &Error) -> [Message; 2] {
    let data = json!({"code": error.code(), "detail": error.detail()});
    let told = json!({"id": "", "type": "error", "data": data});
    let close = CloseFrame { code: SIGNED_OUT, reason: "sign in again".into() };
    [Message::Text(told.to_string().into()), Message::Close(Some(close))]
}

fn stream_error(topic: &str, error: &Error) -> Utf8Bytes {
    json!({"id": "", "type": "error", "topic": topic, "data": {"code": error.code(), "detail": error.detail()}})
        .to_string()
        .into()
}

fn event_message(topic: &str, event: &Event) -> Result<Utf8Bytes, Error> {
    Ok(data_message(topic, event.seq.unsigned_abs(), event.at, &to_raw_value(event)?))
}
