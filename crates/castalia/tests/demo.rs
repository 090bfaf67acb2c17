//! What `--demo` makes: once, whatever happens in between; and what is said when it can't be made.

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};
use support::{PATIENCE, Server};

const WITH_FLOW: (&str, &str) = ("CASTALIA_NO_DEMO_FLOW", "false");

async fn processes(server: &Server) -> Vec<Value> {
    server.get("/api/processes?project=demo").await["items"].as_array().expect("a list").clone()
}

/// Waits until the flow is finished.
async fn finished(server: &Server) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let all = processes(server).await;
        if all.len() >= 3 && all.iter().all(|p| p["state"] == "completed") {
            return all;
        }
        assert!(begun.elapsed() < PATIENCE, "no flow: {all:?}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn names(all: &[Value]) -> Vec<&str> {
    let mut names: Vec<_> = all.iter().filter_map(|p| p["name"].as_str()).collect();
    names.sort_unstable();
    names
}

const ALL: [&str; 3] = ["Earthquake catalogue", "Earthquake map", "Mauna Loa spectrum"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_flow_is_made_once_though_the_server_dies_in_the_middle() {
    let kill = ("CASTALIA_TEST_KILL_AT", "settled");
    let mut server = Server::start_with(None, &[], &[WITH_FLOW, kill]).await;
    server.gone().await;
    server.launch(&[WITH_FLOW]);
    server.ready().await;
    let all = finished(&server).await;
    assert_eq!(names(&all), ALL);
    let map = all.iter().find(|p| p["name"] == "Earthquake map").expect("the map");
    let outputs: Vec<_> = map["outputs"].as_array().expect("a list").iter().map(|o| &o["name"]).collect();
    assert_eq!(outputs, ["contours", "density.npy", "grid", "picture", "report", "summits"]);
    let catalogue = all.iter().find(|p| p["name"] == "Earthquake catalogue").expect("the catalogue");
    assert_eq!(map["versions"][0]["inputs"][0]["process"], catalogue["id"], "a chain of two");
    // Nobody misses a credit: less than one is spent, and nothing stays held.
    let credit = &server.get("/api/projects/demo").await["credit"];
    assert_eq!(credit["held"], 0, "{credit}");
    assert!(credit["balance"].as_i64().expect("an amount") > 999_000_000, "{credit}");
    // What the map was made from stays as long as the map.
    let path_of = |p: &Value| format!("/api/processes/{}", p["id"].as_str().expect("an id"));
    let (status, problem) = server.call_as(&server.token, Method::DELETE, &path_of(catalogue), None).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("in_use")), "{problem}");
    // Deleted is deleted, also after the next start.
    let path = path_of(map);
    let (status, answer) = server.call_as(&server.token, Method::DELETE, &path, None).await;
    assert!(status.is_success(), "{answer}");
    assert!(server.stop().success());
    server.launch(&[WITH_FLOW]);
    server.ready().await;
    let begun = Instant::now();
    while server.log().matches("the demo's flow is there").count() < 2 {
        assert!(begun.elapsed() < PATIENCE, "{}", server.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(names(&processes(&server).await), [ALL[0], ALL[2]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_offers_an_example_that_its_schema_accepts() {
    let server = Server::start().await;
    server.demo_ready().await;
    for t in server.get("/api/process-types").await.as_array().expect("a list") {
        let examples = t["schema"]["examples"].as_array().unwrap_or_else(|| panic!("{} has none", t["name"]));
        for example in examples {
            let body =
                json!({"project": "demo", "type": t["name"], "parameters": example["parameters"].clone()});
            let (status, answer) = server.post("/api/processes/estimate", body).await;
            assert!(status.is_success(), "{}: {answer}", example["title"]);
        }
    }
}

/// An interpreter that is none.
fn script(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("python");
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("may be run");
    let path = path.to_string_lossy().into_owned();
    (folder, path)
}

async fn state_of(url: &str, token: &str) -> Value {
    let answer = reqwest::Client::new()
        .get(format!("{url}/api/environments/bootstrap"))
        .bearer_auth(token)
        .send()
        .await
        .expect("answers");
    answer.json::<Value>().await.expect("JSON")["state"].clone()
}

async fn until_state(url: &str, token: &str, wanted: &str) {
    let begun = Instant::now();
    loop {
        let state = state_of(url, token).await;
        if state == wanted {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "still {state}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn refused_at_once(url: &str, token: &str) {
    let begun = Instant::now();
    let answer = reqwest::Client::new()
        .post(format!("{url}/api/processes"))
        .bearer_auth(token)
        .json(&json!({"project": "demo", "type": "nothing", "parameters": {}}))
        .send()
        .await
        .expect("answers");
    assert_eq!(answer.status(), 422);
    assert!(begun.elapsed() < Duration::from_secs(20), "waited {:?} for what will not come", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_an_environment_that_could_not_be_prepared() {
    let (_folder, python) = script("exit 1");
    let server = Server::start_with(None, &["--bootstrap-python", &python], &[]).await;
    until_state(&server.url, &server.token, "broken").await;
    refused_at_once(&server.url, &server.token).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_an_environment_whose_preparation_was_cut_off() {
    let (_folder, python) = script("exec sleep 60");
    let mut server = Server::start_with(None, &["--bootstrap-python", &python], &[]).await;
    until_state(&server.url, &server.token, "preparing").await;
    server.kill();
    // Without --demo nobody prepares it again.
    let address = |url: &str| url.trim_start_matches("http://").to_owned();
    let mut plain = std::process::Command::new(env!("CARGO_BIN_EXE_castalia"))
        .args(["serve", "--data"])
        .arg(server.folder.path().join("data"))
        .args(["--listen", &address(&server.url), "--s3-listen", &address(&server.s3_url)])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("starts");
    let heard = async {
        server.ready().await;
        until_state(&server.url, &server.token, "broken").await;
        refused_at_once(&server.url, &server.token).await;
    };
    let heard = tokio::time::timeout(PATIENCE, heard).await;
    let _ = plain.kill();
    let _ = plain.wait();
    heard.expect("in time");
}
