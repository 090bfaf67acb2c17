//! A Castalia server in a temporary folder on free ports.

use crate::http::Connection;
use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program and what it needs.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The binary of Castalia.
    pub(crate) castalia: PathBuf,
    /// This binary, which also prints log lines.
    pub(crate) own: PathBuf,
    /// Interpreter of the bootstrap environment.
    pub(crate) python: Option<PathBuf>,
    /// `postgres://…` instead of SQLite.
    pub(crate) database: Option<String>,
}

/// A running server. Dropping it ends it, and the units that it left.
pub(crate) struct Server {
    pub(crate) http: SocketAddr,
    pub(crate) token: String,
    /// From starting the program to the first good answer of `/health`.
    pub(crate) first_answer: Duration,
    data: PathBuf,
    child: Child,
}

/// An address nobody listens on.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

impl Server {
    /// Starts a demo server on a folder and waits for its first answer.
    pub(crate) async fn start(program: &Program, data: &Path, sandbox: &str) -> Result<Self> {
        let (http, s3) = (free_address()?, free_address()?);
        std::fs::create_dir_all(data)?;
        let log = std::fs::OpenOptions::new().create(true).append(true).open(data.with_extension("log"))?;
        let mut command = Command::new(&program.castalia);
        command.args(["serve", "--demo", "--sandbox", sandbox, "--data"]).arg(data);
        command.args(["--listen", &http.to_string(), "--s3-listen", &s3.to_string()]);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        for name in ["CASTALIA_LOG", "CASTALIA_TEST_KILL_AT", "CASTALIA_DATABASE"] {
            command.env_remove(name);
        }
        if let Some(python) = &program.python {
            command.arg("--bootstrap-python").arg(python);
        }
        if let Some(database) = &program.database {
            command.args(["--database", database]);
        }
        let begun = Instant::now();
        let child = command.spawn().with_context(|| format!("starting {}", program.castalia.display()))?;
        let mut server =
            Self { http, token: String::new(), first_answer: Duration::ZERO, data: data.to_owned(), child };
        server.wait_for_answer(begun).await?;
        server.first_answer = begun.elapsed();
        server.token = server.make_token().await?;
        Ok(server)
    }

    async fn wait_for_answer(&mut self, begun: Instant) -> Result<()> {
        loop {
            if let Ok(mut connection) = Connection::open(self.http, "").await
                && let Ok(answer) = connection.call("GET", "/health", "").await
                && answer.status == 200
            {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}:\n{}", self.log());
            }
            ensure!(begun.elapsed() < Duration::from_secs(30), "the server does not answer:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn make_token(&self) -> Result<String> {
        let mut connection = Connection::open(self.http, "").await?;
        let body = json!({"user": "demo", "password": "demo"}).to_string();
        let jwt = connection.json("POST", "/api/auth/token", &body).await?;
        let mut connection =
            Connection::open(self.http, jwt["access_token"].as_str().context("no token")?).await?;
        let body = json!({"name": format!("bench-{}", std::process::id()), "scopes": ["*"]}).to_string();
        let token = connection.json("POST", "/api/tokens", &body).await?;
        Ok(token["secret"].as_str().context("no secret")?.to_owned())
    }

    /// A connection with the token.
    pub(crate) async fn connect(&self) -> Result<Connection> {
        Connection::open(self.http, &self.token).await
    }

    /// Waits until the demo's process types and data are there.
    pub(crate) async fn demo_ready(&self) -> Result<()> {
        let begun = Instant::now();
        let mut connection = self.connect().await?;
        loop {
            let types = connection.json("GET", "/api/process-types", "").await?;
            if types.as_array().is_some_and(|types| types.iter().any(|t| t["name"] == "fft")) {
                return Ok(());
            }
            ensure!(
                begun.elapsed() < Duration::from_secs(240),
                "the demo does not get ready:\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Makes a project with plenty of credit; returns its id.
    pub(crate) async fn project(&self, name: &str, limits: Value) -> Result<String> {
        let body = json!({"name": name, "credits": 1_000_000_000_000_i64, "limits": limits}).to_string();
        let project = self.connect().await?.json("POST", "/api/projects", &body).await?;
        Ok(project["id"].as_str().context("no id")?.to_owned())
    }

    /// Registers native programs as process types: name, command.
    pub(crate) async fn native_types(&self, types: &[(&str, &[&str])], memory_mb: u64) -> Result<()> {
        let types: Vec<Value> = types
            .iter()
            .map(|(name, command)| {
                json!({"name": name, "command": command, "schema": {"type": "object"},
                       "resources": {"cpu_millis": 50, "memory_mb": memory_mb, "storage_mb": 4096, "deadline_s": 60}})
            })
            .collect();
        let body = json!({"name": "bench", "manifest": {"types": types}}).to_string();
        self.connect().await?.json("POST", "/api/environments", &body).await.map(|_| ())
    }

    /// Nothing may be held when nothing runs: the books are in order.
    pub(crate) async fn check_books(&self, project: &str) -> Result<()> {
        let ledger =
            self.connect().await?.json("GET", &format!("/api/projects/{project}/ledger?limit=1"), "").await?;
        ensure!(ledger["held"] == 0, "credit is still held after all has ended: {ledger}");
        Ok(())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The server's own log.
    pub(crate) fn log(&self) -> String {
        let text = std::fs::read_to_string(self.data.with_extension("log")).unwrap_or_default();
        let skip = text.len().saturating_sub(4000);
        text.get(skip..).unwrap_or_default().to_owned()
    }

    /// Ends it.
    pub(crate) fn stop(self) {}
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child, Duration::from_secs(15));
        // Units outlive their server by design; end those of this run.
        for unit in std::fs::read_dir(self.data.join("units")).into_iter().flatten().flatten() {
            let started = std::fs::read_to_string(unit.path().join("started.json")).unwrap_or_default();
            let pid = serde_json::from_str::<Value>(&started)
                .ok()
                .and_then(|v| i32::try_from(v["pid"].as_i64()?).ok());
            if let Some(pid) = pid.and_then(Pid::from_raw) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        // Its control groups stay behind, empty; the next server on the folder makes them again.
        let installation = std::fs::read_to_string(self.data.join("installation")).unwrap_or_default();
        for base in ["", "memory/", "cpu/"] {
            let _ = std::fs::remove_dir(format!("/sys/fs/cgroup/{base}castalia-{}", installation.trim()));
        }
    }
}

/// SIGTERM, patience, SIGKILL.
pub(crate) fn end(child: &mut Child, patience: Duration) {
    let _ = kill_process(Pid::from_child(child), Signal::TERM);
    let begun = Instant::now();
    while begun.elapsed() < patience {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
}
