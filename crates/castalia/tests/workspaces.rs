//! Workspaces on a real server: opened, used through the proxy, shared, stopped, broken, and found again after the
//! server was killed.

mod cli_support;
mod support;

use castalia_db::Sql;
use cli_support::Cli;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use support::{PATIENCE, Server};

/// A plain HTTP server that is ready at once.
const SITE: &str = r#"
name: site
title: Site
command: [python3, -m, http.server, "{port}", --bind, 127.0.0.1, --directory, "{home}"]
health_check: { endpoint: /, use_container_root: true, interval: 1, timeout: 1, retries: 3, start_period: 20 }
idle: { timeout: 0 }
profiles:
  - { name: small, resources: { cpu_millis: 100, memory_mb: 256, storage_mb: 64 } }
  - { name: large, resources: { cpu_millis: 200, memory_mb: 512, storage_mb: 128 } }
"#;

async fn server_with(definitions: &[(&str, &str)], extra: &[&str]) -> (Server, tempfile::TempDir) {
    server_on(None, definitions, extra).await
}

async fn server_on(
    database: Option<String>,
    definitions: &[(&str, &str)],
    extra: &[&str],
) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in definitions {
        write_definition(folder.path(), name, text);
    }
    let services = folder.path().display().to_string();
    let mut arguments = vec!["--services", services.as_str(), "--sandbox", "off"];
    arguments.extend(extra);
    (Server::start_with(database, &arguments, &[]).await, folder)
}

fn write_definition(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(format!("{name}.yaml")), text).expect("writes");
}

async fn open(server: &Server, body: Value) -> Value {
    let (status, view) = server.post("/api/workspaces", body).await;
    assert_eq!(status, StatusCode::OK, "{view}");
    view
}

