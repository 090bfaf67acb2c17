//! One connection: reads what comes, writes what is queued, asks again whether it may.

use super::intake::{Delivery, Refusal};
use super::peer::Next;
use super::wire::{self, Incoming};
use super::{Close, Peer, Role, Room};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use castalia_base::{Error, Kind};
use futures::future::BoxFuture;
use futures::stream::{SplitSink, SplitStream};
use futures::{FutureExt, SinkExt, StreamExt};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;
use yrs::StateVector;
use yrs::updates::decoder::Decode;

/// A socket that takes nothing for this long is dead.
const SEND_LIMIT: Duration = Duration::from_secs(30);
/// y-websocket leaves a server that says nothing for 30 s, and a browser does not count pings.
const SAY_SOMETHING: Duration = Duration::from_secs(12);
/// How often it is asked whether the caller may still be here.
const LOOK_AGAIN: Duration = Duration::from_secs(20);
/// How long a client may wait for the document while something is on its way into the database.
const PATIENCE: Duration = Duration::from_secs(5);
/// Updates that are taken as one.
const BATCH: usize = 256;
/// How long a client may take to close its side.
const LINGER: Duration = Duration::from_secs(3);

/// Asks anew what the caller may do: its role, or why it has none.
pub(crate) type Renew = Arc<dyn Fn() -> BoxFuture<'static, Result<Role, Error>> + Send + Sync>;

/// Serves a connection until either side ends it.
pub(crate) async fn serve(
    room: Result<Arc<Room>, Close>,
    make: impl FnOnce(u64) -> Peer,
    epoch: Option<String>,
    renew: Renew,
    mut socket: WebSocket,
) {
    let joined = room.and_then(|room| {
        if epoch.is_some_and(|theirs| theirs != room.epoch()) {
            return Err(Close::OTHER_EPOCH);
        }
        room.join(make).map(|peer| (room, peer))
    });
    let (room, peer) = match joined {
        Ok(joined) => joined,
        Err(close) => {
            let _ = socket.send(farewell(&close)).await;
            let _ =
                tokio::time::timeout(LINGER, async { while let Some(Ok(_)) = socket.next().await {} }).await;
            return;
        }
    };
    let (sink, mut stream) = socket.split();
    if peer.castalia {
        peer.send(hello(&room, &peer));
    }
    peer.send(room.first_step());
    room.send_presence(&peer);
    let mut writer = tokio::spawn(write(room.clone(), peer.clone(), sink));
    tokio::select! {
        close = read(&room, &peer, &mut stream, &renew) => {
            if let Some(close) = close {
                peer.close(close);
                // What is unread when a connection is closed takes the last words from the client.
                let rest = async { while let Some(Ok(_)) = stream.next().await {} };
                let _ = tokio::time::timeout(LINGER, async { let _ = tokio::join!(&mut writer, rest); }).await;
            }
        }
        _ = &mut writer => {
            let _ = tokio::time::timeout(LINGER, async { while let Some(Ok(_)) = stream.next().await {} }).await;
        }
    }
    writer.abort();
    room.leave(&peer);
}

fn hello(room: &Room, peer: &Peer) -> Bytes {
    wire::hello(&json!({
        "epoch": room.epoch(),
        "role": peer.role().as_str(),
        "client": room.server_client(),
        "limits": {"frame_bytes": room.limits.frame_bytes, "document_bytes": room.limits.document_bytes},
    }))
}

fn farewell(close: &Close) -> Message {
    Message::Close(Some(CloseFrame { code: close.code, reason: close.reason.into() }))
}

