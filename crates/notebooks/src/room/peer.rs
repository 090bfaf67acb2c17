//! What a connection is to the room: a bounded queue of frames, a role, and how far it got.

use crate::model::{May, Person};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use tokio::sync::Notify;
use yrs::StateVector;

/// What a connection may do. Each may what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look.
    View,
    /// Write comments.
    Comment,
    /// Run cells.
    Run,
    /// Change the document.
    Edit,
}

impl Role {
    /// The highest that somebody has.
    pub fn of(may: May) -> Self {
        match may {
            May { edit: true, .. } => Self::Edit,
            May { run: true, .. } => Self::Run,
            May { comment: true, .. } => Self::Comment,
            _ => Self::View,
        }
    }
    fn from_number(number: u8) -> Self {
        [Self::View, Self::Comment, Self::Run, Self::Edit]
            .get(usize::from(number))
            .copied()
            .unwrap_or(Self::View)
    }
    /// As it is said to clients.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Comment => "comment",
            Self::Run => "run",
            Self::Edit => "edit",
        }
    }
}

/// Why a connection is closed by the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Close {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
}

impl Close {
    pub(crate) const SIGNED_OUT: Self = Self { code: 4401, reason: "sign in again" };
    pub(crate) const FORBIDDEN: Self = Self { code: 4403, reason: "you may not see this notebook" };
    pub(crate) const REFUSED: Self = Self { code: 4403, reason: "you may not change this" };
    pub(crate) const DELETED: Self = Self { code: 4404, reason: "there is no such notebook" };
    pub(crate) const OTHER_EPOCH: Self = Self { code: 4409, reason: "the document was made anew" };
    pub(crate) const TOO_BIG: Self =
        Self { code: 4413, reason: "this is more than the server takes at once" };
    /// Not of the 44xx: y-websocket takes those as final.
    pub(crate) const TOO_SLOW: Self = Self { code: 1013, reason: "too slow; connect again" };
    pub(crate) const BROKEN: Self = Self { code: 1007, reason: "what was sent can't be read" };
    pub(crate) const RELOAD: Self = Self { code: 1012, reason: "the room was opened anew; connect again" };
}

/// Bytes that wait for a reader; what comes beyond is not queued, the reader is brought up to date afterwards.
pub(crate) const QUEUE_BYTES: usize = 4 << 20;

/// What of a client's updates is not taken (yet).
#[derive(Default)]
pub(crate) struct Waiting {
    pub(crate) updates: Vec<Bytes>,
    pub(crate) refused: bool,
}

#[derive(Default)]
struct Out {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// What the client has once it has read its queue; set while it is behind.
    behind: Option<StateVector>,
    saved: Option<u64>,
    close: Option<Close>,
    /// It has asked for the document: from here on it hears of changes.
    synced: bool,
}

/// What the writer of a connection does next.
pub(crate) enum Next {
    /// Send these.
    Frames(Vec<Bytes>),
    /// Bring it up to date from here.
    CatchUp(StateVector),
    /// Say good-bye.
    Close(Close),
    /// Wait.
    Nothing,
}

/// A connection to a room.
pub(crate) struct Peer {
    pub(crate) id: u64,
    pub(crate) person: Person,
    /// What the others are told of who it is.
    pub(crate) user: serde_json::Value,
    /// Whether it understands what goes beyond y-websocket.
    pub(crate) castalia: bool,
    role: AtomicU8,
    /// Updates that came in.
    pub(crate) received: AtomicU64,
    /// Updates that stand on something that has not come yet, and whether one was refused: then nothing more of this
    /// document of the client's is taken.
    pub(crate) waiting: Mutex<Waiting>,
    out: Mutex<Out>,
    pub(crate) wake: Notify,
    /// Its permission must be asked for again.
    pub(crate) look_again: Notify,
}

impl Peer {
    pub(crate) fn new(id: u64, person: Person, user: serde_json::Value, role: Role, castalia: bool) -> Self {
        Self {
            id,
            person,
            user,
            castalia,
            role: AtomicU8::new(role as u8),
            received: AtomicU64::new(0),
            waiting: Mutex::default(),
            out: Mutex::default(),
            wake: Notify::new(),
            look_again: Notify::new(),
        }
    }

    fn out(&self) -> std::sync::MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn role(&self) -> Role {
        Role::from_number(self.role.load(Ordering::Relaxed))
    }
    pub(crate) fn set_role(&self, role: Role) {
        self.role.store(role as u8, Ordering::Relaxed);
    }

    /// Queues something that is not a change of the document.
    pub(crate) fn send(&self, frame: Bytes) {
        let mut out = self.out();
        // Of the presence of others one may miss some when one does not read at all.
        if out.bytes > 2 * QUEUE_BYTES {
            return;
        }
        out.bytes += frame.len();
        out.frames.push_back(frame);
        drop(out);
        self.wake.notify_one();
    }

    /// Queues the document as it was asked for; the changes follow it.
    pub(crate) fn send_document(&self, frame: Bytes) {
        let mut out = self.out();
        out.synced = true;
        out.bytes += frame.len();
        out.frames.push_back(frame);
        drop(out);
        self.wake.notify_one();
    }

    /// Queues a change. When the queue is full the change is not queued; `before` then says from where on the client has
    /// to be brought up to date.
    pub(crate) fn send_change(&self, frame: &Bytes, before: impl FnOnce() -> StateVector) {
        let mut out = self.out();
        if !out.synced || out.behind.is_some() {
            return;
        }
        if out.bytes + frame.len() > QUEUE_BYTES && !out.frames.is_empty() {
            out.behind = Some(before());
            metrics::counter!("castalia_notebook_readers_behind_total").increment(1);
        } else {
            out.bytes += frame.len();
            out.frames.push_back(frame.clone());
        }
        drop(out);
        self.wake.notify_one();
    }

    /// Says how many of its updates are dealt with.
    pub(crate) fn saved(&self, count: u64) {
        if self.castalia {
            let mut out = self.out();
            out.saved = out.saved.max(Some(count));
            drop(out);
            self.wake.notify_one();
        }
    }

    /// Ends the connection after what is queued.
    pub(crate) fn close(&self, close: Close) {
        self.out().close.get_or_insert(close);
        self.wake.notify_one();
    }

    /// What to do next.
    pub(crate) fn next(&self) -> Next {
        let mut out = self.out();
        if let Some(count) = out.saved.take() {
            out.frames.push_back(super::wire::saved(count));
        }
        if !out.frames.is_empty() {
            out.bytes = 0;
            return Next::Frames(out.frames.drain(..).collect());
        }
        if let Some(close) = out.close.clone() {
            return Next::Close(close);
        }
        match &out.behind {
            Some(from) => Next::CatchUp(from.clone()),
            None => Next::Nothing,
        }
    }

    /// Queues what it lacked; from here on it hears of changes again.
    pub(crate) fn caught_up(&self, frame: Bytes) {
        let mut out = self.out();
        out.behind = None;
        out.bytes += frame.len();
        out.frames.push_back(frame);
    }
}
