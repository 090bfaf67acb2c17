//! One try: ask a service, for at most so long.

pub(crate) mod command;
mod http;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Instant, timeout_at};

use super::state::{Outcome, Trouble};
use super::values::in_words;
use super::{HealthCheck, ProbeKind, Statuses};

/// Where a service is to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name or address of the host.
    pub host: String,
    /// The service's own port.
    pub port: u16,
    /// The URL prefix under which it serves, such as `/user/ada/lab`; empty for none.
    pub prefix: String,
}

impl Place {
    /// A port of this machine, without a prefix.
    pub fn local(port: u16) -> Self {
        Place { host: "127.0.0.1".into(), port, prefix: String::new() }
    }
}

/// What one try does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// GET; redirects are not followed.
    Http {
        /// Name or address.
        host: String,
        /// Port.
        port: u16,
        /// Path and query.
        path: String,
        /// Statuses that are a good answer.
        expect: Statuses,
    },
    /// Connect, and close.
    Tcp {
        /// Name or address.
        host: String,
        /// Port.
        port: u16,
    },
    /// GET, or only connect, over a Unix socket: for services that nobody but their owner's programs may reach.
    Socket {
        /// The socket.
        socket: PathBuf,
        /// Path and query; none to connect only.
        path: Option<String>,
        /// Statuses that are a good answer.
        expect: Statuses,
    },
    /// Run a command; exit code 0 is a good answer.
    Command {
        /// Program and arguments.
        argv: Vec<String>,
    },
}

impl Probe {
    /// What a definition says about a service that listens on a Unix socket, under a prefix (empty for none).
    pub fn at_socket(check: &HealthCheck, socket: &Path, prefix: &str) -> Self {
        let place = Place { prefix: prefix.to_owned(), ..Place::local(0) };
        let socket = socket.to_owned();
        match Probe::of(check, &place) {
            Probe::Http { path, expect, .. } => Probe::Socket { socket, path: Some(path), expect },
            Probe::Tcp { .. } => Probe::Socket { socket, path: None, expect: check.expect.clone() },
            other => other,
        }
    }

    /// What a definition says about a service at a place.
    pub fn of(check: &HealthCheck, place: &Place) -> Self {
        let port = check.health_check_port.map_or(place.port, Into::into);
        let host = place.host.clone();
        let prefix = if check.use_container_root { "" } else { place.prefix.trim_end_matches('/') };
        match (check.kind(), &check.custom_health_command) {
            (ProbeKind::Command, Some(command)) => Probe::Command { argv: command.argv(port, prefix) },
            (ProbeKind::Tcp, _) => Probe::Tcp { host, port },
            _ => {
                let path = format!("{prefix}{}", check.endpoint.as_str());
                Probe::Http { host, port, path, expect: check.expect.clone() }
            }
        }
    }

    /// Asks once. Always returns within `limit`; a command runs as a process of ours with our environment.
    pub async fn run(&self, limit: Duration) -> Outcome {
        match self {
            Probe::Http { host, port, path, expect } => http::ask((host, *port), path, expect, limit).await,
            Probe::Tcp { host, port } => match connect((host, *port), Instant::now() + limit, limit).await {
                Ok(_) => Outcome::Passed { what: "connected".into() },
                Err(outcome) => outcome,
            },
            Probe::Socket { socket, path, expect } => {
                let deadline = Instant::now() + limit;
                let stream = match reach(socket, deadline, limit).await {
                    Ok(stream) => stream,
                    Err(outcome) => return outcome,
                };
                match path {
                    Some(path) => {
                        let peer = socket.display().to_string();
                        http::ask_on(stream, &peer, path, expect, (deadline, limit)).await
                    }
                    None => Outcome::Passed { what: "connected".into() },
                }
            }
            Probe::Command { argv } => {
                command::outcome(command::run(argv, command::Surroundings::ours(), limit).await, limit)
            }
        }
    }

    /// What it asks, in words.
    pub fn words(&self) -> String {
        match self {
            Probe::Http { host, port, path, .. } => format!("GET http://{host}:{port}{path}"),
            Probe::Tcp { host, port } => format!("connect to {host}:{port}"),
            Probe::Socket { socket, path, .. } => {
                format!("GET {} on {}", path.as_deref().unwrap_or("nothing"), socket.display())
            }
            Probe::Command { argv } => match argv.as_slice() {
                [_, c, script] if c == "-c" => format!("run `{script}`"),
                argv => format!("run `{}`", argv.join(" ")),
            },
        }
    }
}

