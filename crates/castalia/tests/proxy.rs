//! `castalia proxy` as JupyterHub's proxy: a real hub, a stock single-user server, a kernel, and things that die.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test")]

use futures::{SinkExt, StreamExt};
use reqwest::{Client, Method, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const PATIENCE: Duration = Duration::from_secs(120);

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn eventually<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) {
    let begun = Instant::now();
    while !so().await {
        assert!(begun.elapsed() < PATIENCE, "waited too long: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, signal);
    }
}

/// The programs of the environment that `scripts/test-jupyterhub` makes.
fn environment() -> PathBuf {
    if let Some(given) = std::env::var_os("CASTALIA_TEST_JUPYTERHUB") {
        return given.into();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/test-jupyterhub");
    let made = Command::new(script).stderr(Stdio::inherit()).output().unwrap();
    assert!(made.status.success(), "scripts/test-jupyterhub failed");
    String::from_utf8(made.stdout).unwrap().trim().into()
}

#[tokio::test]
async fn the_program_starts_answers_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let (port, api_port) = (free_port(), free_port());
    let pid_file = folder.path().join("pid");
    let start = || {
        Command::new(env!("CARGO_BIN_EXE_castalia"))
            .args(["proxy", "--ip", "127.0.0.1", "--port", &port.to_string(), "--api-ip", "127.0.0.1"])
            .args(["--api-port", &api_port.to_string(), "--pid-file"])
            .arg(&pid_file)
            .args(["--custom-header", "X-Way: castalia", "--log-level", "WARN"])
            .env("CONFIGPROXY_AUTH_TOKEN", "secret")
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap()
    };
    let client = Client::new();
    for _ in 0..2 {
        // The second one gets the ports of the first at once.
        let mut child = start();
        let health = format!("http://127.0.0.1:{port}/_chp_healthz");
        eventually("the proxy answers", async || reqwest::get(&health).await.is_ok()).await;
        let routes = format!("http://127.0.0.1:{api_port}/api/routes");
        assert_eq!(client.get(&routes).send().await.unwrap().status(), 403);
        let empty = client.get(&routes).header("authorization", "token secret").send().await.unwrap();
        assert_eq!(empty.json::<Value>().await.unwrap(), json!({}));
        assert_eq!(std::fs::read_to_string(&pid_file).unwrap(), child.id().to_string());
        signal(child.id().cast_signed(), Signal::TERM);
        assert!(child.wait().unwrap().success());
        assert!(!pid_file.exists());
    }
}

/// A hub with our proxy; everything it started is ended with it.
struct Hub {
    folder: TempDir,
    environment: PathBuf,
    port: u16,
    api_port: u16,
    child: Child,
    servers: Vec<i32>,
}

impl Hub {
    fn start() -> Self {
        let environment = environment();
        let program = format!("[\"{}/jupyterhub-singleuser\", \"--allow-root\"]", environment.display());
        Self::spawning(environment, &program)
    }

    /// A hub whose servers are started by this command, a list in Python.
    fn spawning(environment: PathBuf, program: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (port, api_port, hub_port) = (free_port(), free_port(), free_port());
        let home = folder.path().to_str().unwrap();
        let config = format!(
            r#"
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{home}/{{username}}"
c.Spawner.cmd = {program}
c.Spawner.environment = {{"CASTALIA_WORKSPACE_USER": "keep", "CASTALIA_WORKSPACE_SERVICES": "chat"}}
c.ConfigurableHTTPProxy.command = ["{castalia}", "proxy"]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.auth_token = "proxy-secret"
c.ConfigurableHTTPProxy.check_running_interval = 1
c.JupyterHub.services = [{{"name": "tester", "api_token": "tester-secret"}}]
c.JupyterHub.load_roles = [{{
    "name": "tester-role", "services": ["tester"],
    "scopes": ["admin:users", "admin:servers", "admin:server_state", "tokens", "access:servers", "proxy"],
}}]
"#,
            castalia = env!("CARGO_BIN_EXE_castalia"),
        );
        std::fs::write(folder.path().join("config.py"), config).unwrap();
        let child = launch(folder.path(), &environment);
        Self { folder, environment, port, api_port, child, servers: Vec::new() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("hub.log")).unwrap_or_default()
    }

    fn proxy_pid(&self) -> i32 {
        let text =
            std::fs::read_to_string(self.folder.path().join("jupyterhub-proxy.pid")).unwrap_or_default();
        text.lines().next().and_then(|line| line.trim().parse().ok()).unwrap_or_default()
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = Client::new()
            .request(method, self.url(&format!("/hub/api{path}")))
            .header("authorization", "token tester-secret");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    async fn routes(&self) -> Value {
        let url = format!("http://127.0.0.1:{}/api/routes", self.api_port);
        let answer =
            Client::new().get(url).header("authorization", "token proxy-secret").send().await.unwrap();
        answer.json().await.unwrap()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
        signal(self.child.id().cast_signed(), Signal::KILL);
        let _ = self.child.wait();
        signal(self.proxy_pid(), Signal::TERM);
        for server in &self.servers {
            signal(*server, Signal::KILL);
        }
    }
}

fn launch(folder: &Path, environment: &Path) -> Child {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("hub.log")).unwrap();
    let path = format!("{}:{}", environment.display(), std::env::var("PATH").unwrap_or_default());
    Command::new(environment.join("jupyterhub"))
        .args(["-f", "config.py"])
        .current_dir(folder)
        .env("PATH", path)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// A message of Jupyter's protocol.
fn message(kind: &str, content: &Value) -> Message {
    let header = json!({
        "msg_id": kind, "username": "t", "session": "s", "msg_type": kind, "version": "5.3", "date": "2026-01-01T00:00:00Z",
    });
    Message::text(
        json!({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []})
            .to_string(),
    )
}

type Kernel = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// Runs code in a kernel and returns what it shows.
async fn run(kernel: &mut Kernel, code: &str) -> String {
    let content = json!({"code": code, "silent": false, "store_history": false, "user_expressions": {}, "allow_stdin": false});
    kernel.send(message("execute_request", &content)).await.unwrap();
    loop {
        let next = tokio::time::timeout(PATIENCE, kernel.next()).await.expect("the kernel answers");
        let Message::Text(text) = next.expect("the socket is open").unwrap() else { continue };
        let told: Value = serde_json::from_str(&text).unwrap();
        if told["msg_type"] == "execute_result" {
            return told["content"]["data"]["text/plain"].as_str().unwrap_or_default().to_owned();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jupyterhub_uses_it_in_place_of_its_own_proxy() {
    let mut hub = Hub::start();
    let up = async || reqwest::get(hub.url("/hub/api/")).await.is_ok_and(|answer| answer.status() == 200);
    eventually("the hub answers through the proxy", up).await;
    let page = reqwest::get(hub.url("/")).await.unwrap();
    assert!(page.status() == 200 && page.url().path() == "/hub/login", "{}", page.url());

    // A name that must be encoded in addresses.
    assert_eq!(hub.call(Method::POST, "/users/bob@x", None).await.0, 201);
    let (status, _) = hub.call(Method::POST, "/users/bob@x/server", None).await;
    assert!(status == 201 || status == 202, "{status}");
    eventually("bob's server is ready", async || {
        hub.call(Method::GET, "/users/bob@x", None).await.1["servers"][""]["ready"] == true
    })
    .await;
    let (_, bob) = hub.call(Method::GET, "/users/bob@x", None).await;
    let pid = bob["servers"][""]["state"]["pid"].as_i64().unwrap();
    hub.servers.push(i32::try_from(pid).unwrap());
    let (_, known) = hub.call(Method::GET, "/proxy", None).await;
    assert!(known["/user/bob@x/"].is_object(), "{known}");
    let routes = hub.routes().await;
    assert_eq!(routes["/user/bob@x"]["user"], "bob@x");

    // A kernel through the proxied WebSocket.
    let client = Client::new();
    // As a browser writes it; the hub uses the encoded form in its own calls.
    let base = "/user/bob@x/api";
    let begun =
        client.post(hub.url(&format!("{base}/kernels"))).header("authorization", "token tester-secret");
    let begun = begun.json(&json!({"name": "python3"})).send().await.unwrap();
    assert_eq!(begun.status(), 201);
    let id = begun.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    let address = hub.url(&format!("{base}/kernels/{id}/channels")).replace("http:", "ws:");
    let mut request = address.into_client_request().unwrap();
    request.headers_mut().insert("authorization", "token tester-secret".parse().unwrap());
    let mut strict = request.clone();
    let (mut kernel, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(run(&mut kernel, "6 * 7").await, "42");
    let protocol = "v1.kernel.websocket.jupyter.org";
    strict.headers_mut().insert("sec-websocket-protocol", format!("nonsense, {protocol}").parse().unwrap());
    let (_socket, answer) = tokio_tungstenite::connect_async(strict).await.unwrap();
    assert_eq!(answer.headers()["sec-websocket-protocol"], protocol);
    let active = hub.routes().await;
    assert!(
        active["/user/bob@x"]["last_activity"].as_str() > routes["/user/bob@x"]["last_activity"].as_str()
    );

    // The hub dies: its servers and their sockets go on, and the next hub finds them.
    let proxy = hub.proxy_pid();
    signal(hub.child.id().cast_signed(), Signal::KILL);
    hub.child.wait().unwrap();
    assert_eq!(run(&mut kernel, "40 + 3").await, "43");
    let gone = client.get(hub.url("/hub/home")).header("accept", "text/html").send().await.unwrap();
    assert_eq!(gone.status(), 503);
    hub.child = launch(hub.folder.path(), &hub.environment);
    let up = async || reqwest::get(hub.url("/hub/api/")).await.is_ok_and(|answer| answer.status() == 200);
    eventually("the second hub answers", up).await;
    let status = async || {
        let asked =
            client.get(hub.url(&format!("{base}/status"))).header("authorization", "token tester-secret");
        asked.send().await.is_ok_and(|answer| answer.status() == 200)
    };
    eventually("bob's server is reachable", status).await;

    // The proxy dies: the hub starts it again and restores its routes.
    let second = hub.proxy_pid();
    assert!(second != 0 && second != proxy, "the second hub has a proxy of its own");
    signal(second, Signal::KILL);
    eventually("another proxy is there", async || ![0, second].contains(&hub.proxy_pid())).await;
    eventually("bob's server is reachable again", status).await;

    // The server dies: people see the hub's page, with its status.
    signal(hub.servers[0], Signal::KILL);
    eventually("the hub's page is shown", async || {
        let asked =
            client.get(hub.url("/user/bob@x/lab")).header("accept", "text/html").send().await.unwrap();
        asked.status() == 503 && asked.text().await.unwrap().contains("JupyterHub")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jupyterhub_starts_castalia_workspace_as_its_spawners_command() {
    let program = format!("[\"{}\", \"workspace\"]", env!("CARGO_BIN_EXE_castalia"));
    let mut hub = Hub::spawning(environment(), &program);
    let up = async || reqwest::get(hub.url("/hub/api/")).await.is_ok_and(|answer| answer.status() == 200);
    eventually("the hub answers through the proxy", up).await;
    assert_eq!(hub.call(Method::POST, "/users/zoe@x", None).await.0, 201);
    let begun = Instant::now();
    // Far faster than the ten seconds after which the hub would say that it is still pending.
    let (status, answer) = hub.call(Method::POST, "/users/zoe@x/server", None).await;
    assert_eq!(status, 201, "{answer} {:?}", begun.elapsed());
    let (_, zoe) = hub.call(Method::GET, "/users/zoe@x", None).await;
    let pid = zoe["servers"][""]["state"]["pid"].as_i64().unwrap();
    hub.servers.push(i32::try_from(pid).unwrap());
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for path in ["/user/zoe@x/api/status", "/user/zoe%40x/api/status"] {
        let asked =
            client.get(hub.url(path)).header("authorization", "token tester-secret").send().await.unwrap();
        assert_eq!(asked.status(), 200, "{path}");
        let told: Value = asked.json().await.unwrap();
        assert_eq!(
            (told["mode"].as_str(), told["user"].as_str()),
            (Some("jupyterhub"), Some("zoe@x")),
            "{told}"
        );
    }
    let nobody = client.get(hub.url("/user/zoe@x/chat/")).header("accept", "text/html").send().await.unwrap();
    let location = nobody.headers()["location"].to_str().unwrap();
    assert!(nobody.status() == 302 && location.contains("/hub/api/oauth2/authorize?"), "{location}");
    // It ends when the hub asks.
    let (status, _) = hub.call(Method::DELETE, "/users/zoe@x/server", None).await;
    assert!(status == 204 || status == 202, "{status}");
    let gone = async || !Path::new(&format!("/proc/{pid}")).exists();
    eventually("its program has ended", gone).await;
    hub.servers.clear();
}
