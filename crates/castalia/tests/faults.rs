//! Bad input and faults: a clear error, nothing lost.

mod support;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use support::Server;

fn code(answer: &Value) -> &str {
    answer["code"].as_str().unwrap_or_default()
}

async fn run(server: &Server, type_name: &str) -> Value {
    let id = server.submit(type_name, json!({})).await;
    server.ended(&id).await
}

fn reason(view: &Value) -> (&str, &str) {
    let version = &view["versions"][0];
    (version["state"].as_str().unwrap_or_default(), version["reason_code"].as_str().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_misbehave_end_with_a_reason() {
    let server = Server::start().await;
    server
        .shell_types(&[
            ("crash", "echo about to fail >&2; exit 3"),
            ("signal", "kill -SEGV $$"),
            ("binary", "printf '\\377\\376\\000line\\nno newline'"),
            ("endless", "yes 'output without end'"),
            ("forks", "(setsid sleep 300 &) ; sleep 300 & echo started"),
            ("disk", "while :; do head -c 4000000 /dev/zero >> big; done"),
            ("memory", "python3 -c 'x = bytearray(400 << 20); import time; time.sleep(30)'"),
            ("missing", "exec /no/such/program"),
        ])
        .await;
    let crash = run(&server, "crash").await;
    assert_eq!(reason(&crash), ("failed", "exit_code"), "{crash}");
    assert_eq!(crash["reason"], "exit code 3: about to fail");
    assert_eq!(reason(&run(&server, "signal").await), ("failed", "signal"));
    assert_eq!(reason(&run(&server, "missing").await), ("failed", "exit_code"));
    let disk = run(&server, "disk").await;
    assert_eq!(reason(&disk), ("failed", "storage"), "{disk}");
    let memory = run(&server, "memory").await;
    assert_eq!(reason(&memory), ("failed", "memory"), "{memory}");
    let begun = Instant::now();
    assert_eq!(reason(&run(&server, "forks").await).0, "completed");
    assert!(begun.elapsed() < Duration::from_secs(20), "children that were left behind held the version");
    let binary = run(&server, "binary").await;
    let lines = server.log_lines(binary["id"].as_str().expect("id")).await;
    let raw = lines.iter().find(|l| l["raw"].is_string()).unwrap_or_else(|| panic!("{lines:?}"));
    assert_eq!(raw["raw"], "//4AbGluZQ==");
    // The log counts as disk, so that endless output can't fill the server's.
    let endless = run(&server, "endless").await;
    assert_eq!(reason(&endless), ("failed", "storage"), "{endless}");
    assert_eq!(server.ledger().await["held"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_megabytes_of_output_are_kept_byte_for_byte() {
    let server = Server::start().await;
    let types = json!([{"name": "loud", "command": ["sh", "-c", "yes 'forty-nine characters and a newline make it fifty' | head -n 1000000"],
        "resources": {"cpu_millis": 1000, "memory_mb": 64, "storage_mb": 400, "deadline_s": 120}}]);
    let (status, body) =
        server.post("/api/environments", json!({"name": "test", "manifest": {"types": types}})).await;
    assert!(status.is_success(), "{body}");
    let view = run(&server, "loud").await;
    assert_eq!(view["state"], "completed", "{view}");
    let id = view["id"].as_str().expect("id");
    let text = reqwest::Client::new()
        .get(format!("{}/api/processes/{id}/logs", server.url))
        .bearer_auth(&server.token)
        .header("Accept", "text/plain")
        .send()
        .await
        .expect("answers")
        .text()
        .await
        .expect("text");
    let line = "forty-nine characters and a newline make it fifty\n";
    assert_eq!(text.len(), line.len() * 1_000_000);
    assert!(text.lines().all(|l| l == line.trim_end()));
    // The middle of it at once, by the index; and a search.
    let page = server.get(&format!("/api/processes/{id}/logs?after=600000&limit=2")).await;
    assert_eq!(page["lines"][0]["seq"], 600_001);
    let hits = server.get(&format!("/api/processes/{id}/logs?q=newline&after=999990&limit=100")).await;
    assert_eq!(hits["lines"].as_array().expect("lines").len(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_ends_what_ignores_sigterm_and_releases_the_hold() {
    let server = Server::start().await;
    server
        .shell_types(&[
            ("stubborn", "trap '' TERM; echo ready; while :; do sleep 1; done"),
            ("long", "sleep 300"),
        ])
        .await;
    let id = server.submit("stubborn", json!({})).await;
    server.until(&id, |s| s == "running").await;
    let (status, view) = server.post(&format!("/api/processes/{id}/cancel"), json!({})).await;
    assert_eq!((status, view["stopping"].as_bool()), (StatusCode::OK, Some(true)), "{view}");
    // Money is released only with proof that nothing runs.
    assert!(server.ledger().await["held"].as_i64().expect("held") > 0);
    let view = server.ended(&id).await;
    assert_eq!(reason(&view), ("cancelled", "cancelled"));
    assert_eq!(view["reason"], "cancelled by demo");
    let lines = server.log_lines(&id).await;
    assert!(
        lines.iter().any(|l| l["stream"] == "system"
            && l["line"].as_str().is_some_and(|t| t.contains("cancelled by demo"))),
        "{lines:?}"
    );
    assert_eq!(server.ledger().await["held"], 0);
    let (status, again) = server.post(&format!("/api/processes/{id}/cancel"), json!({})).await;
    assert_eq!((status, code(&again)), (StatusCode::CONFLICT, "already_ended"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_goes_by_priority_and_a_queued_version_can_be_cancelled() {
    let server = Server::start_with(None, &["--cpus", "0.2"], &[]).await;
    server.shell_types(&[("wait", "sleep 300"), ("short", "sleep 0.1")]).await;
    let first = server.submit("wait", json!({})).await;
    server.until(&first, |s| s == "running").await;
    let low = server.submit("short", json!({})).await;
    let body = json!({"project": "demo", "type": "short", "priority": 5});
    let (_, high) = server.post("/api/processes", body).await;
    let high = high["id"].as_str().expect("id").to_owned();
    let position = |view: &Value| view["versions"][0]["queue_position"].as_i64();
    assert_eq!(position(&server.get(&format!("/api/processes/{low}")).await), Some(2));
    assert_eq!(position(&server.get(&format!("/api/processes/{high}")).await), Some(1));
    let (status, view) = server.post(&format!("/api/processes/{low}/cancel"), json!({})).await;
    assert_eq!((status, view["state"].as_str()), (StatusCode::OK, Some("cancelled")), "{view}");
    assert_eq!(server.log_lines(&low).await[0]["line"], "cancelled by demo");
    server.post(&format!("/api/processes/{first}/cancel"), json!({})).await;
    assert_eq!(server.ended(&high).await["state"], "completed");
    assert_eq!(server.ledger().await["held"], 0);
    // What could never start is refused, and says what there is.
    let body = json!({"project": "demo", "type": "short", "resources": {"cpu_millis": 4000}});
    let (status, error) = server.post("/api/processes", body).await;
    assert_eq!((status, code(&error)), (StatusCode::UNPROCESSABLE_ENTITY, "invalid_resources"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_input_names_the_field() {
    let server = Server::start().await;
    server.demo_ready().await;
    let submit = async |parameters: Value| {
        server
            .post("/api/processes", json!({"project": "demo", "type": "fft", "parameters": parameters}))
            .await
    };
    for (parameters, path) in [
        (json!({}), "/parameters/input"),
        (json!({"input": "upload:no-such.csv"}), "/parameters/input"),
        (json!({"input": "dataset:ds_01JDDDDDDDDDDDDDDDDDDDDDDD"}), "/parameters/input"),
        (json!({"input": "upload:../../../etc/passwd"}), "/parameters/input"),
        (json!({"input": "/etc/passwd"}), "/parameters/input"),
        (json!({"input": "upload:mauna-loa-co2.csv", "window": "no such window"}), "/parameters/window"),
    ] {
        let (status, error) = submit(parameters.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{parameters}: {error}");
        assert_eq!(error["errors"][0]["path"], path, "{parameters}: {error}");
    }
    let (status, error) = submit(json!({"input": "upload:mauna-loa-co2.csv", "colour": 1})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{error}");
    let (status, error) = server.post("/api/processes", json!({"project": "demo", "type": "nonsense"})).await;
    assert_eq!((status, code(&error)), (StatusCode::UNPROCESSABLE_ENTITY, "unknown_type"), "{error}");
    assert!(error["detail"].as_str().expect("a detail").contains("fft"), "{error}");
    let (status, error) =
        server.post("/api/processes", json!({"project": "demo", "type": "fft", "parametres": {}})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{error}");
    assert_eq!(server.ledger().await["held"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_projects_data_do_not_exist_and_no_credit_means_402() {
    let server = Server::start().await;
    server.demo_ready().await;
    let (status, other) = server.post("/api/projects", json!({"name": "other"})).await;
    assert!(status.is_success(), "{other}");
    let body =
        json!({"project": "other", "type": "fft", "parameters": {"input": "upload:mauna-loa-co2.csv"}});
    let (status, error) = server.post("/api/processes", body).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{error}");
    server.shell_types(&[("hello", "echo hello")]).await;
    let (status, error) = server.post("/api/processes", json!({"project": "other", "type": "hello"})).await;
    assert_eq!((status, code(&error)), (StatusCode::PAYMENT_REQUIRED, "insufficient_credit"), "{error}");
    let list = server.get("/api/processes?project=other").await;
    assert!(list["items"].as_array().expect("a list").is_empty(), "a refused submit leaves nothing: {list}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runner_waits_for_a_server_that_is_away() {
    let mut server = Server::start().await;
    server.demo_ready().await;
    let id = server.submit("fft", json!({"input": "upload:mauna-loa-co2.csv"})).await;
    server.until(&id, |s| s != "queued").await;
    server.kill();
    tokio::time::sleep(Duration::from_secs(2)).await;
    server.restart().await;
    let view = server.ended(&id).await;
    assert_eq!(view["state"], "completed", "{view}\n{:?}", server.log_lines(&id).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_stops_in_order_and_what_runs_goes_on() {
    let mut server = Server::start().await;
    server.shell_types(&[("steady", "for i in 1 2 3 4 5 6 7 8 9 10; do echo $i; sleep 0.3; done")]).await;
    let id = server.submit("steady", json!({})).await;
    server.until(&id, |s| s == "running").await;
    assert!(server.stop().success());
    server.restart().await;
    assert_eq!(server.ended(&id).await["state"], "completed");
    let said: Vec<Value> = server
        .log_lines(&id)
        .await
        .iter()
        .filter(|l| l["stream"] == "stdout")
        .map(|l| l["line"].clone())
        .collect();
    assert_eq!(said, (1..=10).map(|i| json!(i.to_string())).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_do_not_reach_the_log() {
    let server = Server::start().await;
    server.shell_types(&[("hello", "echo hello")]).await;
    run(&server, "hello").await;
    let (_, jwt) = server
        .call_as(
            "",
            Method::POST,
            "/api/auth/token",
            Some(json!({"user": "demo", "password": "demo-wrong-secret"})),
        )
        .await;
    assert_eq!(code(&jwt), "unauthenticated", "{jwt}");
    let log = server.log();
    assert!(!log.contains("demo-wrong-secret") && !log.contains(&server.token), "{log}");
    let key = std::fs::read_to_string(server.folder.path().join("data/secrets/master.key")).expect("a key");
    assert!(!log.contains(key.trim()));
}
