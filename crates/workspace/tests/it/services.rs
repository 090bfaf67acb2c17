//! Services that are supervised, and services that register themselves.

use crate::support::{Start, end, eventually, is_alive, mirror, signal};
use reqwest::{Method, StatusCode};
use rustix::process::Signal;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_service_that_crashes_is_started_again_ever_later_and_comes_back() {
    let services = r#"
services:
- name: app
  command:
    - sh
    - -c
    - |
      echo try; test -f ready || { echo no ready >&2; exit 3; }
      exec python3 -m http.server {port} --bind 127.0.0.1
  backoff: {first: 0.1, most: 0.4, reset: 60}
  health_check: {endpoint: /, use_container_root: true}
"#;
    let program = Start::with(services).start().await;
    let failing = program
        .until("app", "failing", |s| s["state"] == "unhealthy" && s["restarts"].as_u64() >= Some(4))
        .await;
    let reason = failing["reason"].as_str().unwrap();
    assert!(reason.contains("exited with code 3; last line: no ready"), "{reason}");
    assert!(reason.contains("times in a row"), "{reason}");
    let health = program.bare(Method::GET, "/health").send().await.unwrap();
    assert_eq!(health.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(program.get("/app/x").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    let (_, log) = program.call(Method::GET, "/api/services/app/log?limit=2000").await;
    let lines = log["lines"].as_array().unwrap();
    let starts: Vec<u64> = lines
        .iter()
        .filter(|l| l["line"] == "try" && l["stream"] == "stdout")
        .map(|l| l["time"].as_str().unwrap().parse::<castalia_base::Timestamp>().unwrap().0.cast_unsigned())
        .collect();
    let pauses: Vec<u64> = starts.windows(2).map(|w| w[1] - w[0]).collect();
    assert!(pauses.len() >= 3 && pauses[0] >= 100 && pauses[1] >= 200 && pauses[2] >= 400, "{pauses:?}");
    std::fs::write(program.home().join("ready"), "").unwrap();
    let healthy = program.until_state("app", "healthy").await;
    assert!(healthy["ready_after_ms"].as_u64().is_some());
    assert_eq!(program.bare(Method::GET, "/health").send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(program.get("/app/ready").await.status(), StatusCode::OK);
    let (_, health) = program.call(Method::GET, "/api/services/app/health").await;
    assert!(!health["timeline"].is_null(), "{health}");
    // Killed, it is seen at once and started again.
    let pid = healthy["pid"].as_i64().unwrap();
    let killed = Instant::now();
    signal(pid, Signal::KILL);
    program.until("app", "another", |s| s["pid"].as_i64().is_some_and(|p| p != pid)).await;
    assert!(killed.elapsed() < Duration::from_secs(20), "{:?}", killed.elapsed());
    assert!(program.log().contains("was killed by signal 9"), "{}", program.log());
    program.until_state("app", "healthy").await;
}

#[tokio::test]
async fn services_start_after_what_they_need_and_end_with_the_workspace() {
    let services = r#"
services:
- name: app
  command: [sh, -c, "test -f db-was-here && exec sleep 600"]
  depends_on: [db]
  health_check: {custom_health_command: "true"}
- name: db
  command: [sh, -c, "sleep 0.3; touch db-was-here up; sleep 600 & wait"]
  health_check: {custom_health_command: "test -f up"}
- name: later
  command: [sleep, "600"]
  boot: false
  health_check: {custom_health_command: "true"}
"#;
    let mut program = Start::with(services).start().await;
    let app = program.until_state("app", "healthy").await;
    assert_eq!(app["restarts"], 0, "it was started once, and not too early: {app}");
    assert_eq!(program.service("later").await["state"], "stopped");
    let (status, _) = program.call(Method::POST, "/api/services/later/start").await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let later = program.until_state("later", "healthy").await;
    program.call(Method::POST, "/api/services/later/stop").await;
    let stopped = program.until_state("later", "stopped").await;
    assert_eq!(
        (stopped["reason"].as_str(), stopped["pid"].as_i64()),
        (Some("was stopped by its user"), None)
    );
    assert!(!is_alive(later["pid"].as_i64().unwrap()));
    program.call(Method::POST, "/api/services/app/restart").await;
    let again = program.until("app", "another", |s| s["pid"] != app["pid"] && s["state"] == "healthy").await;
    let db = program.service("db").await;
    let pids = [again["pid"].as_i64().unwrap(), db["pid"].as_i64().unwrap()];
    assert!(pids.iter().all(|pid| is_alive(*pid)));
    assert!(end(&mut program.child).success(), "{}", program.log());
    assert!(pids.iter().all(|pid| !is_alive(*pid)), "something was left behind");
    let log = program.log();
    let (app_ended, db_ended) =
        (log.find("app: stopped: ended with").unwrap(), log.find("db: stopped: ended with").unwrap());
    assert!(app_ended < db_ended, "what depends ends first");
}

#[tokio::test]
async fn services_register_and_leave_by_themselves() {
    let services = r#"
services:
- name: agent
  command:
    - python3
    - -c
    - |
      import json, os, urllib.request
      body = json.dumps({"name": "tool", "title": "A tool", "port": int(open("port").read()), "health_check": {"probe": "tcp"}})
      request = urllib.request.Request(os.environ["CASTALIA_SERVICES_URL"], body.encode(), {"Authorization": "token " + os.environ["CASTALIA_SERVICES_TOKEN"]})
      print(urllib.request.urlopen(request).status)
      other = os.environ["CASTALIA_SERVICES_URL"].replace("/services", "/status")
      try: urllib.request.urlopen(urllib.request.Request(other, None, {"Authorization": "token " + os.environ["CASTALIA_SERVICES_TOKEN"]}))
      except Exception as error: print(error.code)
      print("secrets:", [name for name in os.environ if name in ("CASTALIA_WORKSPACE_TOKEN", "CASTALIA_CHAT_KEY")])
  restart: never
  essential: false
  boot: false
"#;
    let program = Start::with(services)
        .env("CASTALIA_CHAT_KEY", "k")
        .env("CASTALIA_WORKSPACE_TOKEN", "other")
        .start()
        .await;
    let port = mirror().await;
    std::fs::write(program.home().join("port"), port.to_string()).unwrap();
    program.call(Method::POST, "/api/services/agent/start").await;
    let tool = program.until_state("tool", "healthy").await;
    assert_eq!((tool["origin"].as_str(), tool["url"].as_str()), (Some("registered"), Some("/tool/")));
    assert!(program.get("/tool/x").await.text().await.unwrap().starts_with("GET /x "));
    program.until_state("agent", "stopped").await;
    let (_, log) = program.call(Method::GET, "/api/services/agent/log").await;
    let said: Vec<&str> = log["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|l| l["stream"] == "stdout")
        .map(|l| l["line"].as_str().unwrap())
        .collect();
    assert_eq!(said, ["201", "401", "secrets: []"], "{log}");
    // It is there once, and only as it registered.
    let register = async |body: serde_json::Value| {
        let request = program
            .bare(Method::POST, "/api/services")
            .header("authorization", "token good-token")
            .json(&body);
        request.send().await.unwrap().status()
    };
    let tcp = json!({"probe": "tcp"});
    assert_eq!(
        register(json!({"name": "tool", "title": "A tool", "port": port, "health_check": tcp})).await,
        StatusCode::CREATED
    );
    assert_eq!(register(json!({"name": "tool", "port": 1})).await, StatusCode::CONFLICT);
    assert_eq!(register(json!({"name": "agent", "port": 1})).await, StatusCode::CONFLICT);
    assert_eq!(register(json!({"name": "x", "path": "tool", "port": 1})).await, StatusCode::CONFLICT);
    for bad in [
        json!({"name": "x"}),
        json!({"name": "x", "port": 0}),
        json!({"name": "x", "port": 80, "command": ["id"]}),
        json!({"name": "x", "port": 80, "health_check": {"custom_health_command": "id"}}),
        json!({"name": "x", "port": 80, "path": "api/x"}),
        json!({"name": "x", "socket": true}),
        json!({"name": "x", "use": "lab"}),
        json!({"name": "x", "port": 80, "host": "10.0.0.1"}),
        json!([]),
    ] {
        assert_eq!(register(bad.clone()).await, StatusCode::BAD_REQUEST, "{bad}");
    }
    let (status, _) = program.call(Method::DELETE, "/api/services/agent").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = program.call(Method::DELETE, "/api/services/tool").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(program.get("/tool/x").await.status(), StatusCode::NOT_FOUND);
    // A lease that is not renewed ends.
    assert_eq!(
        register(json!({"name": "brief", "port": port, "lease": 0.3, "health_check": tcp})).await,
        StatusCode::CREATED
    );
    program.until("brief", "gone", |s| s["code"] == "not_found").await;
    assert_eq!(program.get("/brief/x").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_service_that_can_not_be_started_says_why() {
    let services = "services:\n- {name: a, command: [/no/such/program], restart: never}\n- {name: b, command: [sh, -c, 'true'], folder: /no/such/folder, restart: never}\n- {name: c, command: [sh, -c, 'kill -9 $$'], restart: on_failure, backoff: {first: 100}}\n";
    let program = Start::with(services).start().await;
    for (name, words) in [
        ("a", "the program /no/such/program was not found"),
        ("b", "its folder /no/such/folder is not there"),
    ] {
        let service = program.until_state(name, "stopped").await;
        assert!(service["reason"].as_str().unwrap().contains(words), "{service}");
    }
    let c = program.until("c", "waiting", |s| !s["next_start_at"].is_null()).await;
    assert!(c["reason"].as_str().unwrap().contains("was killed by signal 9"), "{c}");
}

#[tokio::test]
async fn services_die_with_a_workspace_that_was_killed() {
    let services =
        "services:\n- {name: a, command: [sleep, '600'], health_check: {custom_health_command: 'true'}}\n";
    let mut program = Start::with(services).start().await;
    let pid = program.until_state("a", "healthy").await["pid"].as_i64().unwrap();
    assert!(is_alive(pid));
    program.child.kill().unwrap();
    program.child.wait().unwrap();
    eventually("the service is gone", async || !is_alive(pid)).await;
}

#[tokio::test]
async fn a_service_that_hangs_is_ended_and_started_again() {
    let services = r#"
services:
- name: app
  command: [sleep, "600"]
  health_check: {custom_health_command: "test ! -f hang", interval: 0.1, timeout: 5, retries: 2, start_period: 1}
  backoff: {first: 0.1}
- name: left
  command: [sleep, "600"]
  restart: never
  health_check: {custom_health_command: "test ! -f hang", interval: 0.1, timeout: 5, retries: 2, start_period: 1}
"#;
    let program = Start::with(services).start().await;
    let pid = program.until_state("app", "healthy").await["pid"].clone();
    let left = program.until_state("left", "healthy").await["pid"].clone();
    std::fs::write(program.home().join("hang"), "").unwrap();
    let again = program.until("app", "another", |s| s["pid"].is_i64() && s["pid"] != pid).await;
    assert!(again["restarts"].as_u64() >= Some(1), "{again}");
    assert!(program.log().contains("was ended because it"), "{}", program.log());
    let unhealthy = program.until_state("left", "unhealthy").await;
    assert_eq!(unhealthy["pid"], left, "one that is never started again is left alone");
    std::fs::remove_file(program.home().join("hang")).unwrap();
    program.until_state("app", "healthy").await;
    assert_eq!(program.until_state("left", "healthy").await["pid"], left);
}
