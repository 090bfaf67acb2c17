//! A GET on a connection of its own, as a person with curl would ask.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};

use super::connect;
use crate::health::Statuses;
use crate::health::state::{Outcome, Trouble};
use crate::health::values::in_words;

/// Bytes of an answer that are looked at.
const BODY: usize = 64 * 1024;

/// A stream to a service.
pub(super) trait Io: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Io for S {}

/// Asks, and judges the answer.
pub(super) async fn ask(to: (&str, u16), path: &str, expect: &Statuses, limit: Duration) -> Outcome {
    let deadline = Instant::now() + limit;
    match connect(to, deadline, limit).await {
        Ok(stream) => ask_on(stream, &format!("{}:{}", to.0, to.1), path, expect, (deadline, limit)).await,
        Err(outcome) => outcome,
    }
}

/// The same on a stream that is there; `peer` is how the other side is called.
pub(super) async fn ask_on<S: Io>(
    stream: S,
    peer: &str,
    path: &str,
    expect: &Statuses,
    (deadline, limit): (Instant, Duration),
) -> Outcome {
    match timeout_at(deadline, converse(stream, peer, path, expect)).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => broken(peer, &error),
        Err(_) => Outcome::failed(
            Trouble::TimedOut,
            format!("took the connection, but did not answer within {}", in_words(limit)),
        ),
    }
}

async fn converse<S: Io>(stream: S, peer: &str, path: &str, expect: &Statuses) -> hyper::Result<Outcome> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get(path)
        .header(HOST, if peer.contains('/') { "localhost" } else { peer })
        .header(USER_AGENT, "castalia-health")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new());
    let request = match request {
        Ok(request) => request,
        Err(e) => return Ok(Outcome::failed(Trouble::Broken, format!("{path:?} can't be asked for: {e}"))),
    };
    let exchange = async {
        let response = sender.send_request(request).await?;
        Ok(read(response, path, expect).await)
    };
    // The connection is driven by the same task, so that nothing of it is left when the time is over.
    tokio::select! {
        biased;
        outcome = exchange => outcome,
        ended = drive(connection) => Err(ended),
    }
}

/// Drives the connection; returns only with an error, since its good end is told by the answer.
async fn drive<S: Io>(connection: http1::Connection<TokioIo<S>, Empty<Bytes>>) -> hyper::Error {
    match connection.await {
        Ok(()) => std::future::pending().await,
        Err(error) => error,
    }
}

async fn read(response: Response<Incoming>, path: &str, expect: &Statuses) -> Outcome {
    let status = response.status();
    if !expect.contains(status.as_u16()) {
        let hint = match status.as_u16() {
            404 => "; is the endpoint right?",
            401 | 403 => "; a health endpoint should not need to be signed in to",
            _ => "",
        };
        return Outcome::failed(Trouble::Answered, format!("{path} answered {status}{hint}"));
    }
    let json = response.headers().get(CONTENT_TYPE).is_some_and(|t| t.as_bytes().ends_with(b"json"));
    if json && let Some(outcome) = own_words(response.into_body()).await {
        return outcome;
    }
    Outcome::Passed { what: status.as_u16().to_string() }
}

/// What a service says about itself in JSON: `{"status": …}`, with the words that are in use for it. Others mean
/// nothing special.
async fn own_words(body: Incoming) -> Option<Outcome> {
    let bytes = Limited::new(body, BODY).collect().await.ok()?.to_bytes();
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    let status = value.get("status")?.as_str()?;
    let more = ["reason", "message", "output", "detail"].iter().find_map(|key| value.get(key)?.as_str());
    let said = match more {
        Some(more) => format!("says that it is {status}: {}", more.chars().take(200).collect::<String>()),
        None => format!("says that it is {status}"),
    };
    match status.to_ascii_lowercase().as_str() {
        "degraded" | "warn" | "warning" => Some(Outcome::Strained { why: said }),
        "fail" | "failed" | "error" | "down" | "unhealthy" | "starting" => {
            Some(Outcome::failed(Trouble::Answered, said))
        }
        _ => None,
    }
}

fn broken(peer: &str, error: &hyper::Error) -> Outcome {
    let why = if error.is_parse() {
        format!("{peer} does not speak HTTP")
    } else if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        format!("{peer} closed the connection without an answer")
    } else {
        format!("{peer} broke the connection: {error}")
    };
    Outcome::failed(Trouble::Broken, why)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Asks a server that reads the request and then says these bytes.
    async fn told(answer: &'static str) -> Outcome {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serve = async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 2048];
            let n = stream.read(&mut request).await.unwrap();
            let text = String::from_utf8_lossy(&request[..n]).into_owned();
            assert!(text.starts_with("GET /health?x=1 HTTP/1.1\r\n"), "{text}");
            assert!(text.contains(&format!("host: 127.0.0.1:{port}\r\n")), "{text}");
            stream.write_all(answer.as_bytes()).await.unwrap();
            // Held open until the other side has gone, unless there was nothing to say.
            if !answer.is_empty() {
                let _ = stream.read(&mut request).await;
            }
        };
        let serving = tokio::spawn(serve);
        let limit = Duration::from_millis(700);
        let outcome = ask(("127.0.0.1", port), "/health?x=1", &Statuses::default(), limit).await;
        serving.await.unwrap();
        outcome
    }

    #[tokio::test]
    async fn good_answers_are_told_by_their_status() {
        for (answer, what) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "200"),
            ("HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n", "302"),
            ("HTTP/1.0 204 No Content\r\n\r\n", "204"),
            // An endless body is nobody's concern here.
            ("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n", "200"),
            (
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 18\r\n\r\n{\"status\": \"alive\"}",
                "200",
            ),
        ] {
            assert_eq!(told(answer).await, Outcome::Passed { what: what.into() }, "{answer}");
        }
    }

    #[tokio::test]
    async fn bad_answers_are_told_in_words() {
        for (answer, trouble, words) in [
            ("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n", Trouble::Answered, "answered 500"),
            (
                "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
                Trouble::Answered,
                "is the endpoint right?",
            ),
            ("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", Trouble::Answered, "signed in"),
            ("", Trouble::Broken, "closed the connection without an answer"),
            ("220 mail.example ESMTP\r\n\r\n", Trouble::Broken, "does not speak HTTP"),
            ("HTTP/1.1 200 OK\r\ncontent-", Trouble::TimedOut, "did not answer within 700 ms"),
            (
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n{\"status\":",
                Trouble::TimedOut,
                "did not answer within 700 ms",
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-type: application/health+json\r\ncontent-length: 39\r\n\r\n{\"status\": \"fail\", \"output\": \"no disk\"}",
                Trouble::Answered,
                "says that it is fail: no disk",
            ),
        ] {
            let outcome = told(answer).await;
            assert!(
                matches!(outcome, Outcome::Failed { trouble: t, .. } if t == trouble),
                "{answer}: {outcome:?}"
            );
            assert!(outcome.words().contains(words), "{answer}: {outcome:?}");
        }
    }

    #[tokio::test]
    async fn nobody_there_is_refused() {
        let port = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.local_addr().unwrap().port()
        };
        let outcome = ask(("127.0.0.1", port), "/", &Statuses::default(), Duration::from_secs(5)).await;
        assert_eq!(
            outcome,
            Outcome::failed(Trouble::Refused, format!("nothing listens on 127.0.0.1:{port}"))
        );
    }
}
