//! configurable-http-proxy's REST API, as JupyterHub and scripts use it.

mod support;

use castalia_base::Clock;
use castalia_proxy::chp::{Api, ErrorPages, Public};
use castalia_proxy::server::ServerConfig;
use castalia_proxy::{RouteOptions, Table, Target};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::{Back, Front};

struct Both {
    public: Front,
    api: Front,
}

fn start(by_host: bool, pages: ErrorPages) -> Both {
    let table = Arc::new(Table::default());
    let api = Api::new(table.clone(), Clock::system(), Some("secret".into()), RouteOptions::default())
        .with_hosts(by_host);
    let one = || ServerConfig { workers: 1, ..ServerConfig::default() };
    let public = Front::serving(one(), table.clone(), Arc::new(Public { pages }));
    Both { public, api: Front::serving(one(), table, Arc::new(api)) }
}

impl Both {
    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = reqwest::Client::new()
            .request(method, self.api.url(path))
            .header("authorization", "token secret");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        (status, serde_json::from_str(&answer.text().await.expect("text")).unwrap_or_default())
    }

    async fn add(&self, path: &str, target: &str) {
        let (status, _) =
            self.call(Method::POST, &format!("/api/routes{path}"), Some(json!({"target": target}))).await;
        assert_eq!(status, StatusCode::CREATED);
    }
}