/// Connects, or says why not.
async fn connect(to: (&str, u16), deadline: Instant, limit: Duration) -> Result<TcpStream, Outcome> {
    let (host, port) = to;
    match timeout_at(deadline, TcpStream::connect(to)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(e)) if e.kind() == io::ErrorKind::ConnectionRefused => {
            Err(Outcome::failed(Trouble::Refused, format!("nothing listens on {host}:{port}")))
        }
        // Ours, not the service's: no descriptors or ports are left.
        Ok(Err(e)) if matches!(e.raw_os_error(), Some(EMFILE | ENFILE | EADDRNOTAVAIL)) => {
            Err(Outcome::Void { why: format!("could not ask: {e}") })
        }
        Ok(Err(e)) => {
            Err(Outcome::failed(Trouble::Broken, format!("could not connect to {host}:{port}: {e}")))
        }
        Err(_) => Err(Outcome::failed(
            Trouble::TimedOut,
            format!("{host}:{port} did not take the connection within {}", in_words(limit)),
        )),
    }
}

/// The same for a Unix socket.
async fn reach(socket: &Path, deadline: Instant, limit: Duration) -> Result<UnixStream, Outcome> {
    match timeout_at(deadline, UnixStream::connect(socket)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(e)) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            Err(Outcome::failed(Trouble::Refused, format!("nothing listens on {}", socket.display())))
        }
        Ok(Err(e)) => {
            Err(Outcome::failed(Trouble::Broken, format!("could not connect to {}: {e}", socket.display())))
        }
        Err(_) => Err(Outcome::failed(
            Trouble::TimedOut,
            format!("{} did not take the connection within {}", socket.display(), in_words(limit)),
        )),
    }
}

const EMFILE: i32 = rustix::io::Errno::MFILE.raw_os_error();
const ENFILE: i32 = rustix::io::Errno::NFILE.raw_os_error();
const EADDRNOTAVAIL: i32 = rustix::io::Errno::ADDRNOTAVAIL.raw_os_error();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{Command, Endpoint};

    fn place() -> Place {
        Place { host: "10.0.0.7".into(), port: 8888, prefix: "/user/ada/lab/".into() }
    }

    #[tokio::test]
    async fn a_socket_is_asked_as_a_port_is() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let check = HealthCheck { endpoint: Endpoint::new("/healthz").unwrap(), ..HealthCheck::default() };
        let probe = Probe::at_socket(&check, &socket, "/base/");
        let limit = Duration::from_secs(5);
        let refused = probe.run(limit).await;
        assert!(matches!(refused, Outcome::Failed { trouble: Trouble::Refused, .. }), "{refused:?}");
        let listener = tokio::net::UnixListener::bind(&socket).unwrap();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let n = stream.read(&mut request).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            String::from_utf8_lossy(&request[..n]).into_owned()
        });
        assert_eq!(probe.run(limit).await, Outcome::Passed { what: "200".into() });
        let request = serving.await.unwrap();
        assert!(request.starts_with("GET /base/healthz HTTP/1.1\r\nhost: localhost\r\n"), "{request}");
    }

    #[test]
    fn a_definition_says_what_is_asked() {
        let lab = HealthCheck::default();
        assert_eq!(Probe::of(&lab, &place()).words(), "GET http://10.0.0.7:8888/user/ada/lab/health");
        let chat = HealthCheck {
            use_container_root: true,
            health_check_port: std::num::NonZeroU16::new(3000),
            endpoint: Endpoint::new("/api/status").unwrap(),
            ..HealthCheck::default()
        };
        assert_eq!(Probe::of(&chat, &place()).words(), "GET http://10.0.0.7:3000/api/status");
        let tcp = HealthCheck { probe: Some(ProbeKind::Tcp), ..HealthCheck::default() };
        assert_eq!(Probe::of(&tcp, &place()).words(), "connect to 10.0.0.7:8888");
        let script = Command::Shell("curl -f http://127.0.0.1:{port}/health || exit 1".into());
        let ide = HealthCheck { custom_health_command: Some(script), ..HealthCheck::default() };
        assert_eq!(Probe::of(&ide, &place()).words(), "run `curl -f http://127.0.0.1:8888/health || exit 1`");
    }
}
