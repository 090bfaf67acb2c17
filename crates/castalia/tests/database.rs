//! The database is locked, goes away and comes back; the disk is full: clear answers, nothing lost.

mod support;

use reqwest::StatusCode;
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{PATIENCE, Postgres, Server, Tmpfs};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_database_is_waited_for() {
    let server = Server::start().await;
    server.shell_types(&[("hello", "echo hello")]).await;
    let file = server.folder.path().join("data/castalia.db");
    let script = "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None); \
                  c.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); time.sleep(2); c.execute('ROLLBACK')";
    let mut locker = Command::new("python3")
        .args(["-c", script])
        .arg(&file)
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut said = [0; 6];
    std::io::Read::read_exact(locker.stdout.as_mut().expect("a pipe"), &mut said).expect("locks");
    let begun = Instant::now();
    let id = server.submit("hello", json!({})).await;
    assert!(begun.elapsed() > Duration::from_millis(500), "it was not locked");
    assert_eq!(server.ended(&id).await["state"], "completed");
    locker.wait().expect("ends");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_goes_away_and_comes_back() {
    let Some((postgres, url)) = Postgres::start() else { return };
    let server = Server::start_with(Some(url), &[], &[]).await;
    server.shell_types(&[("steady", "for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done")]).await;
    let id = server.submit("steady", json!({})).await;
    server.until(&id, |s| s == "running").await;
    postgres.script("pause").expect("stops");
    let (status, error) = server.post("/api/processes", json!({"project": "demo", "type": "steady"})).await;
    assert_eq!(
        (status, error["code"].as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, Some("unavailable")),
        "{error}"
    );
    let health = reqwest::get(format!("{}/health", server.url)).await.expect("answers");
    assert_eq!(health.status(), StatusCode::SERVICE_UNAVAILABLE);
    // The run ends while there is nowhere to write it down.
    tokio::time::sleep(Duration::from_secs(4)).await;
    postgres.script("resume").expect("starts again");
    let begun = Instant::now();
    while !reqwest::get(format!("{}/health", server.url)).await.expect("answers").status().is_success() {
        assert!(begun.elapsed() < PATIENCE, "it does not find the database again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let view = server.ended(&id).await;
    assert_eq!(view["state"], "completed", "{view}");
    let said: Vec<Value> = server
        .log_lines(&id)
        .await
        .iter()
        .filter(|l| l["stream"] == "stdout")
        .map(|l| l["line"].clone())
        .collect();
    assert_eq!(said.len(), 6);
    assert_eq!(server.ledger().await["held"], 0);
    let next = server.submit("steady", json!({})).await;
    assert_eq!(server.ended(&next).await["state"], "completed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_survived() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(_disk) = Tmpfs::over(&folder.path().join("data"), 48) else {
        eprintln!("skipped: mounting a small file system needs root");
        return;
    };
    let server = Server::start_in(folder, None, &[], &[]).await;
    server.shell_types(&[("hello", "echo hello")]).await;
    server.demo_ready().await;
    let before = server.submit("hello", json!({})).await;
    assert_eq!(server.ended(&before).await["state"], "completed");
    let filler = server.folder.path().join("data/filler");
    let script = format!(
        "dd if=/dev/zero of={0} bs=64k 2>/dev/null; dd if=/dev/zero bs=4k >> {0} 2>/dev/null; true",
        filler.display()
    );
    Command::new("sh").args(["-c", &script]).status().expect("fills the disk");
    let put = |body: Vec<u8>, name: &str| {
        reqwest::Client::new()
            .put(format!("{}/api/uploads?project=demo&name={name}", server.url))
            .bearer_auth(&server.token)
            .body(body)
            .send()
    };
    let answer = put(vec![7; 1 << 20], "full.bin").await.expect("answers");
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let error: Value = answer.json().await.expect("a problem");
    assert_eq!(error["code"], "disk_full", "{error}");
    let (status, error) = server.post("/api/processes", json!({"project": "demo", "type": "hello"})).await;
    // The database may have room in its journal; then the program waits until it can start.
    assert!(status == StatusCode::CREATED || error["code"] == "disk_full", "{status} {error}");
    std::fs::remove_file(&filler).expect("frees the disk");
    let answer = put(vec![7; 1 << 20], "full.bin").await.expect("answers");
    let (status_now, text) = (answer.status(), answer.text().await.expect("text"));
    assert!(status_now.is_success(), "{status_now} {text}\n{}", server.log());
    let after = server.submit("hello", json!({})).await;
    assert_eq!(server.ended(&after).await["state"], "completed");
    if status == StatusCode::CREATED {
        let waited = error["id"].as_str().expect("an id");
        let view = server.ended(waited).await;
        assert_eq!(view["state"], "completed", "{view}");
    }
    assert_eq!(server.ledger().await["held"], 0);
}