/// Waits until the workspace is in one of these states.
async fn until(server: &Server, id: &str, states: &[&str]) -> Value {
    let begun = Instant::now();
    loop {
        let view = server.get(&format!("/api/workspaces/{id}")).await;
        if states.contains(&view["state"].as_str().unwrap_or_default()) {
            return view;
        }
        assert!(begun.elapsed() < PATIENCE, "{view}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn ready(server: &Server, service: &str) -> Value {
    let view = open(server, json!({"service": service, "project": "demo", "new": true})).await;
    let view = until(server, view["id"].as_str().expect("an id"), &["ready", "failed"]).await;
    assert_eq!(view["state"], "ready", "{view}\n{}", server.log());
    view
}

fn id(view: &Value) -> &str {
    view["id"].as_str().expect("an id")
}

async fn ask(server: &Server, token: &str, path: &str) -> (StatusCode, String) {
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let mut request = client.get(format!("{}{path}", server.url));
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.expect("answers");
    (answer.status(), answer.text().await.expect("text"))
}

async fn member(server: &Server, name: &str) -> String {
    let password = format!("{name}-password");
    let body = json!({"name": name, "password": password, "roles": ["viewer"]});
    assert!(server.post("/api/users", body).await.0.is_success());
    let body = json!({"role": "developer"});
    let (status, answer) = server
        .call_as(&server.token, Method::PUT, &format!("/api/projects/demo/members/{name}"), Some(body))
        .await;
    assert!(status.is_success(), "{answer}");
    server.api_token(name, &password).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_is_opened_used_stopped_and_deleted() {
    whole_life(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_is_opened_used_stopped_and_deleted_on_postgres() {
    let Some(url) = castalia_testkit::postgres_url().await else { return };
    whole_life(Some(url)).await;
}

async fn whole_life(database: Option<String>) {
    let (server, _folder) = server_on(database, &[("site", SITE)], &[]).await;
    let view = ready(&server, "site").await;
    let name = view["name"].as_str().expect("a name");
    assert!(name.starts_with("demo-site-"), "{name}");
    let stages: Vec<&str> = view["stages"]
        .as_array()
        .expect("stages")
        .iter()
        .map(|s| s["stage"].as_str().expect("a word"))
        .collect();
    assert_eq!(stages, ["queued", "admitted", "started", "ready"]);
    assert!(view["ready_ms"].as_i64().expect("a time") > 0);

    let path = view["path"].as_str().expect("a path");
    assert_eq!(path, format!("/user/demo/{name}/"));
    let (status, body) = ask(&server, &server.token, path).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("Directory listing"), "{body}");
    // Its volume is its own, and survives a stop.
    std::fs::write(server.folder.path().join("data/workspaces").join(id(&view)).join("kept.txt"), "kept")
        .expect("writes");
    assert_eq!(
        ask(&server, &server.token, &format!("{path}kept.txt")).await,
        (StatusCode::OK, "kept".into())
    );

    // Nobody: people are led to the sign-in, programs are told.
    assert_eq!(ask(&server, "", path).await.0, StatusCode::UNAUTHORIZED);
    let page =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let page = page
        .get(format!("{}{path}", server.url))
        .header("accept", "text/html")
        .send()
        .await
        .expect("answers");
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    assert!(page.headers()["location"].to_str().expect("text").starts_with("/?next=%2Fuser%2Fdemo%2F"));

    let (status, stopped) = server.post(&format!("/api/workspaces/{}/stop", id(&view)), json!({})).await;
    assert!(status.is_success(), "{stopped}");
    let stopped = until(&server, id(&view), &["stopped"]).await;
    assert_eq!(
        (stopped["reason"].as_str(), stopped["reason_code"].as_str()),
        (Some("stopped by demo"), Some("asked"))
    );
    let (status, body) = ask(&server, &server.token, path).await;
    assert_eq!(status, StatusCode::FAILED_DEPENDENCY, "{body}");

    let again = open(&server, json!({"workspace": name, "profile": "large"})).await;
    assert_eq!((again["id"].as_str(), again["run"].as_i64()), (Some(id(&view)), Some(2)));
    let again = until(&server, id(&view), &["ready", "failed"]).await;
    assert_eq!((again["state"].as_str(), again["profile"].as_str()), (Some("ready"), Some("large")));
    assert_eq!(ask(&server, &server.token, &format!("{path}kept.txt")).await.1, "kept");

    let one = format!("/api/workspaces/{}", id(&view));
    let (status, refused) = server.call_as(&server.token, Method::DELETE, &one, None).await;
    assert_eq!((status, refused["code"].as_str()), (StatusCode::CONFLICT, Some("still_running")));
    server.post(&format!("{one}/stop"), json!({})).await;
    until(&server, id(&view), &["stopped"]).await;
    assert_eq!(server.call_as(&server.token, Method::DELETE, &one, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(server.call_as(&server.token, Method::GET, &one, None).await.0, StatusCode::NOT_FOUND);
    assert!(!server.folder.path().join("data/workspaces").join(id(&view)).exists(), "its volume is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_others_a_workspace_does_not_exist_until_it_is_shared() {
    let (server, _folder) = server_with(&[("site", SITE)], &[]).await;
    let view = ready(&server, "site").await;
    let (path, one) = (view["path"].as_str().expect("a path"), format!("/api/workspaces/{}", id(&view)));
    let ada = member(&server, "ada").await;
    assert_eq!(ask(&server, &ada, path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.call_as(&ada, Method::GET, &one, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.call_as(&ada, Method::GET, "/api/workspaces", None).await.1["items"], json!([]));

    let share = |level: &str| json!({ "level": level });
    let at = format!("{one}/shares/ada");
    let (status, shared) = server.call_as(&server.token, Method::PUT, &at, Some(share("view"))).await;
    assert!(status.is_success(), "{shared}");
    assert_eq!(shared["shares"][0]["name"], "ada");
    let (status, seen) = server.call_as(&ada, Method::GET, &one, None).await;
    assert_eq!((status, seen["access"].as_str()), (StatusCode::OK, Some("view")));
    assert_eq!(seen["shares"], json!([]), "with whom else it is shared is the owner's affair");
    assert_eq!(ask(&server, &ada, path).await.0, StatusCode::FORBIDDEN);

    server.call_as(&server.token, Method::PUT, &at, Some(share("use"))).await;
    assert_eq!(ask(&server, &ada, path).await.0, StatusCode::OK);
    let stop = server.call_as(&ada, Method::POST, &format!("{one}/stop"), Some(json!({}))).await;
    assert_eq!(stop.0, StatusCode::FORBIDDEN);
    server.call_as(&server.token, Method::DELETE, &at, None).await;
    assert_eq!(ask(&server, &ada, path).await.0, StatusCode::NOT_FOUND);
    let refused =
        server.call_as(&server.token, Method::PUT, &format!("{one}/shares/nobody"), Some(share("use"))).await;
    assert_eq!(refused.1["code"], "not_a_member");

    // A token that is known but not allowed is told so.
    let (_, narrow) = server.post("/api/tokens", json!({"name": "n", "scopes": ["processes.*"]})).await;
    assert_eq!(
        ask(&server, narrow["secret"].as_str().expect("a token"), path).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(ask(&server, "cas_unknown", path).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_says_why_and_keeps_its_log() {
    let broken =
        "name: broken\ncommand: [/bin/sh, -c, \"echo loading; echo no module named x >&2; exit 3\"]\n";
    let deaf = "name: deaf\ncommand: [/bin/sh, -c, \"echo waiting; exec sleep 600\"]\ngrace: 1\n\
                health_check: { interval: 0.5, timeout: 0.5, retries: 2, start_period: 1, use_container_root: true }\n";
    let (server, _folder) = server_with(&[("broken", broken), ("deaf", deaf)], &[]).await;

    let begun = Instant::now();
    let view = open(&server, json!({"service": "broken", "project": "demo"})).await;
    let failed = until(&server, id(&view), &["failed", "ready"]).await;
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "an exit is seen at once, not after {:?}",
        begun.elapsed()
    );
    assert_eq!(failed["reason"], "ended with exit code 3 before it was ready: no module named x");
    assert_eq!(
        (failed["reason_code"].as_str(), failed["exit"]["code"].as_i64()),
        (Some("exit_code"), Some(3))
    );
    let logs = server.get(&format!("/api/workspaces/{}/logs", id(&view))).await;
    let lines: Vec<&str> =
        logs["lines"].as_array().expect("lines").iter().filter_map(|l| l["line"].as_str()).collect();
    assert!(lines.contains(&"loading") && lines.contains(&"no module named x"), "{logs}");
    assert_eq!(logs["complete"], true);

    let begun = Instant::now();
    let view = open(&server, json!({"service": "deaf", "project": "demo"})).await;
    let failed = until(&server, id(&view), &["failed", "ready"]).await;
    assert_eq!(
        (failed["state"].as_str(), failed["reason_code"].as_str()),
        (Some("failed"), Some("not_ready")),
        "{failed}"
    );
    let reason = failed["reason"].as_str().expect("a reason");
    assert!(reason.contains("did not become ready") && reason.ends_with(": waiting"), "{reason}");
    assert!(begun.elapsed() < Duration::from_secs(30), "reported after {:?}", begun.elapsed());

    // The progress of a start that is over is told from the record, with its log.
    let stream = reqwest::Client::new()
        .get(format!("{}/api/workspaces/{}/progress", server.url, id(&view)))
        .bearer_auth(&server.token);
    let text = stream.send().await.expect("answers").text().await.expect("ends by itself");
    assert!(
        text.contains("event: log") && text.contains("event: end") && text.contains("\"failed\""),
        "{text}"
    );
    let missing = server.post("/api/workspaces", json!({"service": "nope", "project": "demo"})).await;
    assert_eq!(missing.0, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_finds_its_workspaces_again() {
    killed_and_found(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_finds_its_workspaces_again_on_postgres() {
    let Some(url) = castalia_testkit::postgres_url().await else { return };
    killed_and_found(Some(url)).await;
}

async fn killed_and_found(database: Option<String>) {
    let (mut server, _folder) = server_on(database, &[("site", SITE)], &[]).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(ready(&server, "site").await);
    }
    let pids: Vec<u32> = open.iter().map(|w| pid_of(&server, w)).collect();
    server.kill();
    for pid in &pids {
        assert!(Path::new(&format!("/proc/{pid}")).exists(), "{pid} died with the server");
    }
    server.restart().await;
    for (before, pid) in open.iter().zip(&pids) {
        let after = until(&server, id(before), &["ready"]).await;
        assert_eq!(
            (&after["run"], &after["started_at"]),
            (&before["run"], &before["started_at"]),
            "started anew"
        );
        assert_eq!(pid_of(&server, &after), *pid);
        let begun = Instant::now();
        while ask(&server, &server.token, after["path"].as_str().expect("a path")).await.0 != StatusCode::OK {
            assert!(begun.elapsed() < PATIENCE, "its door stays shut\n{}", server.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert_eq!(server.get("/api/workspace-orphans").await["items"], json!([]));
    // What is killed is noticed, and nobody waits for a timer.
    let pid = rustix::process::Pid::from_raw(pids[0] as i32).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("is there");
    let begun = Instant::now();
    let failed = until(&server, id(&open[0]), &["failed"]).await;
    assert!(begun.elapsed() < Duration::from_secs(20), "seen after {:?}", begun.elapsed());
    assert_eq!(failed["reason_code"], "signal");
}

/// The process id of a workspace's program, from its unit's folder.
fn pid_of(server: &Server, view: &Value) -> u32 {
    let unit = format!("unit_{}_r{}", id(view).trim_start_matches("ws_"), view["run"]);
    let file = server.folder.path().join("data/units").join(unit).join("started.json");
    let begun = Instant::now();
    loop {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let status: Value = serde_json::from_str(&text).unwrap_or_default();
        if let Some(pid) = status["pid"].as_u64() {
            return u32::try_from(pid).expect("a pid");
        }
        assert!(begun.elapsed() < PATIENCE, "no pid in {}: {text}", file.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_may_start_wait_in_a_queue() {
    let slow = "name: slow\ncommand: [/bin/sh, -c, \"sleep 1; exec python3 -m http.server {port} --bind 127.0.0.1\"]\n\
                health_check: { endpoint: /, use_container_root: true, interval: 1, start_period: 20 }\n";
    let extra = ["--workspace-starts", "1", "--user-workspaces", "3"];
    let (server, _folder) = server_with(&[("slow", slow)], &extra).await;
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(open(&server, json!({"service": "slow", "project": "demo", "new": true})).await);
    }
    let (status, over) =
        server.post("/api/workspaces", json!({"service": "slow", "project": "demo", "new": true})).await;
    assert_eq!((status, over["code"].as_str()), (StatusCode::CONFLICT, Some("quota_reached")));
    let last = server.get(&format!("/api/workspaces/{}", id(&all[2]))).await;
    assert_eq!(last["state"], "queued", "{last}");
    let place = last["queue_position"].as_i64().expect("a place");
    assert!((1..=3).contains(&place), "{last}");
    for view in &all {
        let view = until(&server, id(view), &["ready", "failed"]).await;
        assert_eq!(view["state"], "ready", "{view}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_opens_and_stops_workspaces() {
    let broken = "name: broken\ncommand: [/bin/sh, -c, \"echo no luck; exit 7\"]\n";
    let wrong = "name: wrong\ncommand: [x]\nport: 0\n";
    let (server, _folder) = server_with(&[("site", SITE), ("broken", broken), ("wrong", wrong)], &[]).await;
    let home = tempfile::tempdir().expect("a folder");
    let cli = Cli { server: &server, home: home.path() };
    let services = cli.run(&["workspace", "services"]).ok();
    assert!(services.stdout.contains("site"), "{services:?}");
    assert!(services.stderr.contains("wrong.yaml:3: port: 0 is no port"), "{services:?}");

    let opened = cli.run(&["workspace", "open", "site", "--project", "demo"]).ok();
    let url = opened.stdout.trim();
    assert!(url.starts_with(&format!("{}/user/demo/demo-site-", server.url)), "{opened:?}");
    for stage in ["let in", "started", "ready"] {
        assert!(opened.stderr.contains(stage), "{stage}: {opened:?}");
    }
    let path = url.strip_prefix(&server.url).expect("a path");
    assert_eq!(ask(&server, &server.token, path).await.0, StatusCode::OK);
    let name = path.split('/').nth(3).expect("a name");
    assert!(cli.run(&["workspace", "list"]).ok().stdout.contains(name));
    assert!(cli.run(&["workspace", "show", name]).ok().stdout.contains("ready after"));
    let again = cli.run(&["--json", "workspace", "open", "site", "--project", "demo"]).ok().json();
    assert_eq!(
        (again["name"].as_str(), again["run"].as_i64()),
        (Some(name), Some(1)),
        "one that runs is not doubled"
    );
    assert!(cli.run(&["workspace", "stop", name]).ok().stdout.contains("is stopped"));
    cli.run(&["workspace", "delete", name, "--yes"]).ok();
    cli.run(&["workspace", "show", name]).fails(4, "no workspace");

    let failed = cli.run(&["workspace", "open", "broken", "--project", "demo"]);
    let failed = failed.fails(1, "exit code 7 before it was ready: no luck");
    assert!(failed.stderr.contains("no luck"), "the last lines of its log: {failed:?}");
    cli.run(&["workspace", "open", "nothing", "--project", "demo"]).fails(4, "no service");
    cli.run(&["workspace"]).fails(2, "say what to do");
    assert_eq!(cli.run_signed_in(&["workspace", "list"], "").code, Some(3), "nobody is signed in");
}

/// What runs of a workspace is made to look older, so that the test need not wait two minutes.
fn make_old(server: &Server, view: &Value) {
    let unit = format!("unit_{}_r{}", id(view).trim_start_matches("ws_"), view["run"]);
    let file = server.folder.path().join("data/units").join(unit).join("unit.json");
    let mut json: Value =
        serde_json::from_str(&std::fs::read_to_string(&file).expect("a file")).expect("JSON");
    json["created_at"] = json!(json["created_at"].as_i64().expect("a time") - 600_000);
    std::fs::write(&file, json.to_string()).expect("writes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_database_is_lost_what_runs_is_reported_and_then_adopted_or_ended() {
    let (mut server, _folder) = server_with(&[("site", SITE)], &[]).await;
    let (kept, ended) = (ready(&server, "site").await, ready(&server, "site").await);
    let pid = pid_of(&server, &kept);
    std::fs::write(server.folder.path().join("data/workspaces").join(id(&kept)).join("work.txt"), "work")
        .expect("writes");
    server.kill();
    for view in [&kept, &ended] {
        make_old(&server, view);
    }
    for file in ["castalia.db", "castalia.db-wal", "castalia.db-shm"] {
        let _ = std::fs::remove_file(server.folder.path().join("data").join(file));
    }
    server.launch(&[]);
    server.ready().await;
    server.token = server.api_token("demo", "demo").await;
    let orphans = server.get("/api/workspace-orphans").await;
    let items = orphans["items"].as_array().expect("a list");
    assert_eq!(items.len(), 2, "{orphans}");
    assert!(items.iter().all(|o| o["verdict"] == "orphan" && o["user"] == "demo"), "{orphans}");
    assert!(Path::new(&format!("/proc/{pid}")).exists(), "it was ended though nobody said so");

    let unit = |view: &Value| format!("unit_{}_r1", id(view).trim_start_matches("ws_"));
    let (status, adopted) =
        server.post(&format!("/api/workspace-orphans/{}/adopt", unit(&kept)), json!({})).await;
    assert_eq!(status, StatusCode::CREATED, "{adopted}");
    let adopted = until(&server, id(&kept), &["ready"]).await;
    assert_eq!((pid_of(&server, &adopted), adopted["name"].as_str()), (pid, kept["name"].as_str()));
    let path = format!("{}work.txt", adopted["path"].as_str().expect("a path"));
    assert_eq!(ask(&server, &server.token, &path).await, (StatusCode::OK, "work".into()));

    let one = format!("/api/workspace-orphans/{}", unit(&ended));
    assert_eq!(server.call_as(&server.token, Method::DELETE, &one, None).await.0, StatusCode::NO_CONTENT);
    let begun = Instant::now();
    let folder = server.folder.path().join("data/units").join(unit(&ended));
    while folder.exists() || server.get("/api/workspace-orphans").await["items"] != json!([]) {
        assert!(begun.elapsed() < PATIENCE, "it does not end\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(until(&server, id(&kept), &["ready"]).await["health"], "healthy");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_its_row_alone_was_lost_it_is_adopted_too() {
    let (mut server, _folder) = server_with(&[("site", SITE)], &[]).await;
    let view = ready(&server, "site").await;
    let pid = pid_of(&server, &view);
    server.kill();
    make_old(&server, &view);
    let url = format!("sqlite://{}", server.folder.path().join("data/castalia.db").display());
    let db = castalia_db::Db::open(&url).await.expect("opens");
    let mut tx = db.begin().await.expect("begins");
    tx.execute("DELETE FROM workspaces WHERE id = $1", castalia_db::params![id(&view)])
        .await
        .expect("deletes");
    tx.commit().await.expect("commits");
    db.close().await;
    server.restart().await;
    let unit = format!("unit_{}_r1", id(&view).trim_start_matches("ws_"));
    let adopt = format!("/api/workspace-orphans/{unit}/adopt");
    let (status, adopted) = server.post(&adopt, json!({})).await;
    assert_eq!(status, StatusCode::CREATED, "{adopted}");
    let adopted = until(&server, id(&view), &["ready"]).await;
    assert_eq!((pid_of(&server, &adopted), &adopted["name"]), (pid, &view["name"]));
    assert_eq!(server.post(&adopt, json!({})).await.0, StatusCode::NOT_FOUND, "it is claimed now");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_another_program_takes_first_is_no_failure() {
    let late = "name: late\ncommand: [/bin/sh, -c, \"[ -e go ] || { echo {port} >port; until [ -e go ]; do sleep 0.05; done; exit 1; }; \
                exec python3 -m http.server {port} --bind 127.0.0.1\"]\n\
                health_check: { endpoint: /, use_container_root: true, interval: 1, start_period: 20 }\n";
    let (server, _folder) = server_with(&[("late", late)], &[]).await;
    let view = open(&server, json!({"service": "late", "project": "demo"})).await;
    let volume = server.folder.path().join("data/workspaces").join(id(&view));
    let begun = Instant::now();
    let port = loop {
        let text = std::fs::read_to_string(volume.join("port")).unwrap_or_default();
        if let Some(port) = text.strip_suffix('\n').and_then(|p| p.parse::<u16>().ok()) {
            break port;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", server.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let _another = std::net::TcpListener::bind(("127.0.0.1", port)).expect("is free");
    std::fs::write(volume.join("go"), "").expect("writes");
    let view = until(&server, id(&view), &["ready", "failed"]).await;
    assert_eq!((view["state"].as_str(), view["run"].as_i64()), (Some("ready"), Some(2)), "{view}");
    let note = view["stages"][0]["note"].as_str().expect("a note");
    assert_eq!(note, format!("another program had taken its port {port}; tried again with another"));
    // What was asked of it is told after its end too.
    server.post(&format!("/api/workspaces/{}/stop", id(&view)), json!({})).await;
    until(&server, id(&view), &["stopped"]).await;
    let chronicle = server.get(&format!("/api/workspaces/{}/health", id(&view))).await;
    let turns = chronicle["turns"].as_array().expect("turns");
    assert!(turns.iter().any(|t| t["state"] == "healthy"), "{chronicle}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_young_orphan_is_left_alone() {
    let (mut server, _folder) = server_with(&[("site", SITE)], &[]).await;
    let view = ready(&server, "site").await;
    server.kill();
    for file in ["castalia.db", "castalia.db-wal", "castalia.db-shm"] {
        let _ = std::fs::remove_file(server.folder.path().join("data").join(file));
    }
    server.launch(&[]);
    server.ready().await;
    server.token = server.api_token("demo", "demo").await;
    let orphans = server.get("/api/workspace-orphans").await;
    assert_eq!(orphans["items"][0]["verdict"], "young", "{orphans}");
    let unit = format!("/api/workspace-orphans/unit_{}_r1", id(&view).trim_start_matches("ws_"));
    let (status, refused) = server.call_as(&server.token, Method::DELETE, &unit, None).await;
    assert_eq!(
        (status, refused["code"].as_str()),
        (StatusCode::CONFLICT, Some("not_an_orphan_yet")),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_workspace_is_warned_of_and_stopped_and_a_kept_one_is_not() {
    let idle =
        SITE.replace("name: site", "name: idle").replace("{ timeout: 0 }", "{ timeout: 3, warning: 2 }");
    let (server, _folder) = server_with(&[("idle", &idle)], &[]).await;
    let (kept, left) = (ready(&server, "idle").await, ready(&server, "idle").await);
    server.post(&format!("/api/workspaces/{}/keep", id(&kept)), json!({"minutes": 5})).await;
    let stopped = until(&server, id(&left), &["stopped"]).await;
    assert_eq!(stopped["reason_code"], "idle", "{stopped}");
    assert!(stopped["reason"].as_str().expect("a reason").starts_with("idle for "), "{stopped}");
    let events = server.get("/api/audit?type=workspace.idle_warning").await;
    assert!(
        events["items"].as_array().expect("events").iter().any(|e| e["data"]["workspace"] == left["id"]),
        "{events}"
    );
    let view = server.get(&format!("/api/workspaces/{}", id(&kept))).await;
    assert_eq!(view["state"], "ready");
    let text = view["idle"]["text"].as_str().expect("text");
    assert!(text.starts_with("kept: its user keeps it until ") && text.ends_with(" UTC"), "{text}");
    // Restarted with another profile; one that is unknown stops nothing.
    let restart = format!("/api/workspaces/{}/restart", id(&kept));
    let (status, refused) = server.post(&restart, json!({"profile": "huge"})).await;
    assert_eq!(
        (status, refused["code"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("unknown_profile"))
    );
    let (status, again) = server.post(&restart, json!({"profile": "large"})).await;
    assert!(status.is_success(), "{again}");
    assert_eq!((again["profile"].as_str(), again["run"].as_i64()), (Some("large"), Some(2)), "{again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_waits_ready_is_claimed_at_once() {
    let warm = SITE.replace("name: site", "name: warm") + "warm: 1\n";
    let (server, _folder) = server_with(&[("warm", &warm)], &[]).await;
    let begun = Instant::now();
    let units = server.folder.path().join("data/units");
    let waiting = || {
        std::fs::read_dir(&units)
            .expect("a folder")
            .flatten()
            .filter(|e| e.file_name().to_string_lossy().starts_with("unit_"))
            .count()
    };
    while waiting() < 1 {
        assert!(begun.elapsed() < PATIENCE, "nothing waits\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(server.get("/api/workspaces?all=true").await["items"], json!([]), "what waits is nobody's");
    let view = loop {
        let view = open(&server, json!({"service": "warm", "project": "demo", "new": true})).await;
        if view["state"] == "ready" {
            break view;
        }
        // It was asked for before one was ready; the next finds one.
        until(&server, id(&view), &["ready"]).await;
        server.post(&format!("/api/workspaces/{}/stop", id(&view)), json!({})).await;
        until(&server, id(&view), &["stopped"]).await;
        assert!(begun.elapsed() < PATIENCE, "none is ever ready\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(ask(&server, &server.token, view["path"].as_str().expect("a path")).await.0, StatusCode::OK);
    assert!(view["stages"].as_array().expect("stages").iter().any(|s| s["stage"] == "claimed"), "{view}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_reaches_the_program_is_not_ours() {
    // It answers with the headers that it gets.
    let mirror = "name: mirror\ncommand: [python3, \"{home}/../../mirror.py\", \"{port}\"]\n\
                  health_check: { endpoint: /, use_container_root: true, interval: 1, start_period: 20 }\n";
    let (server, _folder) = server_with(&[("mirror", mirror)], &[]).await;
    let script = "import sys,http.server as h\nclass M(h.BaseHTTPRequestHandler):\n def do_GET(s):\n  b=(s.path+'\\n'+str(s.headers)).encode();s.send_response(200);s.send_header('Content-Length',str(len(b)));s.send_header('Set-Cookie','castalia_session=evil; Path=/');s.end_headers();s.wfile.write(b)\nh.ThreadingHTTPServer(('127.0.0.1',int(sys.argv[1])),M).serve_forever()\n";
    std::fs::write(server.folder.path().join("data/mirror.py"), script).expect("writes");
    let view = ready(&server, "mirror").await;
    let path = view["path"].as_str().expect("a path");
    let login = reqwest::Client::new().post(format!("{}/api/auth/login", server.url));
    let login = login.json(&json!({"user": "demo", "password": "demo"})).send().await.expect("answers");
    let cookie =
        login.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_owned();
    let get = |headers: Vec<(&'static str, String)>, path: String| {
        let mut request = reqwest::Client::new().get(format!("{}{path}", server.url));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        async move {
            let answer = request.send().await.expect("answers");
            let cookies = answer.headers().get_all("set-cookie").iter().count();
            (answer.status(), cookies, answer.text().await.expect("text"))
        }
    };
    let (status, cookies, seen) =
        get(vec![("cookie", format!("theirs=1; {cookie}"))], format!("{path}a%2Fb?x=1")).await;
    assert_eq!((status, cookies), (StatusCode::OK, 0), "it set our cookie: {seen}");
    assert!(seen.starts_with("/a%2Fb?x=1\n") && seen.contains("theirs=1"), "{seen}");
    assert!(!seen.contains("castalia_session"), "{seen}");
    let (_, _, seen) =
        get(vec![("authorization", format!("Bearer {}", server.token))], path.to_owned()).await;
    assert!(!seen.contains(&server.token), "{seen}");
    let (_, _, seen) = get(vec![], format!("{path}?token={}&y=2", server.token)).await;
    assert!(!seen.contains(&server.token) && seen.starts_with("/?y=2\n"), "{seen}");
    // Another site's page can neither write nor open a socket with the cookie.
    for site in ["cross-site", "same-site"] {
        let post = reqwest::Client::new().post(format!("{}{path}", server.url));
        let post =
            post.header("cookie", &cookie).header("sec-fetch-site", site).send().await.expect("answers");
        assert_eq!(post.status(), StatusCode::FORBIDDEN, "{site}");
    }
    // Out of the prefix leads no way.
    for trick in ["../../../api/me", "%2e%2e/%2e%2e/%2e%2e/api/me", "..%2f..%2f..%2fapi%2fme"] {
        let mut stream =
            tokio::net::TcpStream::connect(server.url.trim_start_matches("http://")).await.expect("connects");
        let request =
            format!("GET {path}{trick} HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        stream.write_all(request.as_bytes()).await.expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("reads");
        assert!(
            !answer.starts_with("HTTP/1.1 200") || !answer.contains("\"permissions\""),
            "{trick}: {answer}"
        );
    }
}
