//! A real server in a temporary folder on free ports, and a client for it.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "shared by several test programs, each uses a part"
)]

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a test waits for something that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server; killed with the test.
pub(crate) struct Server {
    pub(crate) folder: Arc<TempDir>,
    pub(crate) url: String,
    pub(crate) s3_url: String,
    child: Option<Child>,
    database: Option<String>,
    listen: (u16, u16),
    extra: Vec<String>,
    variables: Vec<(String, String)>,
    pub(crate) token: String,
}

/// Below those that the system gives to outgoing connections, and those that a hub gives to workspaces: a server that is
/// started again finds its port free.
fn free_port() -> u16 {
    static TAKEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut taken = TAKEN.lock().unwrap();
    loop {
        let port = rand::random_range(10_000..20_000);
        if !taken.contains(&port) && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            taken.insert(port);
            return port;
        }
    }
}

fn owned((name, value): &(&str, &str)) -> (String, String) {
    ((*name).to_owned(), (*value).to_owned())
}

/// The interpreter that `make environment` left, if it did.
pub(crate) fn bootstrap_python() -> Option<PathBuf> {
    let given = std::env::var_os("CASTALIA_BOOTSTRAP_PYTHON").map(PathBuf::from);
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/bin/python");
    given.or_else(|| checkout.is_file().then(|| std::path::absolute(checkout).unwrap()))
}

impl Server {
    /// A demo server on SQLite.
    pub(crate) async fn start() -> Self {
        Self::start_with(None, &[], &[]).await
    }

