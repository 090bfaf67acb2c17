//! A back end's body on its way to the client.
//!
//! The connection to the back end has no task of its own: it is driven by whoever reads this body. A client that goes
//! away drops the body, and with it the connection; a body that was read to its end gives it back.

use super::BoxError;
use crate::html::BaseRewriter;
use crate::route::Route;
use crate::upstream::Upstream;
use bytes::Bytes;
use castalia_base::Clock;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Waker};

/// The body of an answer.
pub struct Body(Kind);

enum Kind {
    Full(Option<Bytes>),
    Streamed(Box<Streamed>),
    Other(Pin<Box<dyn HttpBody<Data = Bytes, Error = BoxError> + Send>>),
}

impl Body {
    /// No body.
    pub fn empty() -> Self {
        Self(Kind::Full(None))
    }
    /// A body that is there already.
    pub fn full(bytes: Bytes) -> Self {
        Self(Kind::Full((!bytes.is_empty()).then_some(bytes)))
    }
    /// A body that comes from elsewhere than a back end, piece by piece.
    pub fn other(body: impl HttpBody<Data = Bytes, Error = BoxError> + Send + 'static) -> Self {
        Self(Kind::Other(Box::pin(body)))
    }
    pub(crate) fn streamed(streamed: Streamed) -> Self {
        Self(Kind::Streamed(Box::new(streamed)))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Full(bytes) => f.debug_tuple("Full").field(bytes).finish(),
            Kind::Streamed(_) | Kind::Other(_) => f.write_str("Streamed"),
        }
    }
}

/// Counts a request as long as it lives.
pub(crate) struct Guard {
    pub(crate) route: Arc<Route>,
    pub(crate) worker: usize,
    /// Set when this request's end is activity.
    pub(crate) counts: Option<Clock>,
}

impl Guard {
    pub(crate) fn new(route: Arc<Route>, worker: usize) -> Self {
        route.live.requests.fetch_add(1, Relaxed);
        route.live.total.fetch_add(1, Relaxed);
        Self { route, worker, counts: None }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.route.live.requests.fetch_sub(1, Relaxed);
    }
}

/// A body that is being read from a back end.
pub(crate) struct Streamed {
    incoming: Incoming,
    upstream: Option<Box<Upstream>>,
    rewriter: Option<BaseRewriter>,
    guard: Guard,
}

impl Streamed {
    pub(crate) fn new(
        incoming: Incoming,
        upstream: Box<Upstream>,
        rewriter: Option<BaseRewriter>,
        guard: Guard,
    ) -> Self {
        let mut body = Self { incoming, upstream: Some(upstream), rewriter, guard };
        if body.incoming.is_end_stream() {
            body.finish();
        }
        body
    }

    /// Read to its end: notes the activity and gives the connection back.
    fn finish(&mut self) {
        if let Some(clock) = &self.guard.counts {
            self.guard.route.live.touch(clock);
        }
        if let Some(upstream) = self.upstream.take() {
            self.guard.route.idle(self.guard.worker).put(upstream);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        // Frames come only out of the connection that is polled right here, so nobody else has to wake this task.
        let mut quiet = Context::from_waker(Waker::noop());
        let mut driven = false;
        loop {
            match Pin::new(&mut self.incoming).poll_frame(&mut quiet) {
                Poll::Ready(Some(Ok(frame))) => {
                    if self.incoming.is_end_stream() {
                        self.finish();
                    } else if let Some(clock) = &self.guard.counts {
                        self.guard.route.live.touch(clock);
                    }
                    return Poll::Ready(Some(Ok(frame)));
                }
                Poll::Ready(Some(Err(error))) => {
                    self.upstream = None;
                    return Poll::Ready(Some(Err(error.into())));
                }
                Poll::Ready(None) => {
                    self.finish();
                    return Poll::Ready(None);
                }
                Poll::Pending if driven => return Poll::Pending,
                Poll::Pending => {
                    driven = true;
                    if let Some(upstream) = &mut self.upstream {
                        upstream.drive(cx);
                    }
                }
            }
        }
    }

    fn poll_rewritten(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            let polled = std::task::ready!(self.poll(cx));
            let Some(rewriter) = &mut self.rewriter else { return Poll::Ready(polled) };
            match polled {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => {
                        let data = rewriter.feed(data);
                        if !data.is_empty() {
                            return Poll::Ready(Some(Ok(Frame::data(data))));
                        }
                    }
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                None => {
                    let rest = rewriter.finish();
                    self.rewriter = None;
                    return Poll::Ready((!rest.is_empty()).then(|| Ok(Frame::data(rest))));
                }
                error => return Poll::Ready(error),
            }
        }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.get_mut().0 {
            Kind::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Streamed(streamed) if streamed.rewriter.is_some() => streamed.poll_rewritten(cx),
            Kind::Streamed(streamed) => streamed.poll(cx),
            Kind::Other(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Full(bytes) => bytes.is_none(),
            Kind::Streamed(streamed) => streamed.rewriter.is_none() && streamed.incoming.is_end_stream(),
            Kind::Other(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64)),
            Kind::Streamed(streamed) if streamed.rewriter.is_none() => streamed.incoming.size_hint(),
            Kind::Streamed(_) => SizeHint::default(),
            Kind::Other(body) => body.size_hint(),
        }
    }
}
