//! Refusals that arrive: a server that answers while the client still sends, and then closes, makes the
//! client's system throw the answer away. So what is left of a refused body is read for a moment first
//! (nginx calls this lingering close).

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures::StreamExt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long and how much is read of a refused body.
const PATIENCE: Duration = Duration::from_secs(2);
const LIMIT: usize = 16 << 20;

/// A body that comes back when its reader drops it; nothing comes back when it was read to its end.
struct Loan {
    body: Option<Body>,
    back: Option<oneshot::Sender<Option<Body>>>,
}

impl HttpBody for Loan {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None)) {
            self.body = None;
        }
        polled
    }
    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }
    fn size_hint(&self) -> http_body::SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(back) = self.back.take() {
            // Nobody waits for it when the answer was no refusal.
            back.send(self.body.take()).ok();
        }
    }
}

/// Runs a request; when the answer is a refusal, reads on for a moment before giving it. A connection on
/// which a part of a body may still come is closed: whatever comes next must not be read as a request, nor a
/// request as the rest of a body.
pub(crate) async fn linger<F: Future<Output = Response>>(
    request: Request,
    run: impl FnOnce(Request) -> F,
) -> Response {
    if request.body().is_end_stream() {
        return run(request).await;
    }
    // Such a client sends its body only when it is told to; then there is nothing to read.
    let waits = request.headers().get(header::EXPECT).is_some();
    let (back, returned) = oneshot::channel();
    let request = request.map(|body| Body::new(Loan { body: Some(body), back: Some(back) }));
    let mut response = run(request).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        let read = !waits && tokio::time::timeout(PATIENCE, drain(returned)).await == Ok(true);
        if !read {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
    response
}

/// Reads what is left of a body; says whether its end was reached.
async fn drain(returned: oneshot::Receiver<Option<Body>>) -> bool {
    let body = match returned.await {
        Ok(Some(body)) => body,
        Ok(None) => return true,
        Err(_) => return false,
    };
    let mut left = LIMIT;
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        left = chunk.map_or(0, |bytes| left.saturating_sub(bytes.len()));
        if left == 0 {
            return false;
        }
    }
    true
}
