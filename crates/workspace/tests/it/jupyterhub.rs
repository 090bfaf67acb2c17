//! Under a real JupyterHub, as the command of its spawner, behind this project's proxy.

use crate::support::{PATIENCE, client, eventually, folder, free_port};
use castalia_base::Clock;
use castalia_proxy::chp::{Api, ErrorPages, Public};
use castalia_proxy::server::{Server, ServerConfig, bind};
use castalia_proxy::{RouteOptions, Table};
use futures::{SinkExt, StreamExt};
use reqwest::{Client, Method, Response, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

/// The folder of JupyterHub's programs.
fn programs() -> Option<PathBuf> {
    let given = std::env::var_os("CASTALIA_TEST_JUPYTERHUB").map(PathBuf::from);
    let target = Path::new(env!("CARGO_BIN_EXE_castalia-workspace")).ancestors().nth(2).unwrap();
    let made = target.join("test-jupyterhub/bin");
    let found = given.or_else(|| made.join("jupyterhub").is_file().then_some(made))?;
    let found = if found.join("jupyterhub").is_file() { found } else { found.join("bin") };
    Some(std::path::absolute(found).unwrap())
}

struct Hub {
    folder: TempDir,
    port: u16,
    child: Child,
    servers: Vec<Server>,
    programs: PathBuf,
    http: Client,
}

impl Hub {
    async fn start(programs: PathBuf) -> Self {
        let (folder, hub_port) = (folder(), free_port());
        let table = Arc::new(Table::default());
        let one = |address: &str, handler: Api| {
            let bound = bind(&[address.parse().unwrap()]).unwrap();
            let port = bound.address().unwrap().port();
            let config = ServerConfig { workers: 1, ..ServerConfig::default() };
            (port, Server::start(config, &bound, table.clone(), Clock::system(), Arc::new(handler)).unwrap())
        };
        let api =
            Api::new(table.clone(), Clock::system(), Some("proxy-secret".into()), RouteOptions::default());
        let (api_port, api) = one("127.0.0.1:0", api);
        let bound = bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
        let port = bound.address().unwrap().port();
        let public = Arc::new(Public { pages: ErrorPages::Own });
        let config = ServerConfig { workers: 1, ..ServerConfig::default() };
        let public = Server::start(config, &bound, table.clone(), Clock::system(), public).unwrap();
        let home = folder.path().to_str().unwrap();
        let services = "services:\n- {name: lab, use: lab}\n- {name: chat, use: chat}\n";
        std::fs::write(folder.path().join("services.yaml"), services).unwrap();
        let config = format!(
            r#"
import os
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {{"boss"}}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{home}/{{username}}"
c.Spawner.cmd = ["{program}"]
c.Spawner.environment = {{
    "PATH": "{path}:" + os.environ["PATH"],
    "CASTALIA_WORKSPACE_CONFIG": "{home}/services.yaml",
    "CASTALIA_WORKSPACE_USER": "keep",
    "JUPYTERHUB_ACTIVITY_INTERVAL": "1",
}}
c.Spawner.http_timeout = 120
c.Spawner.start_timeout = 120
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.auth_token = "proxy-secret"
c.JupyterHub.services = [{{"name": "tester", "api_token": "tester-secret"}}]
c.JupyterHub.load_roles = [{{
    "name": "tester-role", "services": ["tester"],
    "scopes": ["admin:users", "admin:servers", "tokens", "read:users:activity"],
}}]
"#,
            program = env!("CARGO_BIN_EXE_castalia-workspace"),
            path = programs.display(),
        );
        std::fs::write(folder.path().join("config.py"), config).unwrap();
        let log = std::fs::File::create(folder.path().join("hub.log")).unwrap();
        let child = Command::new(programs.join("jupyterhub"))
            .args(["-f", "config.py"])
            .current_dir(folder.path())
            .env("PATH", format!("{}:{}", programs.display(), std::env::var("PATH").unwrap()))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let hub = Self { folder, port, child, servers: vec![public, api], programs, http: client() };
        eventually("the hub answers", async || {
            hub.http.get(hub.url("/hub/api/")).send().await.is_ok_and(|a| a.status() == StatusCode::OK)
        })
        .await;
        hub
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("hub.log")).unwrap_or_default()
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, self.url(&format!("/hub/api{path}")));
        request = request.header("authorization", "token tester-secret");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    /// Makes a user and starts their server; returns how long that took.
    async fn spawn(&self, user: &str) -> Duration {
        self.call(Method::POST, &format!("/users/{user}"), None).await;
        let begun = Instant::now();
        let (status, answer) = self.call(Method::POST, &format!("/users/{user}/server"), None).await;
        assert!(
            status == StatusCode::CREATED || status == StatusCode::ACCEPTED,
            "{status} {answer}\n{}",
            self.log()
        );
        eventually("the server is ready", async || {
            self.call(Method::GET, &format!("/users/{user}"), None).await.1["servers"][""]["ready"] == true
        })
        .await;
        begun.elapsed()
    }

    async fn token(&self, user: &str) -> String {
        let body = json!({"scopes": ["access:servers", "inherit"], "note": "a test"});
        let body = if user == "boss" { body } else { json!({"note": "a test"}) };
        let (status, made) = self.call(Method::POST, &format!("/users/{user}/tokens"), Some(body)).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        made["token"].as_str().unwrap().to_owned()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // The hub ends its servers with itself.
        let pid = Pid::from_raw(self.child.id().cast_signed()).unwrap();
        let _ = kill_process(pid, Signal::TERM);
        let begun = Instant::now();
        while self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            if begun.elapsed() > Duration::from_secs(60) {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        self.servers.drain(..).for_each(Server::stop);
    }
}

/// A browser without a window: keeps cookies with their paths, follows redirects one by one.
struct Browser {
    http: Client,
    base: String,
    cookies: BTreeMap<(String, String), String>,
}

impl Browser {
    fn of(hub: &Hub) -> Self {
        Self { http: hub.http.clone(), base: hub.url(""), cookies: BTreeMap::new() }
    }

    fn header(&self, path: &str) -> String {
        let fits = self.cookies.iter().filter(|((of, _), _)| path.starts_with(of.as_str()));
        fits.map(|((_, name), value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, answer: &Response) {
        for set in answer.headers().get_all("set-cookie") {
            let mut parts = set.to_str().unwrap().split(';').map(str::trim);
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let rest: Vec<&str> = parts.collect();
            let path = rest.iter().find_map(|p| p.strip_prefix("Path=")).unwrap_or("/").to_owned();
            let gone = rest.contains(&"Max-Age=0") || value.is_empty() || value == "\"\"";
            if gone {
                self.cookies.remove(&(path, name.to_owned()));
            } else {
                self.cookies.insert((path, name.to_owned()), value.to_owned());
            }
        }
    }

    async fn get(&mut self, path: &str) -> Response {
        let request = self.http.get(format!("{}{path}", self.base)).header("cookie", self.header(path));
        let answer =
            request.header("accept", "text/html").header("sec-fetch-mode", "navigate").send().await.unwrap();
        self.keep(&answer);
        answer
    }

    async fn go(&mut self, path: &str) -> (Response, Vec<String>) {
        let mut way = vec![path.to_owned()];
        loop {
            let answer = self.get(&way[way.len() - 1].clone()).await;
            let Some(location) = answer.headers().get("location") else { return (answer, way) };
            assert!(way.len() < 12, "goes round in circles: {way:?}");
            let location = location.to_str().unwrap();
            way.push(location.strip_prefix(&self.base).unwrap_or(location).to_owned());
        }
    }

    async fn sign_in(&mut self, user: &str) {
        self.go("/hub/login").await;
        let xsrf = self
            .cookies
            .iter()
            .find(|((_, name), _)| name == "_xsrf")
            .map(|(_, v)| v.clone())
            .unwrap_or_default();
        let form = [("username", user), ("password", "x"), ("_xsrf", &xsrf)];
        let request =
            self.http.post(format!("{}/hub/login", self.base)).header("cookie", self.header("/hub/login"));
        let answer = request.form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FOUND, "{:?}", answer.text().await);
        self.keep(&answer);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_jupyterhub_spawns_it_and_signs_people_in() {
    let Some(programs) = programs() else {
        eprintln!("skipped: JupyterHub is not installed (`scripts/test-jupyterhub` installs it)");
        return;
    };
    let hub = Hub::start(programs).await;
    let took = hub.spawn("ada").await;
    eprintln!("ready after {} ms", took.as_millis());

    // A person comes in over OAuth with PKCE, without a page that asks for consent.
    let mut ada = Browser::of(&hub);
    ada.sign_in("ada").await;
    let (page, way) = ada.go("/user/ada/services").await;
    assert_eq!(page.status(), StatusCode::OK, "{way:?}\n{}", hub.log());
    assert!(
        way.iter()
            .any(|w| w.contains("/hub/api/oauth2/authorize") && w.contains("code_challenge_method=S256")),
        "{way:?}"
    );
    assert_eq!(way.last().unwrap(), "/user/ada/services");
    assert!(page.text().await.unwrap().contains("Signed in as ada."));
    let cookie = ada.cookies.iter().find(|((_, name), _)| name == "jupyterhub-user-ada").unwrap();
    assert_eq!(cookie.0.0, "/user/ada/", "the cookie stays on the server's path");
    assert!(
        !ada.cookies.keys().any(|(_, name)| name.contains("oauth-state")),
        "a state works once: {:?}",
        ada.cookies
    );
    // The same callback again is refused, as is one without the cookie of the browser that left.
    let callback = way.iter().find(|w| w.contains("/oauth_callback?")).unwrap().clone();
    assert_eq!(ada.get(&callback).await.status(), StatusCode::FORBIDDEN);

    // JupyterLab behind it, with a kernel over a WebSocket.
    let mut begun = Instant::now();
    loop {
        let lab = ada.get("/user/ada/jupyter/lab").await;
        if lab.status() == StatusCode::OK {
            assert!(lab.text().await.unwrap().contains("JupyterLab"));
            break;
        }
        assert_eq!(lab.status(), StatusCode::SERVICE_UNAVAILABLE, "{}", hub.log());
        assert!(begun.elapsed() < PATIENCE, "JupyterLab does not start\n{}", hub.log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let token = hub.token("ada").await;
    let authorized = async |method: Method, path: &str, token: &str| {
        let request =
            hub.http.request(method, hub.url(path)).header("authorization", format!("token {token}"));
        let answer = request.send().await.unwrap();
        (answer.status(), serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap_or_default())
    };
    // Jupyter's own check of XSRF is in force: its cookie and its header must agree.
    ada.get("/user/ada/jupyter/lab").await;
    let path = "/user/ada/jupyter/api/kernels";
    let post = |xsrf: Option<&str>| {
        let mut request =
            hub.http.post(hub.url(path)).header("cookie", ada.header(path)).json(&json!({"name": "python3"}));
        if let Some(xsrf) = xsrf {
            request = request.header("x-xsrftoken", xsrf);
        }
        request.send()
    };
    assert_eq!(post(None).await.unwrap().status(), StatusCode::FORBIDDEN);
    let xsrf = ada
        .cookies
        .iter()
        .find(|((p, n), _)| n == "_xsrf" && p.starts_with("/user/ada/jupyter"))
        .unwrap()
        .1
        .clone();
    let kernel = post(Some(&xsrf)).await.unwrap();
    assert_eq!(kernel.status(), StatusCode::CREATED);
    let kernel: Value = kernel.json().await.unwrap();
    let channels = format!("/user/ada/jupyter/api/kernels/{}/channels", kernel["id"].as_str().unwrap());
    let socket = |cookie: Option<String>| {
        let mut request = format!("ws://127.0.0.1:{}{channels}", hub.port).into_client_request().unwrap();
        if let Some(cookie) = cookie {
            request.headers_mut().insert("cookie", cookie.parse().unwrap());
        }
        tokio_tungstenite::connect_async(request)
    };
    assert!(matches!(socket(None).await, Err(Error::Http(answer)) if answer.status() == 403));
    let (mut open, _) = socket(Some(ada.header(&channels))).await.unwrap();
    let header = json!({"msg_id": "m1", "msg_type": "execute_request", "session": "s", "username": "t", "version": "5.3"});
    let content = json!({"code": "6 * 7", "silent": false, "store_history": false, "user_expressions": {}, "allow_stdin": false});
    let message = json!({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []});
    open.send(Message::text(message.to_string())).await.unwrap();
    begun = Instant::now();
    loop {
        assert!(begun.elapsed() < PATIENCE, "no result");
        let Ok(Some(Ok(Message::Text(text)))) = tokio::time::timeout(PATIENCE, open.next()).await else {
            continue;
        };
        let message: Value = serde_json::from_str(&text).unwrap();
        if message["content"]["data"]["text/plain"] == "42" {
            break;
        }
    }
    drop(open);
    // A program with a token makes kernels as well, and opens their sockets with the token in the address.
    let (code, made) = {
        let request = hub.http.post(hub.url(path)).header("authorization", format!("token {token}"));
        let answer = request.json(&json!({"name": "python3"})).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    assert_eq!(code, StatusCode::CREATED, "{made}");
    let address = format!("ws://127.0.0.1:{}{channels}?token={token}", hub.port);
    assert!(tokio_tungstenite::connect_async(address).await.is_ok());

    // Tokens: the owner's works, another user's does not, an administrator's does, nobody's does not.
    let status = "/user/ada/api/status";
    let (code, told) = authorized(Method::GET, status, &token).await;
    assert_eq!(
        (code, told["mode"].as_str(), told["user"].as_str()),
        (StatusCode::OK, Some("jupyterhub"), Some("ada"))
    );
    hub.call(Method::POST, "/users/eve", None).await;
    hub.call(Method::POST, "/users/boss", Some(json!({"admin": true}))).await;
    let (eve, boss) = (hub.token("eve").await, hub.token("boss").await);
    assert_eq!(authorized(Method::GET, status, &eve).await.0, StatusCode::FORBIDDEN);
    assert_eq!(authorized(Method::GET, status, &boss).await.0, StatusCode::OK);
    assert_eq!(authorized(Method::GET, status, "nonsense").await.0, StatusCode::FORBIDDEN);
    assert_eq!(hub.http.get(hub.url(status)).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let by_query = hub.http.get(hub.url(&format!("{status}?token={token}"))).send().await.unwrap();
    assert_eq!(by_query.status(), StatusCode::FORBIDDEN, "a token in an address is for WebSockets only");
    let ready = hub.http.get(hub.url("/user/ada/api")).send().await.unwrap();
    assert_eq!(
        (ready.status(), ready.headers()["x-jupyterhub-version"].to_str().unwrap()),
        (StatusCode::OK, "6.1.1")
    );
    // Somebody else's browser is told, and not sent around for ever. Ada's cookie is of no use elsewhere.
    let mut eve = Browser::of(&hub);
    eve.sign_in("eve").await;
    let (page, way) = eve.go("/user/ada/services").await;
    assert_eq!(page.status(), StatusCode::FORBIDDEN, "{way:?}");

    // The hub learns of activity.
    let before = hub.call(Method::GET, "/users/ada", None).await.1["servers"][""]["last_activity"].clone();
    tokio::time::sleep(Duration::from_millis(20)).await;
    ada.get("/user/ada/services").await;
    eventually("activity is told", async || {
        let now = hub.call(Method::GET, "/users/ada", None).await.1["servers"][""]["last_activity"].clone();
        now.as_str() > before.as_str()
    })
    .await;

    // Signing out at the hub ends it here as well.
    let (page, _) = ada.go("/user/ada/logout").await;
    assert!(page.status().is_success(), "{}", page.status());
    let (page, way) = ada.go("/user/ada/services").await;
    assert!(way.last().unwrap().starts_with("/hub/login"), "{way:?} {}", page.status());

    // It stops with its services when the hub asks, and leaves nothing.
    let kernels = || {
        let found = Command::new("pgrep").args(["-f", hub.folder.path().to_str().unwrap()]).output().unwrap();
        String::from_utf8_lossy(&found.stdout).lines().count()
    };
    let running = kernels();
    let (code, answer) = hub.call(Method::DELETE, "/users/ada/server", None).await;
    assert!(code == StatusCode::NO_CONTENT || code == StatusCode::ACCEPTED, "{code} {answer}");
    eventually("the server is gone", async || {
        hub.call(Method::GET, "/users/ada", None).await.1["servers"]
            .as_object()
            .is_none_or(serde_json::Map::is_empty)
    })
    .await;
    assert!(kernels() < running, "something was left behind; {}", hub.programs.display());
}