/// Writes what is queued, at the client's pace and not for ever.
async fn write(room: Arc<Room>, peer: Arc<Peer>, mut sink: SplitSink<WebSocket, Message>) {
    // One timer for all pauses, which is looked at when it ends: most pauses are short.
    let mut quiet = std::pin::pin!(tokio::time::sleep(SAY_SOMETHING));
    let mut said_at = Instant::now();
    loop {
        let sent = match peer.next() {
            Next::Frames(frames) => tokio::time::timeout(SEND_LIMIT, async {
                for frame in frames {
                    sink.feed(Message::Binary(frame)).await?;
                }
                sink.flush().await
            }),
            Next::CatchUp(from) => {
                room.catch_up(&peer, &from);
                continue;
            }
            Next::Close(close) => {
                let _ = tokio::time::timeout(LINGER, sink.send(farewell(&close))).await;
                return;
            }
            Next::Nothing => {
                tokio::select! {
                    biased;
                    () = peer.wake.notified() => {}
                    () = &mut quiet => {
                        if said_at.elapsed() >= SAY_SOMETHING {
                            // Nobody's state: a message that changes nothing.
                            peer.send(wire::awareness(&[0]));
                            said_at = Instant::now();
                        }
                        quiet.as_mut().reset(said_at + SAY_SOMETHING);
                    }
                }
                continue;
            }
        }
        .await;
        match sent {
            Ok(Ok(())) => said_at = Instant::now(),
            Ok(Err(_)) => return,
            Err(_) => {
                metrics::counter!("castalia_notebook_readers_dropped_total").increment(1);
                let _ =
                    tokio::time::timeout(Duration::from_secs(1), sink.send(farewell(&Close::TOO_SLOW))).await;
                return;
            }
        }
    }
}

/// Reads until the client goes (`None`) or has to (`Some`).
async fn read(
    room: &Arc<Room>,
    peer: &Arc<Peer>,
    stream: &mut SplitStream<WebSocket>,
    renew: &Renew,
) -> Option<Close> {
    let mut session = Session { room, peer, renew, known: false };
    let mut again = tokio::time::interval_at(Instant::now() + LOOK_AGAIN, LOOK_AGAIN);
    loop {
        let message = tokio::select! {
            message = stream.next() => message,
            () = peer.look_again.notified() => {
                again.reset();
                match look_again(room, peer, renew).await {
                    Some(close) => return Some(close),
                    None => continue,
                }
            }
            _ = again.tick() => match look_again(room, peer, renew).await {
                Some(close) => return Some(close),
                None => continue,
            },
        };
        let frame = match message {
            Some(Ok(Message::Binary(frame))) => frame,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Ok(Message::Text(_))) => return Some(Close::BROKEN),
            // The one failure of ours: more than may come at once.
            Some(Err(error)) => return is_too_big(&error).then_some(Close::TOO_BIG),
            Some(Ok(Message::Close(_))) | None => return None,
        };
        if let Err(close) = session.take(frame, stream).await {
            return close;
        }
    }
}

fn is_too_big(error: &axum::Error) -> bool {
    let text = error.to_string().to_lowercase();
    text.contains("too long") || text.contains("space limit") || text.contains("too big")
}

/// Finds out what the caller may do now.
async fn look_again(room: &Room, peer: &Peer, renew: &Renew) -> Option<Close> {
    match renew().await {
        Ok(role) if role == peer.role() => None,
        Ok(role) => {
            peer.set_role(role);
            if peer.castalia {
                peer.send(hello(room, peer));
            }
            None
        }
        Err(error) => match error.kind() {
            Kind::Unauthenticated => Some(Close::SIGNED_OUT),
            Kind::Forbidden | Kind::NotFound => Some(Close::FORBIDDEN),
            // Who can't be asked can't say no either.
            _ => None,
        },
    }
}

struct Session<'a> {
    room: &'a Arc<Room>,
    peer: &'a Arc<Peer>,
    renew: &'a Renew,
    /// The client has said what it has.
    known: bool,
}

