//! SIGKILL of the server at every recorded step of a version's life: no version lost or run twice, the log
//! complete byte for byte, the ledger balanced.

mod support;

use serde_json::{Value, json};
use std::path::Path;
use support::Server;

/// Every step at which `processes` lets a test kill the server.
const STEPS: &[&str] = &["queued", "admitted", "spec", "running", "ended", "sealed", "settling", "settled"];

/// The program writes outside of its folder, which a sandbox would not let it.
const NO_SANDBOX: &[&str] = &["--sandbox", "off"];

/// Appends to a file each time it runs, and prints lines whose number and content are known.
const SCRIPT: &str = "echo run >> \"$CASTALIA_TEST_FILE\"; i=0; while [ $i -lt 2000 ]; do echo \"line $i of the output\"; i=$((i+1)); done; sleep 0.3; printf 'no newline'";

fn script(file: &Path) -> String {
    SCRIPT.replace("$CASTALIA_TEST_FILE", &file.display().to_string())
}

fn check_log(lines: &[Value]) {
    let numbers: Vec<u64> = lines.iter().map(|l| l["seq"].as_u64().expect("a number")).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "no gap, no double");
    let mut text = String::new();
    for line in lines.iter().filter(|l| l["stream"] == "stdout") {
        text.push_str(line["line"].as_str().expect("text"));
        if line["more"] != true && line["open"] != true {
            text.push('\n');
        }
    }
    let expected: String =
        (0..2000).map(|i| format!("line {i} of the output\n")).collect::<String>() + "no newline";
    assert_eq!(text, expected);
}

async fn check_ledger(server: &Server, process: &str) {
    let ledger = server.ledger().await;
    assert_eq!(ledger["held"], 0, "{ledger}");
    let kinds = |kind: &str| {
        let entries = ledger["entries"].as_array().expect("entries");
        entries
            .iter()
            .filter(|e| e["process"] == process && e["kind"] == kind)
            .map(|e| e["amount"].as_i64().expect("an amount"))
            .collect::<Vec<_>>()
    };
    let (holds, debits, releases) = (kinds("hold"), kinds("debit"), kinds("release"));
    assert_eq!((holds.len(), debits.len()), (1, 1), "{ledger}");
    assert_eq!(holds[0], debits[0] + releases.iter().sum::<i64>(), "{ledger}");
    let spent: i64 = ledger["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .filter(|e| e["kind"] == "debit")
        .filter_map(|e| e["amount"].as_i64())
        .sum();
    assert_eq!(ledger["balance"].as_i64().expect("a balance"), 1_000_000_000 - spent, "{ledger}");
}

async fn killed_at(step: &str, database: Option<String>) {
    let mut server = Server::start_with(database, NO_SANDBOX, &[("CASTALIA_TEST_KILL_AT", step)]).await;
    let runs = server.folder.path().join("runs");
    server.shell_types(&[("count", &script(&runs))]).await;
    // The answer may be lost with the server; the version must not be.
    let body = json!({"project": "demo", "type": "count", "parameters": {}});
    let request = reqwest::Client::new()
        .post(format!("{}/api/processes", server.url))
        .bearer_auth(&server.token)
        .json(&body);
    let _ = request.send().await;
    server.gone().await;
    server.restart().await;
    let list = server.get("/api/processes?project=demo&type=count").await;
    let list = list["items"].as_array().expect("a list").clone();
    assert_eq!(list.len(), 1, "killed at {step}: {list:?}");
    let id = list[0]["id"].as_str().expect("an id");
    let view = server.ended(id).await;
    assert_eq!(view["state"], "completed", "killed at {step}: {view}\n{}", server.log());
    assert_eq!(std::fs::read_to_string(&runs).expect("it ran"), "run\n", "killed at {step}");
    check_log(&server.log_lines(id).await);
    check_ledger(&server, id).await;
    // Nothing is left behind.
    let left = std::fs::read_dir(server.folder.path().join("data/units")).expect("a folder").flatten();
    assert_eq!(
        left.filter(|e| e.file_name().to_string_lossy().starts_with("unit_")).count(),
        0,
        "killed at {step}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_step_on_sqlite() {
    for step in STEPS {
        killed_at(step, None).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_step_on_postgres() {
    for step in STEPS {
        let Some(url) = castalia_testkit::postgres_url().await else {
            return;
        };
        killed_at(step, Some(url)).await;
    }
}

/// The server dies again and again while versions run; each ends once, with its whole log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_time() {
    let mut server = Server::start_with(None, NO_SANDBOX, &[]).await;
    let runs = server.folder.path().join("runs");
    server.shell_types(&[("count", &script(&runs))]).await;
    let mut ids = Vec::new();
    for round in 0..6u64 {
        for _ in 0..4 {
            ids.push(server.submit("count", json!({})).await);
        }
        tokio::time::sleep(std::time::Duration::from_millis(40 * round)).await;
        server.kill();
        server.restart().await;
    }
    for id in &ids {
        let view = server.ended(id).await;
        assert_eq!(view["state"], "completed", "{view}");
        check_log(&server.log_lines(id).await);
        check_ledger_of_one(&server, id).await;
    }
    assert_eq!(std::fs::read_to_string(&runs).expect("they ran").lines().count(), ids.len());
    assert_eq!(server.ledger().await["held"], 0);
}

async fn check_ledger_of_one(server: &Server, process: &str) {
    let view = server.get(&format!("/api/processes/{process}")).await;
    assert!(view["cost"].as_i64().expect("a cost") > 0, "{view}");
}
