//! Notebooks over real sockets: stock yjs clients (`crates/notebooks/tests/yjs`) against a real server.

mod support;

use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::Server;

/// The clients' folder, if `scripts/test-notebooks --install` was there.
fn clients() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../notebooks/tests/yjs");
    assert!(folder.join("node_modules/yjs").exists(), "run scripts/test-notebooks --install first");
    folder
}

/// A token of somebody who may only look at the project `demo`.
async fn viewer(server: &Server) -> String {
    let body = json!({"name": "viewer", "password": "viewer-password", "roles": []});
    assert!(server.post("/api/users", body).await.0.is_success());
    let body = Some(json!({"role": "viewer"}));
    let path = "/api/projects/demo/members/viewer";
    let (status, answer) = server.call_as(&server.token, reqwest::Method::PUT, path, body).await;
    assert!(status.is_success(), "{answer}");
    server.api_token("viewer", "viewer-password").await
}

/// Runs scenarios; they print what failed.
async fn scenarios(server: &Server, names: &[&str]) {
    let viewer = viewer(server).await;
    let mut command = Command::new("node");
    command.current_dir(clients()).arg("run.mjs").args(names);
    command.env("CASTALIA_URL", &server.url).env("CASTALIA_TOKEN", &server.token);
    command.env("CASTALIA_VIEWER", viewer);
    let done = tokio::task::spawn_blocking(move || command.output()).await.expect("runs").expect("node runs");
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    println!("{said}");
    assert!(done.status.success(), "{said}\n{}", server.log());
}

/// Every scenario that needs nothing but a server. The names of some begin with the row of the list of complaints (what
/// users of such programs lose, and why) that they stand for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_clients_and_hostile_ones() {
    let server = Server::start().await;
    scenarios(&server, &[]).await;
}
