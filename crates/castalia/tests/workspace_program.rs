//! `castalia workspace`: under Castalia's own hub, and what it says when nobody told it what to do.

mod support;

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::json;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};
use support::{PATIENCE, Server};

/// A browser without a window.
struct Browser {
    http: Client,
    url: String,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    async fn sign_in(server: &Server) -> Self {
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let mut browser = Self { http, url: server.url.clone(), cookies: BTreeMap::new() };
        let login = browser.http.post(format!("{}/api/auth/login", browser.url));
        let answer = login.json(&json!({"user": "demo", "password": "demo"})).send().await.expect("answers");
        browser.keep(&answer);
        browser
    }

    fn keep(&mut self, answer: &Response) {
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    async fn go(&mut self, path: &str) -> (Response, Vec<String>) {
        let mut way = vec![path.to_owned()];
        loop {
            let last = &way[way.len() - 1];
            let address = if last.starts_with("http") { last.clone() } else { format!("{}{last}", self.url) };
            let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            let request =
                self.http.get(address).header("cookie", cookies.join("; ")).header("accept", "text/html");
            let answer = request.header("sec-fetch-mode", "navigate").send().await.expect("answers");
            self.keep(&answer);
            let Some(location) = answer.headers().get("location") else { return (answer, way) };
            assert!(way.len() < 12, "goes round in circles: {way:?}");
            way.push(location.to_str().expect("text").to_owned());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_chat_of_a_workspace_runs_under_our_own_hub() {
    let server = Server::start().await;
    let wanted = json!({"service": "chat", "project": "demo", "new": true});
    let (status, view) = server.post("/api/workspaces", wanted).await;
    assert_eq!(status, StatusCode::OK, "{view}");
    let one = format!("/api/workspaces/{}", view["id"].as_str().expect("an id"));
    let begun = Instant::now();
    let view = loop {
        let view = server.get(&one).await;
        if view["state"] == "ready" {
            break view;
        }
        if view["state"] == "failed" || begun.elapsed() > PATIENCE {
            let logs = server.get(&format!("{one}/logs?tail=true")).await;
            panic!("{view}\n{logs:#}\n{}", server.log());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let path = view["path"].as_str().expect("a path").to_owned();

    // One login for both. The workspace's own path leads where the definition says.
    let mut browser = Browser::sign_in(&server).await;
    let (page, way) = browser.go(&path).await;
    assert_eq!(page.status(), StatusCode::OK, "{way:?}\n{}", server.log());
    assert!(way.iter().any(|w| w.contains("/hub/api/oauth2/authorize")), "{way:?}");
    assert_eq!(way.last(), Some(&format!("{path}chat/")));
    assert!(page.text().await.expect("text").contains("<title>Chat</title>"));

    // A program's token; nobody's.
    let status = server.get(&format!("{path}api/status")).await;
    assert_eq!(
        (status["mode"].as_str(), status["user"].as_str()),
        (Some("castalia"), Some("demo")),
        "{status}"
    );
    let nobody = reqwest::get(format!("{}{path}api/status", server.url)).await.expect("answers");
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);

    // It does not trust that whoever reaches its port came through the hub.
    let port = status["services"].is_array().then(|| view["port"].as_u64()).flatten();
    if let Some(port) = port {
        let direct = reqwest::get(format!("http://127.0.0.1:{port}{path}api/status")).await.expect("answers");
        assert_eq!(direct.status(), StatusCode::FORBIDDEN);
    }

    server.post(&format!("{one}/stop"), json!({})).await;
    while server.get(&one).await["state"] != "stopped" {
        assert!(begun.elapsed() < 2 * PATIENCE, "does not stop\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (status, _) = server.call_as(&server.token, Method::GET, &format!("{path}chat/"), None).await;
    assert_eq!(status, StatusCode::FAILED_DEPENDENCY);
}

#[test]
fn without_a_hub_it_says_what_can_be_asked_of_it() {
    let run = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_castalia"));
        command.args(words).env_remove("JUPYTERHUB_SERVICE_URL").env_remove("CASTALIA_WORKSPACE");
        let ran = command.output().expect("runs");
        let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
        (ran.status.code(), said)
    };
    let (code, said) = run(&["workspace"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("castalia workspace serve"), "{said}");
    let (code, said) = run(&["workspace", "serve", "--help"]);
    assert!(code == Some(0) && said.contains("--ide-listen"), "{said}");
}
