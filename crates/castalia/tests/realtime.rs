//! The WebSocket: events in order and without gaps across reconnects, logs to many clients without loss.

mod support;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use support::Server;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

async fn connect(server: &Server, token: &str) -> Socket {
    let mut request =
        format!("{}/api/ws", server.url.replace("http", "ws")).into_client_request().expect("a request");
    let bearer = format!("Bearer {token}").parse().expect("a header");
    request.headers_mut().insert("Authorization", bearer);
    connect_async(request).await.expect("connects").0
}

async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.expect("sends");
}

async fn hear(socket: &mut Socket) -> Value {
    loop {
        let message = tokio::time::timeout(Duration::from_secs(30), socket.next())
            .await
            .expect("in time")
            .expect("open")
            .expect("whole");
        if let Message::Text(text) = message {
            return serde_json::from_str(&text).expect("JSON");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_comes_back_misses_nothing_and_hears_nothing_twice() {
    let mut server = Server::start().await;
    server.shell_types(&[("hello", "echo hello; sleep 0.2")]).await;
    let project = server.get("/api/projects/demo").await["id"].as_str().expect("id").to_owned();
    let mut socket = connect(&server, &server.token).await;
    say(&mut socket, json!({"id": "1", "type": "subscribe", "topic": format!("project.{project}")})).await;
    let ack = hear(&mut socket).await;
    assert_eq!((ack["id"].as_str(), ack["type"].as_str()), (Some("1"), Some("subscribe")), "{ack}");
    let begin = ack["seq"].as_u64().expect("a seq");
    let mut heard = Vec::new();
    let mut last = begin;
    let mut ids = Vec::new();
    for round in 0..4 {
        ids.push(server.submit("hello", json!({})).await);
        // Two events, then gone in the middle of it; once the server goes, too.
        for _ in 0..2 {
            let message = hear(&mut socket).await;
            last = message["seq"].as_u64().expect("a seq");
            heard.push(message["data"].clone());
        }
        drop(socket);
        if round == 2 {
            server.kill();
            server.restart().await;
        }
        server.ended(ids.last().expect("one")).await;
        socket = connect(&server, &server.token).await;
        say(
            &mut socket,
            json!({"id": "2", "type": "subscribe", "topic": format!("project.{project}"), "after": last}),
        )
        .await;
        assert_eq!(hear(&mut socket).await["type"], "subscribe");
        loop {
            let message = hear(&mut socket).await;
            last = message["seq"].as_u64().expect("a seq");
            let done = message["data"]["type"] == "process.completed"
                && message["data"]["data"]["process"] == ids[round].as_str();
            heard.push(message["data"].clone());
            if done {
                break;
            }
        }
    }
    let numbers: Vec<u64> = heard.iter().map(|e| e["seq"].as_u64().expect("a seq")).collect();
    assert!(
        numbers.is_sorted() && numbers.iter().collect::<BTreeSet<_>>().len() == numbers.len(),
        "{numbers:?}"
    );
    for id in &ids {
        let kinds: Vec<&str> = heard
            .iter()
            .filter(|e| e["data"]["process"] == id.as_str())
            .filter_map(|e| e["type"].as_str())
            .collect();
        // A program that ended while the server was away was never seen running.
        let kinds: Vec<&str> = kinds.into_iter().filter(|kind| *kind != "process.running").collect();
        assert_eq!(kinds, ["process.queued", "process.starting", "process.completed"], "{id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_clients_get_every_line_of_a_log() {
    const LINES: u64 = 20_000;
    let server = Server::start().await;
    server.shell_types(&[("count", "sleep 0.5; seq -f 'line %.0f of the output' 20000")]).await;
    let id = server.submit("count", json!({})).await;
    let mut clients = Vec::new();
    for _ in 0..50 {
        let mut socket = connect(&server, &server.token).await;
        let topic = format!("process.{id}.log");
        clients.push(tokio::spawn(async move {
            say(&mut socket, json!({"id": "1", "type": "subscribe", "topic": topic})).await;
            let mut next = 1;
            loop {
                let message = hear(&mut socket).await;
                for line in message["data"]["lines"].as_array().into_iter().flatten() {
                    assert_eq!(line["seq"], next);
                    next += 1;
                }
                if message["data"]["complete"] == true {
                    return next - 1;
                }
            }
        }));
    }
    for client in clients {
        assert_eq!(client.await.expect("ran"), LINES);
    }
    // A client that comes later starts where it says.
    let mut socket = connect(&server, &server.token).await;
    say(
        &mut socket,
        json!({"id": "1", "type": "subscribe", "topic": format!("process.{id}.v1.log"), "after": LINES - 1}),
    )
    .await;
    assert_eq!(hear(&mut socket).await["type"], "subscribe");
    let message = hear(&mut socket).await;
    assert_eq!(message["data"]["lines"][0]["line"], format!("line {LINES} of the output"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn topics_are_refused_to_whoever_may_not_see_them() {
    let server = Server::start().await;
    server.shell_types(&[("hello", "echo hello")]).await;
    let id = server.submit("hello", json!({})).await;
    let (status, _) = server
        .post("/api/users", json!({"name": "stranger", "password": "stranger-password", "roles": []}))
        .await;
    assert!(status.is_success());
    let stranger = server.api_token("stranger", "stranger-password").await;
    let mut socket = connect(&server, &stranger).await;
    for topic in
        [format!("process.{id}"), format!("process.{id}.log"), "nonsense.1".into(), "process.x y".into()]
    {
        say(&mut socket, json!({"id": "s", "type": "subscribe", "topic": topic})).await;
        let answer = hear(&mut socket).await;
        assert_eq!(answer["type"], "error", "{topic}: {answer}");
    }
    say(&mut socket, json!({"id": "p", "type": "ping"})).await;
    assert_eq!(hear(&mut socket).await["type"], "pong");
    socket.send(Message::text("not json")).await.expect("sends");
    assert_eq!(hear(&mut socket).await["data"]["code"], "invalid_message");
}

/// A socket that signs in with a session's cookie, as a browser does.
async fn connect_with_cookie(server: &Server, cookie: &str) -> Socket {
    let mut request =
        format!("{}/api/ws", server.url.replace("http", "ws")).into_client_request().expect("a request");
    let headers = request.headers_mut();
    headers.insert("Cookie", cookie.parse().expect("a header"));
    headers.insert("Origin", server.url.parse().expect("a header"));
    connect_async(request).await.expect("connects").0
}

/// Waits for the end of a socket; returns its close code.
async fn end_of(socket: &mut Socket) -> u16 {
    loop {
        let message = tokio::time::timeout(Duration::from_secs(10), socket.next()).await.expect("in time");
        match message.expect("a close before the end").expect("whole") {
            Message::Close(Some(frame)) => return frame.code.into(),
            Message::Close(None) => return 1005,
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_out_is_told_at_once_and_others_go_on() {
    let server = Server::start().await;
    let client = reqwest::Client::new();
    let mut cookies = Vec::new();
    for _ in 0..2 {
        let answer = client
            .post(format!("{}/api/auth/login", server.url))
            .header("Origin", &server.url)
            .json(&json!({"user": "demo", "password": "demo"}))
            .send()
            .await
            .expect("answers");
        assert!(answer.status().is_success(), "{}", answer.status());
        let cookie = answer.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("one");
        cookies.push(cookie.to_owned());
    }
    let mut leaves = connect_with_cookie(&server, &cookies[0]).await;
    let mut stays = connect_with_cookie(&server, &cookies[1]).await;
    say(&mut leaves, json!({"id": "1", "type": "ping"})).await;
    assert_eq!(hear(&mut leaves).await["type"], "pong");
    let answer = client
        .post(format!("{}/api/auth/logout", server.url))
        .header("Cookie", &cookies[0])
        .header("Origin", &server.url)
        .send()
        .await
        .expect("answers");
    assert!(answer.status().is_success(), "{}", answer.status());
    assert_eq!(end_of(&mut leaves).await, 4401);
    say(&mut stays, json!({"id": "1", "type": "ping"})).await;
    assert_eq!(hear(&mut stays).await["type"], "pong");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_of_environments_are_heard() {
    let server = Server::start().await;
    let mut socket = connect(&server, &server.token).await;
    say(&mut socket, json!({"id": "1", "type": "subscribe", "topic": "environments"})).await;
    assert_eq!(hear(&mut socket).await["type"], "subscribe");
    server.shell_types(&[("hello", "echo hello")]).await;
    loop {
        let message = hear(&mut socket).await;
        let event = &message["data"];
        if event["data"]["environment"] == "test" {
            assert_eq!(event["type"], "environment.changed", "{event}");
            assert_eq!(
                (&event["data"]["state"], &event["data"]["types"]),
                (&json!("ready"), &json!(["hello"]))
            );
            break;
        }
    }
}
