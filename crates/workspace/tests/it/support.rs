//! The program on a free port with a home folder of its own, and back ends that tell what they saw.

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How long a test waits for what must happen, on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < PATIENCE, "waited too long: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub(crate) fn client() -> Client {
    Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

/// A folder that the user to whom root is given up may reach.
pub(crate) fn folder() -> TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// The program, alone.
pub(crate) struct Program {
    pub(crate) url: String,
    pub(crate) port: u16,
    pub(crate) folder: TempDir,
    pub(crate) child: Child,
    pub(crate) http: Client,
}

/// What a program is started with.
pub(crate) struct Start {
    services: String,
    arguments: Vec<String>,
    env: BTreeMap<String, String>,
}

impl Start {
    pub(crate) fn with(services: &str) -> Self {
        Self { services: services.to_owned(), arguments: Vec::new(), env: BTreeMap::new() }
    }
    pub(crate) fn argument(mut self, name: &str, value: &str) -> Self {
        self.arguments.extend([name.to_owned(), value.to_owned()]);
        self
    }
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Starts it and waits until it answers.
    pub(crate) async fn start(self) -> Program {
        let (folder, port) = (folder(), free_port());
        let home = folder.path().join("home");
        std::fs::create_dir(&home).unwrap();
        let file = folder.path().join("services.yaml");
        std::fs::write(&file, &self.services).unwrap();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_castalia-workspace"));
        command.arg("--config").arg(&file).arg("--home").arg(&home);
        command.args(["--listen", &format!("127.0.0.1:{port}"), "--token", "good-token"]);
        if !self.arguments.iter().any(|a| a == "--user") {
            command.args(["--user", "keep"]);
        }
        // `{port}` in a variable is the program's own.
        let env = self.env.iter().map(|(name, value)| (name, value.replace("{port}", &port.to_string())));
        command.args(&self.arguments).envs(env).stdin(Stdio::null());
        for name in ["OPENAI_BASE_URL", "OLLAMA_HOST", "CASTALIA_CHAT_URL"] {
            if !self.env.contains_key(name) {
                command.env_remove(name);
            }
        }
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let mut child = command.spawn().unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let http = client();
        let begun = Instant::now();
        while http.get(format!("{url}/health")).send().await.is_err() {
            let ended = child.try_wait().unwrap();
            let said = || std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "{ended:?} {}", said());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Program { url, port, folder, child, http }
    }
}

impl Program {
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A request without any credentials.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn call(&self, method: Method, path: &str) -> (StatusCode, Value) {
        let answer =
            self.bare(method, path).header("authorization", "token good-token").send().await.unwrap();
        (answer.status(), serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.bare(Method::GET, path).header("authorization", "token good-token").send().await.unwrap()
    }

    pub(crate) async fn service(&self, name: &str) -> Value {
        self.call(Method::GET, &format!("/api/services/{name}")).await.1
    }

    pub(crate) async fn until(&self, name: &str, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let service = self.service(name).await;
            if so(&service) {
                return service;
            }
            assert!(begun.elapsed() < PATIENCE, "{name} is not {what}: {service}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    pub(crate) async fn until_state(&self, name: &str, state: &str) -> Value {
        self.until(name, state, |service| service["state"] == state).await
    }
}

pub(crate) fn signal(pid: i64, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

pub(crate) fn is_alive(pid: i64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// Asks a program to end and waits for it.
pub(crate) fn end(child: &mut Child) -> std::process::ExitStatus {
    let _ = kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::TERM);
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if begun.elapsed() > Duration::from_secs(45) {
            let _ = child.kill();
            return child.wait().unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            end(&mut self.child);
        }
    }
}

/// Answers every request with its head, as text; a request for `/hop` is redirected to `/there`, `/cookie` sets one.
pub(crate) async fn mirror() -> u16 {
    serve(|head| {
        let body = head.replace("\r\n", "\n");
        let more = if head.contains("/hop ") {
            "HTTP/1.1 302 Found\r\nLocation: /there\r\n"
        } else if head.contains("/cookie ") {
            "HTTP/1.1 200 OK\r\nSet-Cookie: theirs=1; Path=/\r\n"
        } else {
            "HTTP/1.1 200 OK\r\n"
        };
        format!("{more}Content-Length: {}\r\n\r\n{body}", body.len())
    })
    .await
}

/// A server on loopback that answers the head of each request, one request for a connection.
pub(crate) async fn serve(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> u16 {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = std::sync::Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut read = Vec::new();
                while !read.windows(4).any(|w| w == b"\r\n\r\n") {
                    if !matches!(stream.read_buf(&mut read).await, Ok(1..)) {
                        return;
                    }
                }
                let end = read.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
                let head = String::from_utf8_lossy(&read[..end]).into_owned();
                let length = head
                    .to_ascii_lowercase()
                    .lines()
                    .find_map(|l| l.strip_prefix("content-length: ")?.trim().parse().ok());
                while read.len() < end + 4 + length.unwrap_or(0_usize) {
                    if !matches!(stream.read_buf(&mut read).await, Ok(1..)) {
                        return;
                    }
                }
                let whole = String::from_utf8_lossy(&read).into_owned();
                let _ = stream
                    .write_all(answer(&whole).replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes())
                    .await;
            });
        }
    });
    port
}
