//! Two real servers on one database: each looks after what runs on its own data folder, and nothing of the other's is
//! ended when it dies. Two on one data folder: the second takes over when the first has ended.

mod support;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use support::{PATIENCE, Server};

const SITE: &str = r#"
name: site
command: [python3, -m, http.server, "{port}", --bind, 127.0.0.1, --directory, "{home}"]
health_check: { endpoint: /, use_container_root: true, interval: 1, timeout: 1, retries: 3, start_period: 20 }
idle: { timeout: 0 }
profiles: [{ name: small, resources: { cpu_millis: 100, memory_mb: 256, storage_mb: 64 } }]
"#;

/// Replicas share what signs their sessions.
const KEY: &str = "0f0e0d0c0b0a09080706050403020100000102030405060708090a0b0c0d0e0f";

struct Pair {
    services: tempfile::TempDir,
    database: String,
}

impl Pair {
    async fn server(&self, extra: &[&str]) -> Server {
        let services = self.services.path().display().to_string();
        let mut arguments = vec!["--services", services.as_str(), "--sandbox", "off"];
        arguments.extend(extra);
        let variables = [("CASTALIA_MASTER_KEY", KEY)];
        Server::start_with(Some(self.database.clone()), &arguments, &variables).await
    }
}

async fn until(server: &Server, id: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let view = server.get(&format!("/api/workspaces/{id}")).await;
        if fits(&view) {
            return view;
        }
        assert!(begun.elapsed() < PATIENCE, "not {what}: {view}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn open(server: &Server) -> Value {
    let body = json!({"service": "site", "project": "demo", "new": true});
    let (status, view) = server.post("/api/workspaces", body).await;
    assert_eq!(status, StatusCode::OK, "{view}");
    until(server, view["id"].as_str().expect("an id"), "ready", |w| w["state"] == "ready").await
}

async fn page(server: &Server, view: &Value) -> (StatusCode, Value) {
    server.call_as(&server.token, Method::GET, view["path"].as_str().expect("a path"), None).await
}

fn pid_of(server: &Server, view: &Value) -> u64 {
    let id = view["id"].as_str().expect("an id").trim_start_matches("ws_");
    let file = server.folder.path().join(format!("data/units/unit_{id}_r{}/started.json", view["run"]));
    let text = std::fs::read_to_string(file).expect("it was started");
    serde_json::from_str::<Value>(&text).expect("JSON")["pid"].as_u64().expect("a pid")
}

fn runs(pid: u64) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_looks_after_its_own_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}?mode=rwc", folder.path().join("shared.db").display());
    each_looks_after_its_own(database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_looks_after_its_own_on_postgres() {
    let Some(database) = castalia_testkit::postgres_url().await else { return };
    each_looks_after_its_own(database).await;
}

async fn each_looks_after_its_own(database: String) {
    let services = tempfile::tempdir().expect("a folder");
    std::fs::write(services.path().join("site.yaml"), SITE).expect("writes");
    let pair = Pair { services, database };
    let mut first = pair.server(&[]).await;
    let second = pair.server(&[]).await;
    let (mine, other) = (open(&first).await, open(&second).await);
    let (id, pid) = (mine["id"].as_str().expect("an id").to_owned(), pid_of(&first, &mine));
    assert_eq!(page(&first, &mine).await.0, StatusCode::OK);
    assert_eq!(page(&second, &other).await.0, StatusCode::OK);

    // The second sees what the first looks after, and says who can lead to it.
    let seen = second.get(&format!("/api/workspaces/{id}")).await;
    assert_eq!((&seen["state"], &seen["out_of_reach"]), (&json!("ready"), &json!(false)), "{seen}");
    let (status, refused) = page(&second, &mine).await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("elsewhere")),
        "{refused}"
    );
    assert!(refused["detail"].as_str().expect("words").contains(&first.url), "{refused}");
    assert_eq!(second.get("/api/workspace-orphans").await["items"], json!([]));

    // The first dies: its workspace is out of reach, and not ended.
    first.kill();
    let lost = until(&second, &id, "out of reach", |w| w["out_of_reach"] == true).await;
    assert_eq!((&lost["state"], &lost["health"]), (&json!("ready"), &json!("unhealthy")), "{lost}");
    let why = lost["health_reason"].as_str().expect("a reason");
    assert!(why.contains("was last heard of at") && why.contains("may still run"), "{why}");
    let (status, refused) = page(&second, &mine).await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("out_of_reach")),
        "{refused}"
    );
    assert_eq!(page(&second, &other).await.0, StatusCode::OK);
    assert!(runs(pid), "it was ended with its server");

    // It comes back, and looks after it again at once, as it runs.
    first.restart().await;
    until(&first, &id, "reachable", |w| w["out_of_reach"] == false).await;
    let begun = Instant::now();
    while page(&first, &mine).await.0 != StatusCode::OK {
        assert!(begun.elapsed() < PATIENCE, "its door stays shut\n{}", first.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(30), "waited for {:?}", begun.elapsed());
    let again = until(&second, &id, "seen again", |w| w["out_of_reach"] == false).await;
    assert_eq!((&again["state"], &again["run"]), (&json!("ready"), &json!(1)), "{again}");
    assert_eq!(pid_of(&first, &again), pid);

    // What is asked of the other server is carried out by the one that can.
    let (status, answer) = second.post(&format!("/api/workspaces/{id}/stop"), json!({})).await;
    assert!(status.is_success(), "{answer}");
    until(&second, &id, "stopped", |w| w["state"] == "stopped").await;
    assert!(!runs(pid), "it still runs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_out_of_reach_for_good_can_be_given_up() {
    let Some(database) = castalia_testkit::postgres_url().await else { return };
    let services = tempfile::tempdir().expect("a folder");
    std::fs::write(services.path().join("site.yaml"), SITE).expect("writes");
    let pair = Pair { services, database };
    let (mut first, second) = (pair.server(&[]).await, pair.server(&[]).await);
    let mine = open(&first).await;
    let (id, pid) = (mine["id"].as_str().expect("an id").to_owned(), pid_of(&first, &mine));
    first.kill();
    until(&second, &id, "out of reach", |w| w["out_of_reach"] == true).await;
    let stop = format!("/api/workspaces/{id}/stop");
    let (_, asked) = second.post(&stop, json!({})).await;
    assert_eq!(asked["state"], "stopping", "{asked}");
    let (_, given_up) = second.post(&stop, json!({})).await;
    assert_eq!(
        (&given_up["state"], &given_up["reason_code"]),
        (&json!("failed"), &json!("given_up")),
        "{given_up}"
    );
    assert!(runs(pid), "another server's unit was ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_one_on_the_same_folder_takes_over() {
    let services = tempfile::tempdir().expect("a folder");
    std::fs::write(services.path().join("site.yaml"), SITE).expect("writes");
    let path = services.path().display().to_string();
    let mut first =
        Server::start_with(None, &["--services", &path, "--sandbox", "off", "--standby"], &[]).await;
    let view = open(&first).await;
    let pid = pid_of(&first, &view);
    let mut second = first.beside();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(reqwest::get(format!("{}/health", second.url)).await.is_err(), "both work on it");
    first.kill();
    second.ready().await;
    let begun = Instant::now();
    while page(&second, &view).await.0 != StatusCode::OK {
        assert!(begun.elapsed() < PATIENCE, "its door stays shut\n{}", second.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let seen = second.get(&format!("/api/workspaces/{}", view["id"].as_str().expect("an id"))).await;
    assert_eq!((&seen["state"], &seen["run"]), (&json!("ready"), &json!(1)), "{seen}");
    assert!(runs(pid), "it was started anew");
}