    /// A demo server with a database URL, further arguments and variables.
    pub(crate) async fn start_with(
        database: Option<String>,
        extra: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), database, extra, variables).await
    }

    /// The same in a folder that is there already.
    pub(crate) async fn start_in(
        folder: TempDir,
        database: Option<String>,
        extra: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let listen = (free_port(), free_port());
        let mut server = Self {
            url: format!("http://127.0.0.1:{}", listen.0),
            s3_url: format!("http://127.0.0.1:{}", listen.1),
            folder: Arc::new(folder),
            child: None,
            database,
            listen,
            extra: extra.iter().map(|s| (*s).to_owned()).collect(),
            // A step at which it dies counts for the first time alone.
            variables: variables
                .iter()
                .filter(|(name, _)| *name != "CASTALIA_TEST_KILL_AT")
                .map(owned)
                .collect(),
            token: String::new(),
        };
        server.launch(variables);
        server.ready().await;
        server.token = server.api_token("demo", "demo").await;
        server
    }

    /// A second program on the same folder, on other ports. It is not waited for.
    pub(crate) fn beside(&self) -> Self {
        let listen = (free_port(), free_port());
        let mut server = Self {
            url: format!("http://127.0.0.1:{}", listen.0),
            s3_url: format!("http://127.0.0.1:{}", listen.1),
            folder: self.folder.clone(),
            child: None,
            database: self.database.clone(),
            listen,
            extra: self.extra.clone(),
            variables: self.variables.clone(),
            token: self.token.clone(),
        };
        server.launch(&[]);
        server
    }

    /// Starts the program on the same folder and ports.
    pub(crate) fn launch(&mut self, variables: &[(&str, &str)]) {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.path().join("server.log"))
            .unwrap();
        // Another build of the program can be tested too.
        let program = std::env::var_os("CASTALIA_TEST_PROGRAM");
        let mut command = Command::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_castalia").into()));
        command
            .args(["serve", "--demo", "--data"])
            .arg(self.folder.path().join("data"))
            .args(["--listen", &format!("127.0.0.1:{}", self.listen.0)])
            .args(["--s3-listen", &format!("127.0.0.1:{}", self.listen.1)])
            .args(&self.extra)
            // Most tests count what they made themselves.
            .env("CASTALIA_NO_DEMO_FLOW", "true")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .envs(variables.iter().copied())
            .env("CASTALIA_LOG", "info,castalia=debug")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        if let Some(database) = &self.database {
            command.args(["--database", database]);
        }
        if let Some(python) = bootstrap_python() {
            command.env("CASTALIA_BOOTSTRAP_PYTHON", python);
        }
        self.child = Some(command.spawn().expect("the program starts"));
    }

    /// Waits until it answers.
    pub(crate) async fn ready(&mut self) {
        let begun = Instant::now();
        loop {
            if let Ok(answer) = reqwest::get(format!("{}/health", self.url)).await
                && answer.status().is_success()
            {
                return;
            }
            if let Some(status) = self.child.as_mut().and_then(|c| c.try_wait().unwrap()) {
                panic!("the server ended with {status}:\n{}", self.log());
            }
            assert!(begun.elapsed() < PATIENCE, "the server does not answer:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What the server wrote.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }

    /// SIGKILL, as at the worst moment.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// SIGTERM; waits for the end.
    pub(crate) fn stop(&mut self) -> std::process::ExitStatus {
        let mut child = self.child.take().expect("runs");
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        child.wait().unwrap()
    }

    /// Waits until the server has ended by itself.
    pub(crate) async fn gone(&mut self) {
        let begun = Instant::now();
        while self.child.as_mut().unwrap().try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < PATIENCE, "the server did not reach the step:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.child = None;
    }

    /// Starts it again and waits until it answers.
    pub(crate) async fn restart(&mut self) {
        self.launch(&[]);
        self.ready().await;
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// A token of a user, that outlives the server.
    pub(crate) async fn api_token(&self, user: &str, password: &str) -> String {
        let body = json!({"user": user, "password": password});
        let (status, jwt) = self.call_as("", Method::POST, "/api/auth/token", Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{jwt}");
        let jwt = jwt["access_token"].as_str().unwrap();
        let body = json!({"name": "test", "scopes": ["*"]});
        let (status, token) = self.call_as(jwt, Method::POST, "/api/tokens", Some(body)).await;
        assert!(status.is_success(), "{token}");
        token["secret"].as_str().unwrap().to_owned()
    }

    /// A request with a token (none when empty).
    pub(crate) async fn call_as(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let mut request = reqwest::Client::new().request(method, format!("{}{path}", self.url));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("answers");
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call_as(&self.token, Method::GET, path, None).await;
        assert!(status.is_success(), "GET {path}: {status} {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call_as(&self.token, Method::POST, path, Some(body)).await
    }

    /// Registers shell commands as process types of an environment `test`.
    pub(crate) async fn shell_types(&self, types: &[(&str, &str)]) {
        let types: Vec<Value> = types
            .iter()
            .map(|(name, script)| {
                json!({"name": name, "command": ["sh", "-c", script], "schema": {"type": "object"},
                       "resources": {"cpu_millis": 200, "memory_mb": 64, "storage_mb": 32, "deadline_s": 60}})
            })
            .collect();
        let (status, body) =
            self.post("/api/environments", json!({"name": "test", "manifest": {"types": types}})).await;
        assert!(status.is_success(), "{body}");
    }

    /// Submits a process of project `demo`; returns its id.
    pub(crate) async fn submit(&self, type_name: &str, parameters: Value) -> String {
        let body = json!({"project": "demo", "type": type_name, "parameters": parameters});
        let (status, process) = self.post("/api/processes", body).await;
        assert_eq!(status, StatusCode::CREATED, "{process}");
        process["id"].as_str().unwrap().to_owned()
    }

    /// Waits until the newest version of a process has ended.
    pub(crate) async fn ended(&self, process: &str) -> Value {
        self.until(process, |state| matches!(state, "completed" | "failed" | "cancelled")).await
    }

    /// Waits until the newest version is in such a state.
    pub(crate) async fn until(&self, process: &str, wanted: impl Fn(&str) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let view = self.get(&format!("/api/processes/{process}")).await;
            if wanted(view["state"].as_str().unwrap()) {
                return view;
            }
            assert!(begun.elapsed() < PATIENCE, "still {}: {view}\n{}", view["state"], self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the bootstrap environment and the demo's uploads are there.
    pub(crate) async fn demo_ready(&self) {
        let begun = Instant::now();
        loop {
            let types = self.get("/api/process-types").await;
            let uploads = self.get("/api/uploads?project=demo").await;
            let has = |list: &Value, name: &str| {
                list.as_array()
                    .or(list["items"].as_array())
                    .is_some_and(|l| l.iter().any(|t| t["name"] == name))
            };
            if has(&types, "fft") && has(&uploads, "mauna-loa-co2.csv") {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(180), "no demo:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// All lines of a log, as the server gives them.
    pub(crate) async fn log_lines(&self, process: &str) -> Vec<Value> {
        let answer = reqwest::Client::new()
            .get(format!("{}/api/processes/{process}/logs?follow=true", self.url))
            .bearer_auth(&self.token)
            .header("Accept", "application/x-ndjson")
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success());
        let text = answer.text().await.unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) async fn ledger(&self) -> Value {
        self.get("/api/projects/demo/ledger?limit=500").await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        // Units outlive their server by design; end those of this test.
        let Ok(units) = std::fs::read_dir(self.folder.path().join("data/units")) else {
            return;
        };
        for unit in units.flatten() {
            // One that is just being started is waited for, or its shim would be left without its folder.
            let begun = Instant::now();
            while !unit.path().join("started.json").exists()
                && !unit.path().join("exit.json").exists()
                && begun.elapsed() < Duration::from_secs(2)
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            let started = std::fs::read_to_string(unit.path().join("started.json")).unwrap_or_default();
            let pid = serde_json::from_str::<Value>(&started).ok().and_then(|v| v["pid"].as_i64());
            if let Some(pid) = pid.and_then(|p| rustix::process::Pid::from_raw(p as i32)) {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
    }
}

/// A PostgreSQL server of this test alone, that can be stopped and started again.
pub(crate) struct Postgres(TempDir);

impl Postgres {
    /// Starts one; its URL. `None` (said on stderr) where there is no PostgreSQL for tests.
    pub(crate) fn start() -> Option<(Self, String)> {
        use std::os::unix::fs::PermissionsExt;
        if std::env::var_os("CASTALIA_TEST_POSTGRES").is_none() {
            eprintln!("skipped: CASTALIA_TEST_POSTGRES is not set (`make test` sets it)");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let postgres = Self(folder);
        let url = postgres.script("start").expect("starts");
        Some((postgres, url))
    }

    /// `pause`, `resume` and the like of `scripts/test-postgres`; what it printed, if it went well.
    pub(crate) fn script(&self, action: &str) -> Option<String> {
        let output = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/test-postgres"))
            .arg(action)
            .arg(self.0.path().join("pg"))
            .output()
            .ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.script("stop");
    }
}

/// A small file system over the data folder.
pub(crate) struct Tmpfs(PathBuf);

impl Tmpfs {
    /// `None` when we may not mount.
    pub(crate) fn over(folder: &Path, megabytes: u32) -> Option<Self> {
        std::fs::create_dir_all(folder).ok()?;
        let size = format!("size={megabytes}m");
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder)
            .stderr(Stdio::null())
            .status()
            .ok()?;
        done.success().then(|| Self(folder.to_owned()))
    }

    /// Whether anything can be written there from now on.
    pub(crate) fn writable(&self, may: bool) {
        let options = if may { "remount,rw" } else { "remount,ro" };
        let done = Command::new("mount").args(["-o", options]).arg(&self.0).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
