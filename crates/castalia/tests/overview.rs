//! What people see of everything at once: the flow of a project, the units of the installation, a log as a file.

mod support;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::Server;

async fn raw(server: &Server, path: &str) -> reqwest::Response {
    let url = format!("{}{path}", server.url);
    reqwest::Client::new().get(url).bearer_auth(&server.token).send().await.expect("answers")
}

async fn upload(server: &Server, name: &str) {
    let url = format!("{}/api/uploads?project=demo&name={name}", server.url);
    let answer = reqwest::Client::new()
        .put(url)
        .bearer_auth(&server.token)
        .body("a,b\n1,2\n")
        .send()
        .await
        .expect("answers");
    assert!(answer.status().is_success(), "{}", answer.status());
}

/// A type that takes one input.
async fn reader(server: &Server) {
    let schema = json!({"type": "object", "properties": {"input": {"type": "string", "format": "dataset"}}});
    let types = json!([{"name": "read", "command": ["true"], "schema": schema,
        "resources": {"cpu_millis": 200, "memory_mb": 64, "storage_mb": 32, "deadline_s": 60}}]);
    let (status, body) =
        server.post("/api/environments", json!({"name": "reading", "manifest": {"types": types}})).await;
    assert!(status.is_success(), "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_graph_shows_processes_and_the_uploads_that_they_read() {
    let server = Server::start().await;
    reader(&server).await;
    upload(&server, "a.csv").await;
    let first = server.submit("read", json!({"input": "upload:a.csv"})).await;
    let second = server.submit("read", json!({"input": "upload:a.csv"})).await;
    server.ended(&first).await;
    server.ended(&second).await;
    let graph = server.get("/api/projects/demo/graph").await;
    let nodes = graph["nodes"].as_array().expect("a list");
    assert_eq!(nodes.len(), 2, "{graph}");
    assert_eq!((&nodes[0]["process"], &nodes[1]["process"]), (&json!(second), &json!(first)), "newest first");
    assert_eq!(nodes[0]["state"], "completed");
    let input = &nodes[0]["inputs"][0];
    assert_eq!((&input["kind"], &input["name"]), (&json!("upload"), &json!("a.csv")), "{input}");
    // One upload, though two read it.
    let data = graph["data"].as_array().expect("a list");
    assert_eq!((data.len(), &data[0]["id"]), (1, &input["id"]), "{graph}");
    assert_eq!(graph["truncated"], false);
    let part = server.get("/api/projects/demo/graph?limit=1").await;
    assert_eq!((part["nodes"].as_array().map(Vec::len), &part["truncated"]), (Some(1), &json!(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_administrator_sees_what_runs_and_what_waits() {
    let server = Server::start_with(None, &["--cpus", "0.2"], &[]).await;
    server.shell_types(&[("sleep", "sleep 60")]).await;
    let runs = server.submit("sleep", json!({})).await;
    server.until(&runs, |state| state == "running").await;
    let waits = server.submit("sleep", json!({})).await;
    let last = server.submit("sleep", json!({})).await;
    let units = server.get("/api/units").await;
    let items = units["items"].as_array().expect("a list");
    let order: Vec<_> = items.iter().map(|u| u["process"].as_str().unwrap_or_default()).collect();
    assert_eq!(order, [runs.as_str(), &waits, &last], "{units}");
    let one = &items[0];
    assert_eq!(
        (&one["state"], &one["user"], &one["project"]),
        (&json!("running"), &json!("demo"), &json!("demo"))
    );
    let pid = one["pid"].as_u64().expect("a process id");
    assert!(std::path::Path::new(&format!("/proc/{pid}")).exists(), "{one}");
    assert!(one["usage"]["cpu_ms"].is_u64() && one["since"].is_string(), "{one}");
    assert_eq!((&items[1]["state"], &items[1]["pid"]), (&json!("queued"), &Value::Null));
    assert_eq!(units["counts"], json!({"queued": 2, "running": 1}));
    assert_eq!(
        (&units["reserved"]["cpu_millis"], &units["capacity"]["cpu_millis"]),
        (&json!(200), &json!(200))
    );
    // The list of processes, too, says who is next.
    let list = server.get("/api/processes?project=demo").await;
    let places: Vec<_> = list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|p| p["versions"][0]["queue_position"].clone())
        .collect();
    assert_eq!(places, [json!(2), json!(1), Value::Null], "{list}");
    // A developer of the project is no administrator.
    let user = json!({"name": "dora", "password": "doras-password", "roles": ["developer"]});
    assert!(server.post("/api/users", user).await.0.is_success());
    let dora = server.api_token("dora", "doras-password").await;
    let (status, _) = server.call_as(&dora, Method::GET, "/api/units", None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    for id in [&last, &waits, &runs] {
        let (status, body) = server.post(&format!("/api/processes/{id}/cancel"), json!({})).await;
        assert!(status.is_success(), "{body}");
    }
    server.ended(&runs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_a_file_of_what_the_program_wrote() {
    const LINES: usize = 100_000;
    let server = Server::start().await;
    let types = json!([{"name": "count", "command": ["sh", "-c", "echo on stderr >&2; seq 100000"],
        "schema": {"type": "object"},
        "resources": {"cpu_millis": 200, "memory_mb": 64, "storage_mb": 256, "deadline_s": 60}}]);
    let (status, body) =
        server.post("/api/environments", json!({"name": "test", "manifest": {"types": types}})).await;
    assert!(status.is_success(), "{body}");
    let body = json!({"project": "demo", "type": "count", "name": "A/\"log\"\u{2028}ü", "parameters": {}});
    let (status, process) = server.post("/api/processes", body).await;
    assert_eq!(status, StatusCode::CREATED, "{process}");
    let id = process["id"].as_str().expect("an id");
    server.ended(id).await;
    let answer = raw(&server, &format!("/api/processes/{id}/logs?version=1&format=text&download=true")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(
        answer.headers()["content-disposition"],
        "attachment; filename=\"A__log___-v1.log\"; \
         filename*=UTF-8''A_%22log%22%E2%80%A8%C3%BC-v1.log"
    );
    let text = answer.text().await.expect("whole");
    let mut numbers = text.lines().filter(|line| *line != "on stderr");
    assert!((1..=LINES).all(|n| numbers.next() == Some(n.to_string().as_str())));
    // What the program wrote, and no line of ours but the ones marked so.
    assert!(numbers.all(|line| line.starts_with("castalia: ")), "{}", &text[text.len() - 200..]);
    // Without `download` it is something to look at, and JSON stays the default.
    let answer = raw(&server, &format!("/api/processes/{id}/logs?format=ndjson&stream=stderr")).await;
    assert!(answer.headers().get("content-disposition").is_none());
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    assert_eq!(answer.text().await.expect("whole").lines().count(), 1);
    let page = server.get(&format!("/api/processes/{id}/logs?limit=10")).await;
    assert_eq!(page["lines"].as_array().map(Vec::len), Some(10));
    let (status, _) = server
        .call_as(&server.token, Method::GET, &format!("/api/processes/{id}/logs?format=pdf"), None)
        .await;
    assert!(status.is_client_error());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_runs_is_not_deleted() {
    let server = Server::start().await;
    server.shell_types(&[("sleep", "sleep 60")]).await;
    let id = server.submit("sleep", json!({})).await;
    let path = format!("/api/processes/{id}");
    let (status, problem) = server.call_as(&server.token, Method::DELETE, &path, None).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("still_running")));
    server.post(&format!("{path}/cancel"), json!({})).await;
    server.ended(&id).await;
    let (status, _) = server.call_as(&server.token, Method::DELETE, &path, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, _) = server.call_as(&server.token, Method::GET, &path, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
