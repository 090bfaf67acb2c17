//! Asks services whether they are in use: a kernel that computes says nothing for hours, and must not be culled.

use crate::definition::{Ask, Prefix};
use crate::supervisor::{Address, Service, Supervisor};
use bytes::Bytes;
use castalia_base::Timestamp;
use castalia_compute::health::State;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

/// Limit of one question.
const LIMIT: Duration = Duration::from_secs(5);
/// The largest answer that is read.
const ANSWER: usize = 1 << 20;

/// When any service that can be asked was last in use; none when none says.
pub(crate) async fn ask_all(supervisor: &Supervisor, now: Timestamp) -> Option<Timestamp> {
    let mut last = None;
    for service in supervisor.list() {
        if matches!(service.status().state, State::Healthy | State::Degraded) {
            last = last.max(ask(supervisor, &service, now).await);
        }
    }
    // A service whose clock is wrong must not keep the workspace for ever.
    last.map(|at| at.min(now))
}

async fn ask(supervisor: &Supervisor, service: &Service, now: Timestamp) -> Option<Timestamp> {
    let base = match service.definition.prefix {
        Prefix::Keep => crate::environment::slashed(&supervisor.path_of(&service.definition)),
        Prefix::Strip => "/".to_owned(),
    };
    match service.definition.activity.ask {
        Ask::None => None,
        Ask::Heartbeat => {
            let told = get(service, &format!("{base}healthz")).await?;
            told["lastHeartbeat"].as_i64().filter(|ms| *ms > 0).map(Timestamp)
        }
        Ask::Jupyter => {
            let kernels = get(service, &format!("{base}api/kernels")).await?;
            jupyter(&kernels, now)
        }
    }
}

/// The newest activity of kernels; now, if one is busy.
fn jupyter(kernels: &Value, now: Timestamp) -> Option<Timestamp> {
    let each = kernels.as_array()?.iter().filter_map(|kernel| {
        if kernel["execution_state"] == "busy" {
            return Some(now);
        }
        kernel["last_activity"].as_str()?.parse().ok()
    });
    each.max()
}

async fn get(service: &Service, path: &str) -> Option<Value> {
    let asked = async {
        match service.address()? {
            Address::Port(port) => converse(TcpStream::connect(("127.0.0.1", port)).await.ok()?, path).await,
            Address::Socket(socket) => converse(UnixStream::connect(socket).await.ok()?, path).await,
        }
    };
    tokio::time::timeout(LIMIT, asked).await.ok()?
}

async fn converse<S>(stream: S, path: &str) -> Option<Value>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let request = Request::get(path).header("host", "localhost").header("connection", "close");
    let request = request.body(Empty::<Bytes>::new()).ok()?;
    let exchange = async {
        let answer = sender.send_request(request).await.ok()?;
        let body = Limited::new(answer.into_body(), ANSWER).collect().await.ok()?;
        serde_json::from_slice(&body.to_bytes()).ok()
    };
    tokio::select! {
        biased;
        value = exchange => value,
        _ = async { let _ = connection.await; std::future::pending::<()>().await } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_busy_kernel_is_in_use_now() {
        let now = Timestamp(2_000_000_000_000);
        let idle = json!([{"execution_state": "idle", "last_activity": "2025-11-24T16:00:00.120000Z"}]);
        assert_eq!(jupyter(&idle, now), Some(Timestamp(1_764_000_000_120)));
        let busy = json!([{"execution_state": "busy", "last_activity": "2025-11-24T16:00:00Z"}]);
        assert_eq!(jupyter(&busy, now), Some(now));
        assert_eq!(jupyter(&json!([]), now), None);
    }
}