#[tokio::test]
async fn routes_are_added_listed_read_and_deleted() {
    let both = start(false, ErrorPages::Own);
    let body = json!({"target": "http://127.0.0.1:1", "user": "ada", "server_name": "", "jupyterhub": true});
    let (status, _) = both.call(Method::POST, "/api/routes/user/ada%40x/", Some(body)).await;
    assert_eq!(status, StatusCode::CREATED);
    both.add("/", "http://127.0.0.1:2").await;
    let (status, all) = both.call(Method::GET, "/api/routes", None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(all.as_object().expect("an object").len(), 2);
    let one = &all["/user/ada@x"];
    assert_eq!(
        (&one["target"], &one["user"], &one["jupyterhub"]),
        (&json!("http://127.0.0.1:1"), &json!("ada"), &json!(true))
    );
    assert!(one["last_activity"].as_str().is_some_and(|t| t.ends_with('Z') && t.len() == 24), "{one}");
    assert_eq!(all["/"]["target"], "http://127.0.0.1:2");
    assert_eq!(both.call(Method::GET, "/api/routes/user/ada@x", None).await.1, *one);
    // Posting again takes the place of the first.
    both.add("/user/ada%40x", "http://127.0.0.1:3").await;
    let (_, one) = both.call(Method::GET, "/api/routes/user/ada%40x/", None).await;
    assert_eq!((&one["target"], one.get("user")), (&json!("http://127.0.0.1:3"), None));
    for (path, status) in [("/user/ada@x", 204), ("/user/ada@x", 404), ("/user", 404), ("/", 204)] {
        assert_eq!(both.call(Method::DELETE, &format!("/api/routes{path}"), None).await.0, status, "{path}");
    }
    assert_eq!(both.call(Method::GET, "/api/routes/", None).await.1, json!({}));
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let both = start(false, ErrorPages::Own);
    for body in [
        json!({}),
        json!({"target": 1}),
        json!([]),
        json!({"target": "nonsense"}),
        json!({"target": "https://h"}),
    ] {
        assert_eq!(both.call(Method::POST, "/api/routes/x", Some(body.clone())).await.0, 400, "{body}");
    }
    let target = || Some(json!({"target": "http://127.0.0.1:1"}));
    assert_eq!(both.call(Method::POST, "/api/routes/a/..%2fb", target()).await.0, 400);
    assert_eq!(both.call(Method::GET, "/api/routes?inactive_since=yesterday", None).await.0, 400);
    assert_eq!(both.call(Method::PUT, "/api/routes/x", target()).await.0, 405);
    assert_eq!(both.call(Method::GET, "/api", None).await.0, 404);
    assert_eq!(both.call(Method::GET, "/api/routesx", None).await.0, 404);
    for header in ["", "token", "token wrong", "token secretx", "secret", "basic secret"] {
        let answer = reqwest::Client::new()
            .get(both.api.url("/api/routes"))
            .header("authorization", header)
            .send()
            .await;
        assert_eq!(answer.expect("an answer").status(), 403, "{header:?}");
    }
    assert!(both.api.table.is_empty());
}

#[tokio::test]
async fn inactive_routes_are_found() {
    let back = Back::mirror().await;
    let both = start(false, ErrorPages::Own);
    both.add("/a", &back.url).await;
    both.add("/b", &back.url).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    let now = Clock::system().now().to_string();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(reqwest::get(both.public.url("/a/x")).await.expect("an answer").text().await.is_ok());
    for name in ["inactive_since", "inactiveSince"] {
        let (_, old) = both.call(Method::GET, &format!("/api/routes?{name}={now}"), None).await;
        assert_eq!(old.as_object().expect("an object").keys().collect::<Vec<_>>(), ["/b"]);
    }
}

#[tokio::test]
async fn the_first_segment_may_be_a_host() {
    let back = Back::mirror().await;
    let both = start(true, ErrorPages::Own);
    both.add("/", &back.url).await;
    both.add("/ada.example/user/ada", &format!("{}/special", back.url)).await;
    let (_, all) = both.call(Method::GET, "/api/routes", None).await;
    assert_eq!(all["/ada.example/user/ada"]["host"], "ada.example");
    for (host, path, expected) in [
        ("ada.example:8000", "/user/ada/x", "GET /special/user/ada/x "),
        ("other.example", "/user/ada/x", "GET /user/ada/x "),
        ("ada.example", "/hub", "GET /hub "),
    ] {
        let mut raw = both.public.raw().await;
        raw.send(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        raw.head().await;
        let seen = raw.until("\n\n").await;
        assert!(seen.starts_with(expected), "{host}: {seen}");
    }
    assert_eq!(both.call(Method::DELETE, "/api/routes/ada.example/user/ada", None).await.0, 204);
}

#[tokio::test]
async fn failures_are_shown_as_their_owner_wants() {
    let hub = Back::raw(|mut raw, _| async move {
        while let Ok(head) = raw.try_until("\r\n\r\n").await {
            let line = head.lines().next().unwrap_or_default().to_owned();
            raw.send(&format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX: y\r\nContent-Length: {}\r\n\r\n{line}",
                line.len()
            ))
            .await;
        }
    })
    .await;
    let target = Target::parse(&format!("{}/hub/error/", hub.url)).expect("a target");
    let both = start(false, ErrorPages::Server(target));
    both.add("/dead", &format!("http://127.0.0.1:{}", support::dead_port())).await;
    let answer = reqwest::get(both.public.url("/dead/x?y=1")).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.headers().get("x")), (503, None));
    assert_eq!(answer.text().await.expect("text"), "GET /hub/error/503?url=%2Fdead%2Fx%3Fy%3D1 HTTP/1.1");
    drop(hub);
    let answer = reqwest::get(both.public.url("/none")).await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["content-type"].to_str().expect("ASCII")),
        (404, "application/problem+json")
    );

    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("404.html"), "gone").expect("written");
    std::fs::write(folder.path().join("error.html"), "other").expect("written");
    let both = start(false, ErrorPages::Folder(folder.path().into()));
    both.add("/dead", &format!("http://127.0.0.1:{}", support::dead_port())).await;
    for (path, status, text) in [("/none", 404, "gone"), ("/dead", 503, "other")] {
        let answer =
            reqwest::Client::new().get(both.public.url(path)).header("accept", "text/html").send().await;
        let answer = answer.expect("an answer");
        assert_eq!((answer.status().as_u16(), answer.text().await.expect("text").as_str()), (status, text));
    }
    let health = reqwest::get(both.public.url("/_chp_healthz")).await.expect("an answer");
    assert_eq!(health.text().await.expect("text"), "{\"status\": \"OK\"}");
}

/// Thousands of routes are listed beside the traffic, not in front of it.
#[tokio::test]
async fn five_thousand_routes() {
    let back = Back::mirror().await;
    let both = start(false, ErrorPages::Own);
    for n in 0..5000 {
        let note = json!({"user": format!("user-{n}"), "jupyterhub": true});
        let Value::Object(mut note) = note else { panic!("no object") };
        note.insert("target".into(), json!(back.url));
        let api = Api::new(both.api.table.clone(), Clock::system(), None, RouteOptions::default());
        api.add(&format!("/user/user-{n}"), note).expect("added");
    }
    let begun = Instant::now();
    let (_, all) = both.call(Method::GET, "/api/routes", None).await;
    assert_eq!(all.as_object().expect("an object").len(), 5000);
    assert!(begun.elapsed() < Duration::from_secs(20));
    let answer = reqwest::get(both.public.url("/user/user-4999/x")).await.expect("an answer");
    assert!(answer.text().await.expect("text").starts_with("GET /user/user-4999/x "));
}
