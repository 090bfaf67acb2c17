//! Carries bytes between a client and a back end after an upgrade.
//!
//! Idle sockets hold no buffer: bytes are read into one that the thread shares, and only what the other side can't take
//! yet is kept, during which nothing more is read. The end of one direction is passed on as an end; the other may then
//! go on for a while. What can't be written for too long, or stays half open, is closed.

use crate::frames::Frames;
use crate::options::SocketActivity;
use crate::route::Route;
use bytes::{Buf, Bytes};
use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

const BUFFER: usize = 32 * 1024;
/// Reads in a row before other tasks of the thread get their turn.
const TURNS: usize = 16;

thread_local! {
    static SHARED: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER]);
}

/// Limits of a tunnel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How long one half may be closed without anything moving in the other, and how long a write may be stuck.
    pub(crate) patience: Duration,
    /// How long nothing may move at all.
    pub(crate) idle: Option<Duration>,
}

/// One direction.
#[derive(Default)]
struct Half {
    pending: Bytes,
    frames: Option<Frames>,
    ended: bool,
    closed: bool,
    unflushed: bool,
}

/// What counts in a tunnel.
pub(crate) struct Meter {
    pub(crate) route: Arc<Route>,
    pub(crate) rule: SocketActivity,
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.route.live.sockets.fetch_sub(1, Relaxed);
    }
}

impl Meter {
    pub(crate) fn new(route: Arc<Route>, counts: bool) -> Self {
        route.live.sockets.fetch_add(1, Relaxed);
        let rule = if counts { route.options().activity.sockets } else { SocketActivity::Never };
        Self { route, rule }
    }

    fn frames(&self, websocket: bool, from_client: bool) -> Option<Frames> {
        let read = match self.rule {
            SocketActivity::Messages => true,
            SocketActivity::ClientMessages => from_client,
            SocketActivity::Bytes | SocketActivity::Never => false,
        };
        (read && websocket).then(Frames::default)
    }

    fn note(&self, frames: &mut Option<Frames>, bytes: &[u8], from_client: bool) {
        let counts = match self.rule {
            SocketActivity::Never => false,
            SocketActivity::Bytes => true,
            SocketActivity::ClientMessages if !from_client => false,
            SocketActivity::ClientMessages | SocketActivity::Messages => {
                frames.as_mut().is_none_or(|frames| frames.feed(bytes))
            }
        };
        if counts {
            self.route.touch();
        }
    }
}

/// The two ends and what is between them.
pub(crate) struct Tunnel<C, S> {
    client: C,
    server: S,
    up: Half,
    down: Half,
    meter: Meter,
    limits: Limits,
    moved: Instant,
    alarm: Pin<Box<Sleep>>,
}

impl<C, S> Tunnel<C, S>
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    /// `early` came from the back end with the head of its answer.
    pub(crate) fn new(
        client: C,
        server: S,
        early: Bytes,
        meter: Meter,
        limits: Limits,
        websocket: bool,
    ) -> Self {
        // An empty one would hold the memory that it was read into.
        let early = if early.is_empty() { Bytes::new() } else { early };
        let mut up = Half { frames: meter.frames(websocket, true), ..Half::default() };
        let mut down = Half { frames: meter.frames(websocket, false), pending: early, ..Half::default() };
        if !down.pending.is_empty() {
            meter.note(&mut down.frames, &down.pending, false);
        }
        up.closed = false;
        let alarm = Box::pin(tokio::time::sleep(limits.idle.unwrap_or(limits.patience).min(limits.patience)));
        Self { client, server, up, down, meter, limits, moved: Instant::now(), alarm }
    }

    /// Whether nothing has moved for longer than the state allows.
    fn overdue(&self) -> bool {
        let stuck = !self.up.pending.is_empty() || !self.down.pending.is_empty();
        let half = self.up.ended || self.down.ended;
        let still = self.moved.elapsed();
        ((stuck || half) && still >= self.limits.patience)
            || self.limits.idle.is_some_and(|idle| still >= idle)
    }
}

impl<C, S> Future for Tunnel<C, S>
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let mut moved = false;
        let up = carry(&mut this.client, &mut this.server, &mut this.up, &this.meter, true, &mut moved, cx)?;
        let down =
            carry(&mut this.server, &mut this.client, &mut this.down, &this.meter, false, &mut moved, cx)?;
        if moved {
            this.moved = Instant::now();
        }
        if up.is_ready() && down.is_ready() {
            return Poll::Ready(Ok(()));
        }
        // The alarm is not moved with every byte; when it rings it looks how long nothing moved.
        while this.alarm.as_mut().poll(cx).is_ready() {
            if this.overdue() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            let step = this.limits.idle.unwrap_or(this.limits.patience).min(this.limits.patience);
            let next = (this.moved + step).max(Instant::now() + step / 8);
            this.alarm.as_mut().reset(next);
        }
        Poll::Pending
    }
}

/// Moves what can be moved in one direction; ready when it has ended and the end was passed on.
fn carry<R, W>(
    from: &mut R,
    to: &mut W,
    half: &mut Half,
    meter: &Meter,
    from_client: bool,
    moved: &mut bool,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    for _ in 0..TURNS {
        while !half.pending.is_empty() {
            let written = ready!(Pin::new(&mut *to).poll_write(cx, &half.pending))?;
            half.pending.advance(written);
            (*moved, half.unflushed) = (true, true);
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            if half.pending.is_empty() {
                half.pending = Bytes::new();
            }
        }
        if half.ended {
            if !half.closed {
                ready!(Pin::new(&mut *to).poll_shutdown(cx))?;
                half.closed = true;
            }
            return Poll::Ready(Ok(()));
        }
        let step = SHARED.with_borrow_mut(|buffer| {
            let mut read = ReadBuf::new(buffer);
            if Pin::new(&mut *from).poll_read(cx, &mut read)?.is_pending() {
                return Poll::Pending;
            }
            let mut bytes = read.filled();
            if bytes.is_empty() {
                half.ended = true;
                return Poll::Ready(Ok(()));
            }
            (*moved, half.unflushed) = (true, true);
            meter.note(&mut half.frames, bytes, from_client);
            while !bytes.is_empty() {
                match Pin::new(&mut *to).poll_write(cx, bytes)? {
                    Poll::Ready(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    Poll::Ready(written) => bytes = &bytes[written..],
                    Poll::Pending => {
                        half.pending = Bytes::copy_from_slice(bytes);
                        break;
                    }
                }
            }
            Poll::Ready(io::Result::Ok(()))
        })?;
        if step.is_pending() {
            if half.unflushed {
                ready!(Pin::new(&mut *to).poll_flush(cx))?;
                half.unflushed = false;
            }
            return Poll::Pending;
        }
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}
