//! A stock `jupyterhub-singleuser` with JupyterLab as a workspace, and JupyterHub's own idle culler and API against us.
//! `scripts/test-jupyterhub` installs them from PyPI; without them the tests say that they were skipped.

mod support;

use futures::{SinkExt, StreamExt};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use support::Server;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

/// JupyterLab takes seconds to import on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// The folder of JupyterHub's programs.
fn programs() -> Option<PathBuf> {
    let given = std::env::var_os("CASTALIA_TEST_JUPYTERHUB").map(PathBuf::from);
    let target = Path::new(env!("CARGO_BIN_EXE_castalia")).ancestors().nth(2).expect("a folder");
    let made = target.join("test-jupyterhub/bin");
    let found = given.or_else(|| made.join("jupyterhub-singleuser").is_file().then_some(made));
    if found.is_none() {
        eprintln!("skipped: JupyterHub is not installed (`scripts/test-jupyterhub` installs it)");
    }
    found.map(|folder| std::path::absolute(folder).expect("a path"))
}

async fn server(programs: &Path) -> Server {
    let path = programs.display().to_string();
    Server::start_with(None, &["--workspace-path", &path], &[]).await
}

async fn open_lab(server: &Server) -> Value {
    let (status, view) =
        server.post("/api/workspaces", json!({"service": "lab", "project": "demo", "new": true})).await;
    assert_eq!(status, StatusCode::OK, "{view}");
    let id = view["id"].as_str().expect("an id").to_owned();
    let begun = Instant::now();
    loop {
        let view = server.get(&format!("/api/workspaces/{id}")).await;
        match view["state"].as_str().expect("a state") {
            "ready" => return view,
            "failed" | "stopped" => {
                let logs = server.get(&format!("/api/workspaces/{id}/logs?tail=true")).await;
                panic!("{view}\n{logs:#}\n{}", server.log());
            }
            _ => {}
        }
        assert!(begun.elapsed() < PATIENCE, "{view}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A browser: keeps cookies, follows redirects one by one.
struct Browser {
    http: reqwest::Client,
    url: String,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    async fn sign_in(server: &Server) -> Self {
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let mut browser = Self { http, url: server.url.clone(), cookies: BTreeMap::new() };
        let login = browser.http.post(format!("{}/api/auth/login", browser.url));
        let login = login.json(&json!({"user": "demo", "password": "demo"})).send().await.expect("answers");
        assert_eq!(login.status(), StatusCode::OK);
        browser.keep(&login);
        browser
    }

    fn keep(&mut self, answer: &Response) {
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    async fn get(&mut self, path: &str) -> Response {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let address = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let request =
            self.http.get(address).header("cookie", cookies.join("; ")).header("accept", "text/html");
        let answer = request.header("sec-fetch-mode", "navigate").send().await.expect("answers");
        self.keep(&answer);
        answer
    }

    /// Follows redirects; returns the last answer and the way there.
    async fn go(&mut self, path: &str) -> (Response, Vec<String>) {
        let mut way = vec![path.to_owned()];
        loop {
            let answer = self.get(&way[way.len() - 1].clone()).await;
            let Some(location) = answer.headers().get("location") else { return (answer, way) };
            assert!(way.len() < 12, "goes round in circles: {way:?}");
            way.push(location.to_str().expect("text").to_owned());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jupyterlab_runs_unchanged_with_login_and_kernel() {
    let Some(programs) = programs() else { return };
    let server = server(&programs).await;
    let view = open_lab(&server).await;
    let path = view["path"].as_str().expect("a path").to_owned();

    // A person: one login for both, over OAuth with PKCE.
    let mut browser = Browser::sign_in(&server).await;
    let (page, way) = browser.go(&format!("{path}lab")).await;
    assert_eq!(page.status(), StatusCode::OK, "{way:?}");
    assert!(
        way.iter().any(|w| w.contains("/hub/api/oauth2/authorize") && w.contains("code_challenge=")),
        "{way:?}"
    );
    let framing = page.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(framing.contains("frame-ancestors 'self'"), "it can't be shown in a pane: {framing}");
    let html = page.text().await.expect("text");
    assert!(html.contains("JupyterLab"), "{html}");
    // The program never saw our own cookie.
    assert!(browser.cookies.contains_key("castalia_session"));

    // A program: a kernel through the proxied WebSocket.
    let kernels = format!("{path}api/kernels");
    let (status, kernel) = server.post(&kernels, json!({"name": "python3"})).await;
    assert_eq!(status, StatusCode::CREATED, "{kernel}");
    let id = kernel["id"].as_str().expect("an id");
    let result = execute(&server, &format!("{kernels}/{id}/channels"), "6 * 7").await;
    assert_eq!(result, "42");

    // What the program may do with our API: its own workspace and nothing else.
    let secret = execute(
        &server,
        &format!("{kernels}/{id}/channels"),
        "import os; os.environ['JUPYTERHUB_API_TOKEN']",
    )
    .await;
    let secret = secret.trim_matches('\'').to_owned();
    assert!(secret.starts_with("cas_"), "{secret}");
    let asked = server.call_as(&secret, Method::GET, "/hub/api/user", None).await;
    assert_eq!(asked.0, StatusCode::OK, "{}", asked.1);
    let scope = format!("access:servers!server=demo/{}", view["name"].as_str().expect("a name"));
    assert!(asked.1["scopes"].as_array().expect("scopes").contains(&json!(scope)), "{}", asked.1);
    for (method, forbidden) in [
        (Method::GET, "/api/workspaces"),
        (Method::GET, "/api/projects"),
        (Method::POST, "/api/tokens"),
        (Method::GET, "/hub/api/users"),
    ] {
        let (status, answer) = server.call_as(&secret, method, forbidden, Some(json!({}))).await;
        let others = |items: &Vec<Value>| items.iter().any(|w| w["id"] != view["id"]);
        let own = status == StatusCode::OK && !answer["items"].as_array().is_none_or(others);
        assert!(status == StatusCode::FORBIDDEN || own, "{forbidden}: {status} {answer}");
    }
    // What its definition allows its programs, in its own project and as its owner.
    let api = execute(&server, &format!("{kernels}/{id}/channels"), "os.environ['CASTALIA_TOKEN']").await;
    let api = api.trim_matches('\'').to_owned();
    assert_eq!(
        server.call_as(&api, Method::GET, "/api/processes?project=demo", None).await.0,
        StatusCode::OK
    );
    for forbidden in ["/api/users", "/api/tokens", "/api/workspaces", "/hub/api/users"] {
        let (status, answer) = server.call_as(&api, Method::GET, forbidden, None).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{forbidden}: {answer}");
    }

    // They die with the run.
    let one = format!("/api/workspaces/{}", view["id"].as_str().expect("an id"));
    server.post(&format!("{one}/stop"), json!({})).await;
    let begun = Instant::now();
    while server.get(&one).await["state"] != "stopped" {
        assert!(begun.elapsed() < PATIENCE, "does not stop\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(server.call_as(&secret, Method::GET, "/hub/api/user", None).await.0, StatusCode::FORBIDDEN);
    assert_eq!(
        server.call_as(&api, Method::GET, "/api/processes?project=demo", None).await.0,
        StatusCode::UNAUTHORIZED
    );
    let (page, _) = browser.go(&format!("{path}lab")).await;
    assert_eq!(page.status(), StatusCode::FAILED_DEPENDENCY);
    assert!(page.text().await.expect("text").contains("is not running"));
}

/// Runs code on a kernel through the WebSocket; returns its result as text.
async fn execute(server: &Server, path: &str, code: &str) -> String {
    let address = format!("{}{path}", server.url.replace("http://", "ws://"));
    let mut request = address.into_client_request().expect("a request");
    request
        .headers_mut()
        .insert("authorization", format!("Bearer {}", server.token).parse().expect("a header"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("opens");
    let header = json!({"msg_id": "m1", "msg_type": "execute_request", "session": "s", "username": "t", "version": "5.3"});
    let content = json!({"code": code, "silent": false, "store_history": true, "user_expressions": {}, "allow_stdin": false});
    let message = json!({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []});
    socket.send(Message::text(message.to_string())).await.expect("sends");
    let mut result = String::new();
    let wait = async {
        while let Some(Ok(message)) = socket.next().await {
            let Message::Text(text) = message else { continue };
            let message: Value = serde_json::from_str(&text).expect("JSON");
            if message["parent_header"]["msg_id"] != "m1" {
                continue;
            }
            match message["msg_type"].as_str().or(message["header"]["msg_type"].as_str()) {
                Some("execute_result") => {
                    result = message["content"]["data"]["text/plain"].as_str().expect("text").to_owned()
                }
                Some("error") => panic!("{message}"),
                Some("status") if message["content"]["execution_state"] == "idle" => return,
                _ => {}
            }
        }
        panic!("the socket ended\n{}", server.log());
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("the kernel answers");
    result
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_idle_culler_of_jupyterhub_works_against_us() {
    let Some(programs) = programs() else { return };
    let server = server(&programs).await;
    let view = open_lab(&server).await;
    let culler = || {
        let mut command = Command::new(programs.join("python"));
        command.args([
            "-m",
            "jupyterhub_idle_culler",
            "--timeout=1",
            "--cull-every=1",
            "--cull-admin-users=false",
        ]);
        command.arg(format!("--url={}/hub/api", server.url)).env("JUPYTERHUB_API_TOKEN", &server.token);
        command.stdout(std::process::Stdio::null());
        command.spawn().expect("starts")
    };
    let mut running = culler();
    let one = format!("/api/workspaces/{}", view["id"].as_str().expect("an id"));
    let begun = Instant::now();
    let culled = loop {
        let now = server.get(&one).await;
        if now["state"] == "stopped" || begun.elapsed() > PATIENCE {
            break now;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    running.kill().expect("ends");
    running.wait().expect("ends");
    assert_eq!(
        (culled["state"].as_str(), culled["reason_code"].as_str()),
        (Some("stopped"), Some("asked")),
        "{culled}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_of_jupyterhub_find_its_api() {
    let Some(programs) = programs() else { return };
    let server = server(&programs).await;
    let call = |method: Method, path: &str, body: Option<Value>| {
        let (request, token) = (
            reqwest::Client::new().request(method, format!("{}/hub/api{path}", server.url)),
            server.token.clone(),
        );
        let request = request.header("authorization", format!("token {token}"));
        async move {
            let request = match body {
                Some(body) => request.json(&body),
                None => request,
            };
            let answer = request.send().await.expect("answers");
            let status = answer.status().as_u16();
            (status, serde_json::from_str::<Value>(&answer.text().await.expect("text")).unwrap_or_default())
        }
    };
    assert_eq!(call(Method::GET, "", None).await.1["version"], "6.1.1");
    assert_eq!(call(Method::GET, "/user", None).await.1["name"], "demo");
    let (status, made) = call(Method::POST, "/users", Some(json!({"usernames": ["ada", "bob"]}))).await;
    assert_eq!((status, made.as_array().map(Vec::len)), (201, Some(2)), "{made}");
    assert_eq!(call(Method::POST, "/users/ada", None).await.0, 409);
    let (_, all) = call(Method::GET, "/users?limit=1&offset=1&sort=name", None).await;
    assert_eq!(all.as_array().map(|l| (l.len(), l[0]["name"].as_str())), Some((1, Some("bob"))), "{all}");
    assert_eq!(call(Method::GET, "/users/nobody", None).await.0, 404);
    assert_eq!(call(Method::GET, "/users?state=odd", None).await.0, 400);

    let (status, token) =
        call(Method::POST, "/users/demo/tokens", Some(json!({"note": "script", "expires_in": 60}))).await;
    assert_eq!(status, 201, "{token}");
    let id = token["id"].as_str().expect("an id");
    let found = call(Method::GET, &format!("/users/demo/tokens/{id}"), None).await;
    assert_eq!((found.0, found.1["note"].as_str()), (200, Some("script")));
    assert_eq!(call(Method::DELETE, &format!("/users/demo/tokens/{id}"), None).await.0, 204);

    // A server by its JupyterHub name: the name of a service opens one.
    let (status, started) =
        call(Method::POST, "/users/demo/servers/lab", Some(json!({"project": "demo"}))).await;
    assert!(matches!(status, 201 | 202), "{status} {started}");
    let name = started["name"].as_str().expect("a name").to_owned();
    let begun = Instant::now();
    loop {
        let (status, model) = call(Method::GET, &format!("/users/demo/servers/{name}"), None).await;
        assert_eq!(status, 200);
        if model["ready"] == true {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{model}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(call(Method::POST, &format!("/users/demo/servers/{name}"), None).await.0, 400, "runs already");
    let (_, me) = call(Method::GET, "/users/demo", None).await;
    assert_eq!(
        (me["server"].as_str(), me["servers"][&name]["pending"].clone()),
        (Some(format!("/user/demo/{name}/").as_str()), Value::Null),
        "{me}"
    );
    let (_, ready) = call(Method::GET, "/users?state=ready", None).await;
    assert_eq!(ready.as_array().map(Vec::len), Some(1));

    let far = json!({"servers": {&name: {"last_activity": "2099-01-01T00:00:00Z"}}});
    for (body, status) in [
        (json!({}), 400),
        (far, 400),
        (json!({"servers": {"other": {"last_activity": "2020-01-01T00:00:00Z"}}}), 400),
    ] {
        assert_eq!(call(Method::POST, "/users/demo/activity", Some(body)).await.0, status);
    }
    let told = json!({"servers": {&name: {"last_activity": "2020-01-01T00:00:00Z"}}, "last_activity": "2020-01-01T00:00:00Z"});
    assert_eq!(call(Method::POST, "/users/demo/activity", Some(told)).await.0, 200);
    let (status, gone) =
        call(Method::DELETE, &format!("/users/demo/servers/{name}"), Some(json!({"remove": true}))).await;
    assert!(matches!(status, 204 | 202), "{status} {gone}");
    assert_eq!(call(Method::GET, "/users/ada/tokens", None).await.0, 200);
    assert_eq!(call(Method::DELETE, "/users/bob", None).await.0, 204);

    // Nobody is 403, as JupyterHub's servers expect it.
    for (method, path) in [
        (Method::GET, "/user"),
        (Method::GET, "/users"),
        (Method::GET, "/users/demo"),
        (Method::DELETE, "/users/demo/server"),
    ] {
        let answer = reqwest::Client::new().request(method, format!("{}/hub/api{path}", server.url));
        let answer = answer.header("authorization", "token cas_unknown").send().await.expect("answers");
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body["status"], 403, "{body}");
    }
}

/// Of an adopted workspace only the digest of its token is known; it is asked what is busy all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adopted_lab_is_stopped_when_it_is_idle() {
    let Some(programs) = programs() else { return };
    let services = tempfile::tempdir().expect("a folder");
    let text = include_str!("../../hub/src/definition/builtin/lab.yaml");
    let text = text.replace("timeout: 1h", "timeout: 4").replace("warning: 5m", "warning: 1");
    std::fs::write(services.path().join("lab.yaml"), text).expect("writes");
    let (path, folder) = (programs.display().to_string(), services.path().display().to_string());
    let mut server = Server::start_with(None, &["--workspace-path", &path, "--services", &folder], &[]).await;
    let view = open_lab(&server).await;
    let id = view["id"].as_str().expect("an id").to_owned();
    server.kill();
    let unit = format!("unit_{}_r1", id.trim_start_matches("ws_"));
    let data = server.folder.path().join("data");
    let file = data.join("units").join(&unit).join("unit.json");
    let mut json: Value =
        serde_json::from_str(&std::fs::read_to_string(&file).expect("a file")).expect("JSON");
    json["created_at"] = json!(json["created_at"].as_i64().expect("a time") - 600_000);
    std::fs::write(&file, json.to_string()).expect("writes");
    for name in ["castalia.db", "castalia.db-wal", "castalia.db-shm"] {
        let _ = std::fs::remove_file(data.join(name));
    }
    server.launch(&[]);
    server.ready().await;
    server.token = server.api_token("demo", "demo").await;
    let (status, adopted) = server.post(&format!("/api/workspace-orphans/{unit}/adopt"), json!({})).await;
    assert_eq!(status, StatusCode::CREATED, "{adopted}");
    let begun = Instant::now();
    loop {
        let view = server.get(&format!("/api/workspaces/{id}")).await;
        if view["state"] == "stopped" {
            assert_eq!(view["reason_code"], "idle", "{view}");
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{view}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