impl Session<'_> {
    /// Takes a frame, and those that have arrived behind it.
    async fn take(&mut self, frame: Bytes, stream: &mut SplitStream<WebSocket>) -> Result<(), Option<Close>> {
        let mut updates = Vec::new();
        let mut next = Some(frame);
        let mut end = Ok(());
        while let Some(frame) = next.take() {
            if frame.len() > self.room.limits.frame_bytes {
                return Err(Some(Close::TOO_BIG));
            }
            match wire::read(&frame).ok_or(Some(Close::BROKEN))? {
                Incoming::Update(update) => updates.push(update),
                Incoming::Step2(update) => {
                    self.apply(&mut updates, false).await?;
                    self.apply(&mut vec![update], true).await?;
                }
                other => {
                    self.apply(&mut updates, false).await?;
                    self.on_other(other).await?;
                }
            }
            if updates.len() >= BATCH {
                break;
            }
            next = match stream.next().now_or_never() {
                Some(Some(Ok(Message::Binary(frame)))) => Some(frame),
                Some(Some(Ok(Message::Ping(_) | Message::Pong(_)))) | None => None,
                Some(Some(Ok(Message::Text(_)))) => {
                    end = Err(Some(Close::BROKEN));
                    None
                }
                Some(Some(Err(error))) => {
                    end = Err(is_too_big(&error).then_some(Close::TOO_BIG));
                    None
                }
                Some(Some(Ok(Message::Close(_))) | None) => {
                    end = Err(None);
                    None
                }
            };
        }
        self.apply(&mut updates, false).await?;
        end
    }

    async fn on_other(&mut self, incoming: Incoming) -> Result<(), Option<Close>> {
        match incoming {
            Incoming::Step1(theirs) => self.on_step1(&theirs).await,
            Incoming::Awareness(update) => self.room.presence(self.peer, update).ok_or(Some(Close::BROKEN)),
            Incoming::QueryAwareness => {
                self.room.send_presence(self.peer);
                Ok(())
            }
            Incoming::Update(_) | Incoming::Step2(_) | Incoming::Unknown => Ok(()),
        }
    }

    async fn on_step1(&mut self, theirs: &[u8]) -> Result<(), Option<Close>> {
        let theirs = StateVector::decode_v1(theirs).map_err(|_| Some(Close::BROKEN))?;
        if !self.room.is_ours(&theirs) || self.is_of_a_lost_history(&theirs).await {
            return Err(Some(Close::OTHER_EPOCH));
        }
        self.known = true;
        self.room.begin(self.peer);
        let begun = Instant::now();
        while !self.room.send_document(self.peer, &theirs, begun.elapsed() < PATIENCE) {
            let _ = tokio::time::timeout(PATIENCE, self.room.flush()).await;
        }
        Ok(())
    }

    /// Whether a client has something that servers wrote and the database has not: what servers write is told when it is
    /// stored, so the database was set back. What stands on that would be refused for ever; it is better told at once.
    async fn is_of_a_lost_history(&self, theirs: &StateVector) -> bool {
        if !self.room.lacks_ours(theirs) {
            return false;
        }
        // Another server may have written it a moment ago.
        match self.room.follow().await {
            Ok(()) => self.room.lacks_ours(theirs),
            Err(error) => {
                tracing::debug!(error = error.chain(), "what a client has can't be compared");
                false
            }
        }
    }

    async fn apply(&mut self, updates: &mut Vec<Bytes>, whole: bool) -> Result<(), Option<Close>> {
        if updates.is_empty() {
            return Ok(());
        }
        if !self.known {
            // Whoever has not said what it has may be of another history.
            return Err(Some(Close::BROKEN));
        }
        let updates = std::mem::take(updates);
        if !whole && self.peer.role() < Role::Edit {
            // Somebody who could only look begins to write: perhaps it may by now.
            look_again(self.room, self.peer, self.renew).await.map_or(Ok(()), |close| Err(Some(close)))?;
        }
        let count =
            self.peer.received.fetch_add(updates.len() as u64, Ordering::Relaxed) + updates.len() as u64;
        let (room, peer) = (self.room.clone(), self.peer.clone());
        let bytes: usize = updates.iter().map(Bytes::len).sum();
        let delivery = Delivery { updates, whole, count };
        let taken = if bytes > LONG {
            // It takes a while, and others want the thread.
            let taken = tokio::task::spawn_blocking(move || room.receive(&peer, delivery)).await;
            taken.unwrap_or(Err(Refusal::Close(Close::RELOAD)))
        } else {
            room.receive(&peer, delivery)
        };
        match taken {
            Ok(()) => Ok(()),
            Err(Refusal::Close(close)) => Err(Some(close)),
            Err(Refusal::Refused(code, detail)) => self.refuse(code, &detail, count),
        }
    }

    /// Tells the client that its document has something that ours will never have. One that does not understand that
    /// is closed: everything it does from here on would stand on what was refused.
    fn refuse(&self, code: &str, detail: &str, count: u64) -> Result<(), Option<Close>> {
        metrics::counter!("castalia_notebook_updates_refused_total").increment(1);
        if !self.peer.castalia {
            return Err(Some(Close::REFUSED));
        }
        self.peer.send(wire::refused(code, detail));
        self.peer.saved(count);
        Ok(())
    }
}

/// From this size on an update is taken on a thread of its own.
const LONG: usize = 256 << 10;
