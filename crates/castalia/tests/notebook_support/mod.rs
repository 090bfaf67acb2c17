//! Notebooks with kernels in a real server: how they are made, run and looked at.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "shared by several test programs, each uses a part"
)]

use crate::support::{PATIENCE, Server};
use futures::{SinkExt, StreamExt};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

pub(crate) fn prefix() -> String {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-kernels");
    let prefix = std::env::var_os("CASTALIA_TEST_KERNELS").map_or(made, PathBuf::from);
    assert!(prefix.join("bin/python").exists(), "no kernels to test with; run scripts/test-kernels");
    std::path::absolute(prefix).unwrap().to_string_lossy().into_owned()
}

pub(crate) async fn server() -> Server {
    server_on(None).await
}

/// A server with kernels on a database.
pub(crate) async fn server_on(database: Option<String>) -> Server {
    server_with(database, &[]).await
}

/// One with variables, too.
pub(crate) async fn server_with(database: Option<String>, variables: &[(&str, &str)]) -> Server {
    Server::start_with(database, &["--kernel-path", &prefix()], variables).await
}

/// A notebook with code cells: its id, and the path of its operations.
pub(crate) async fn notebook(server: &Server, name: &str, sources: &[&str]) -> String {
    let cell = |(i, source): (usize, &&str)| code(&format!("c{i}"), source, json!([]));
    notebook_of(server, &server.token, name, sources.iter().enumerate().map(cell).collect()).await
}

pub(crate) fn code(id: &str, source: &str, outputs: Value) -> Value {
    json!({"cell_type": "code", "id": id, "metadata": {}, "source": source, "outputs": outputs, "execution_count": null})
}

/// A notebook of these cells, made with a token.
pub(crate) async fn notebook_of(server: &Server, token: &str, name: &str, cells: Vec<Value>) -> String {
    let content = json!({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells});
    let body = json!({"project": "demo", "name": name, "content": content});
    let (status, made) = server.call_as(token, reqwest::Method::POST, "/api/notebooks", Some(body)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    format!("/api/notebooks/{}", made["id"].as_str().unwrap())
}

pub(crate) async fn cells(server: &Server, notebook: &str) -> Vec<Value> {
    let (status, file) = get(server, &format!("{notebook}/cells")).await;
    assert_eq!(status, StatusCode::OK, "{file}");
    file["items"].as_array().unwrap().clone()
}

pub(crate) async fn get(server: &Server, path: &str) -> (StatusCode, Value) {
    server.call_as(&server.token, reqwest::Method::GET, path, None).await
}

pub(crate) async fn kernel(server: &Server, notebook: &str) -> Value {
    let (status, view) = get(server, &format!("{notebook}/kernel")).await;
    assert_eq!(status, StatusCode::OK, "{view}");
    view
}

pub(crate) async fn run(server: &Server, notebook: &str, wish: Value) -> Vec<String> {
    let (status, runs) = server.post(&format!("{notebook}/runs"), wish).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{runs}");
    runs.as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect()
}

/// Waits until nothing runs or waits any more; the states of all runs, oldest first.
pub(crate) async fn settled(server: &Server, notebook: &str) -> Vec<String> {
    until(server, "the runs end", async || {
        let (_, page) = get(server, &format!("{notebook}/runs")).await;
        let states: Vec<String> = page["items"]
            .as_array()
            .into_iter()
            .flatten()
            .rev()
            .map(|r| r["state"].as_str().unwrap_or_default().to_owned())
            .collect();
        (!states.is_empty() && !states.iter().any(|s| s == "queued" || s == "running")).then_some(states)
    })
    .await
}

pub(crate) async fn until<T>(server: &Server, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

pub(crate) fn text(cell: &Value) -> String {
    let outputs = cell["outputs"].as_array().into_iter().flatten();
    outputs.filter_map(|o| o["text"].as_str()).collect()
}

pub(crate) type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

pub(crate) async fn comms(server: &Server, notebook: &str) -> Socket {
    socket(server, &format!("{notebook}/comms")).await
}

/// A socket of the server at this path.
pub(crate) async fn socket(server: &Server, path: &str) -> Socket {
    let url = format!("{}{path}", server.url.replacen("http", "ws", 1));
    let mut request = url.into_client_request().unwrap();
    let token = format!("Bearer {}", server.token);
    request.headers_mut().insert("authorization", token.parse().unwrap());
    tokio_tungstenite::connect_async(request).await.expect("opens").0
}

pub(crate) async fn tell(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next message that is wanted.
pub(crate) async fn hear(socket: &mut Socket, wanted: impl Fn(&Value) -> bool) -> Value {
    let heard = async {
        loop {
            let message = socket.next().await.expect("open").expect("whole");
            let Ok(value) = serde_json::from_slice::<Value>(&message.into_data()) else { continue };
            if wanted(&value) {
                return value;
            }
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.expect("it is said")
}

pub(crate) fn is(channel: &str, method: &str) -> impl Fn(&Value) -> bool {
    move |value| value["channel"] == channel && value["method"] == method
}

/// The kernel's process: the one that has the notebook's folder as its own and is a Python.
pub(crate) fn real_pid(told: i32, server: &Server) -> i32 {
    let data = server.folder.path().join("data");
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<i32>().ok()) else { continue };
        let words = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let words = String::from_utf8_lossy(&words).into_owned();
        let place = std::fs::read_link(entry.path().join("cwd")).unwrap_or_default();
        if words.contains("ipykernel_launcher") && place.starts_with(&data) {
            return pid;
        }
    }
    told
}
