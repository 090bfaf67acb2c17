//! Connections to back ends.
//!
//! A connection has no task: whoever waits for its answer or reads its body polls it (see [`Upstream::drive`]). One that
//! waits for its next request is polled by nobody; whether it still stands is asked when it is taken again, and by the
//! sweep, which also closes those that waited too long.

mod dial;

use crate::stream::Stream;
pub(crate) use dial::{dial, prepare};

use crate::body::RequestBody;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// How long a connection may wait for its next request: shorter than the five seconds of the most impatient servers in
/// use, so that a request seldom meets a connection that is being closed.
const MAX_IDLE: Duration = Duration::from_secs(4);
/// How many connections to one back end may wait, for each worker.
const MAX_WAITING: usize = 128;
/// The largest head of an answer, and how much of a body is read at once.
const MAX_BUFFER: usize = 128 * 1024;

/// A connection to a back end.
pub(crate) struct Upstream {
    send: SendRequest<RequestBody>,
    connection: Option<Connection<TokioIo<Stream>, RequestBody>>,
    since: Instant,
    /// Whether it has served a request before.
    pub(crate) used: bool,
}

/// Why there was no answer.
pub(crate) struct Unanswered {
    pub(crate) error: hyper::Error,
    /// The request, when nothing of it was sent.
    pub(crate) unsent: Option<Box<Request<RequestBody>>>,
}

impl Upstream {
    /// Speaks HTTP/1.1 on a fresh connection.
    pub(crate) async fn new(stream: Stream) -> hyper::Result<Box<Self>> {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(MAX_BUFFER);
        let (send, connection) = builder.handshake(TokioIo::new(stream)).await?;
        Ok(Box::new(Self { send, connection: Some(connection), since: Instant::now(), used: false }))
    }

    /// Moves bytes in both directions as far as they go. Returns whether the connection still stands.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some(connection) = &mut self.connection
            && connection.poll_without_shutdown(cx).is_ready()
        {
            self.connection = None;
        }
        self.connection.is_some()
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, Unanswered> {
        let answer = self.send.try_send_request(request);
        let mut answer = pin!(answer);
        let connection = &mut self.connection;
        let result = poll_fn(move |cx| {
            // The answer comes only out of the connection that is polled right here: nobody else has to wake this task.
            let mut quiet = Context::from_waker(Waker::noop());
            if let Some(live) = connection
                && live.poll_without_shutdown(cx).is_ready()
            {
                // The end of a connection that was upgraded is the hand-over of its stream, and it must be kept.
                let answered = answer.as_mut().poll(&mut quiet);
                if !matches!(&answered, Poll::Ready(Ok(response)) if response.status() == hyper::StatusCode::SWITCHING_PROTOCOLS)
                {
                    *connection = None;
                }
                return answered;
            }
            answer.as_mut().poll(&mut quiet)
        });
        result.await.map_err(|mut refused| Unanswered {
            unsent: refused.take_message().map(Box::new),
            error: refused.into_error(),
        })
    }

    /// The stream of an upgraded connection, and what came on it after the head of the answer.
    pub(crate) fn into_stream(self) -> Option<(Stream, bytes::Bytes)> {
        let parts = self.connection?.into_parts();
        Some((parts.io.into_inner(), parts.read_buf))
    }
}

/// Boxed: a connection is large, and moves with every request and its future.
type Waiting = Vec<Box<Upstream>>;

/// Connections to one back end that wait for a request.
#[derive(Default)]
pub(crate) struct Idle {
    list: Mutex<Waiting>,
    watched: AtomicBool,
}

impl std::fmt::Debug for Idle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Idle").field(&self.list().len()).finish()
    }
}

impl Idle {
    fn list(&self) -> MutexGuard<'_, Waiting> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the sweep has to be told of this list; it is thereby told.
    pub(crate) fn watch(&self) -> bool {
        !self.watched.swap(true, Ordering::AcqRel)
    }

    /// The sweep no longer looks at this list.
    pub(crate) fn forget(&self) {
        self.watched.store(false, Ordering::Release);
    }

    /// Keeps a connection whose answer was read to its end, if it can take another request.
    pub(crate) fn put(&self, mut upstream: Box<Upstream>) {
        let mut quiet = Context::from_waker(Waker::noop());
        if !upstream.drive(&mut quiet) || !upstream.send.is_ready() {
            return;
        }
        upstream.used = true;
        upstream.since = Instant::now();
        let mut list = self.list();
        if list.len() < MAX_WAITING {
            list.push(upstream);
        }
    }

    /// The connection that waited for the shortest time, if it still stands. `fresh` limits how long it may have waited.
    pub(crate) fn take(&self, fresh: Duration) -> Option<Box<Upstream>> {
        let mut quiet = Context::from_waker(Waker::noop());
        loop {
            let mut upstream = {
                let mut list = self.list();
                let waited = list.last()?.since.elapsed();
                if waited > fresh.min(MAX_IDLE) {
                    return None;
                }
                list.pop()?
            };
            if upstream.drive(&mut quiet) && upstream.send.is_ready() {
                return Some(upstream);
            }
        }
    }

    /// Closes connections that waited too long or whose back end went away. Returns whether any is left.
    pub(crate) fn sweep(&self) -> bool {
        let mut quiet = Context::from_waker(Waker::noop());
        let mut list = self.list();
        list.retain_mut(|upstream| upstream.since.elapsed() < MAX_IDLE && upstream.drive(&mut quiet));
        if list.is_empty() {
            *list = Vec::new();
        }
        !list.is_empty()
    }
}
