//! A client's body on its way to the back end: counted, and given up when the client stops sending.

use super::BoxError;
use crate::route::Route;
use bytes::{Buf, Bytes};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;

/// What the client did wrong, told to the one who waits for the back end's answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fault(Option<Arc<AtomicU8>>);

/// The faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientFault {
    TooLarge = 1,
    Stalled = 2,
    Broken = 3,
}

impl Fault {
    fn set(&self, fault: ClientFault) {
        if let Some(cell) = &self.0 {
            cell.store(fault as u8, Relaxed);
        }
    }
    pub(crate) fn get(&self) -> Option<ClientFault> {
        match self.0.as_ref()?.load(Relaxed) {
            1 => Some(ClientFault::TooLarge),
            2 => Some(ClientFault::Stalled),
            3 => Some(ClientFault::Broken),
            _ => None,
        }
    }
}

/// The body as the back end's connection reads it.
pub(crate) enum RequestBody {
    Empty,
    Streamed(Box<Counted>),
}

pub(crate) struct Counted {
    inner: UnsyncBoxBody<Bytes, BoxError>,
    left: Option<u64>,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    fault: Fault,
    /// Whose activity each piece is.
    route: Option<Arc<Route>>,
}

impl RequestBody {
    /// Wraps a client's body; `limit` in bytes, `patience` for each of its pieces.
    pub(crate) fn new<B>(
        body: B,
        limit: Option<u64>,
        patience: Duration,
        route: Option<Arc<Route>>,
    ) -> (Self, Fault)
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        if body.is_end_stream() {
            return (Self::Empty, Fault::default());
        }
        let fault = Fault(Some(Arc::default()));
        let inner = body.map_err(Into::into).boxed_unsync();
        let counted = Counted { inner, left: limit, patience, waiting: None, fault: fault.clone(), route };
        (Self::Streamed(Box::new(counted)), fault)
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

impl Counted {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.waiting = None;
                if let Some(route) = &self.route {
                    route.touch();
                }
                if let (Some(left), Some(data)) = (&mut self.left, frame.data_ref()) {
                    match left.checked_sub(data.remaining() as u64) {
                        Some(rest) => *left = rest,
                        None => return self.fail(ClientFault::TooLarge, "the request is too large"),
                    }
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => {
                self.fault.set(ClientFault::Broken);
                Poll::Ready(Some(Err(error)))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let patience = self.patience;
                let waiting = self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
                match waiting.as_mut().poll(cx) {
                    Poll::Ready(()) => self.fail(ClientFault::Stalled, "the client stopped sending"),
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }

    fn fail(&self, fault: ClientFault, words: &str) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.fault.set(fault);
        Poll::Ready(Some(Err(words.into())))
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::Empty => Poll::Ready(None),
            Self::Streamed(counted) => counted.poll(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Streamed(counted) => counted.inner.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Streamed(counted) => counted.inner.size_hint(),
        }
    }
}
