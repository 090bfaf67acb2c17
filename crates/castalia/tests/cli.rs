//! The command line against a real server: what it prints, where, and with which exit code.

mod cli_support;
mod support;

use cli_support::{Cli, ended};
use serde_json::Value;
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};
use support::{PATIENCE, Server};

async fn with_types(types: &[(&str, &str)]) -> (Server, tempfile::TempDir) {
    let server = Server::start().await;
    server.shell_types(types).await;
    (server, tempfile::tempdir().expect("a folder"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_keeps_a_token_and_signing_out_revokes_it() {
    let (server, home) = with_types(&[]).await;
    let cli = Cli { server: &server, home: home.path() };
    cli.run_signed_in(&["whoami"], "").fails(3, "castalia login");
    cli.run_signed_in(&["login", "--user", "demo", "--password-stdin"], "wrong\n")
        .fails(3, "password is wrong");
    cli.run_signed_in(&["login", "--user", "demo"], "").fails(2, "--password-stdin");
    cli.run_signed_in(&["login", "--user", "demo", "--password-stdin"], "demo\n").ok();
    assert_eq!(cli.run_signed_in(&["whoami", "--json"], "").ok().json()["name"], "demo");
    let file = home.path().join(".config/castalia/credentials.json");
    let kept: Value = serde_json::from_slice(&std::fs::read(&file).expect("is there")).expect("is JSON");
    assert_eq!(kept["default"], server.url);
    let token = kept["servers"][&server.url]["token"].as_str().expect("a token").to_owned();
    let names = || {
        let list = cli.run(&["token", "list", "--json"]).ok().json();
        let names = list["items"].as_array().expect("items").iter().map(|t| t["name"].to_string());
        names.filter(|n| n.contains("cli@")).count()
    };
    assert_eq!(names(), 1);
    cli.run_signed_in(&["login", "--user", "demo", "--password-stdin"], "demo\n").ok();
    assert_eq!(names(), 1, "a second sign-in replaces the first");
    cli.run_signed_in(&["logout"], "").ok();
    assert_eq!(names(), 0);
    let (status, _) = server.call_as(&token, reqwest::Method::GET, "/api/me", None).await;
    assert_eq!(status, reqwest::StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_prints_one_object_and_its_exit_code_says_how_it_went() {
    let types = [("fine", "echo done"), ("crash", "echo 'no such luck' >&2; exit 3"), ("long", "sleep 60")];
    let (server, home) = with_types(&types).await;
    let cli = Cli { server: &server, home: home.path() };

    let fine = cli.run(&["process", "run", "fine", "--wait", "--json"]).ok();
    assert!(fine.stdout.starts_with("{\"id\":\"proc_"), "{fine:?}");
    let keys: Vec<String> = fine.json().as_object().expect("an object").keys().cloned().collect();
    assert_eq!(keys.len(), 5, "{keys:?}");
    assert_eq!(
        (fine.json()["state"].as_str(), fine.json()["version"].as_i64()),
        (Some("completed"), Some(1))
    );

    let crash = cli.run(&["process", "run", "crash", "--wait", "--json"]).fails(1, "exit code 3");
    assert!(crash.stderr.contains("  no such luck"), "{crash:?}");
    assert_eq!(crash.json()["state"], "failed");

    let long = cli.run(&["process", "run", "long", "--json", "--name", "a long one"]).ok().json();
    let id = long["id"].as_str().expect("id");
    let cancelled = cli.run(&["process", "cancel", id, "--json"]).ok().json();
    assert_eq!(cancelled["process"], id);
    server.ended(id).await;
    cli.run(&["process", "cancel", id]).fails(5, "is cancelled");
    assert_eq!(cli.run(&["process", "show", id, "--json"]).ok().json()["name"], "a long one");
    let listed = cli.run(&["process", "list", "--state", "cancelled", "--json"]).ok().json();
    assert_eq!(listed["items"].as_array().expect("items").len(), 1);

    cli.run(&["process", "show", "proc_none"]).fails(4, "proc_none");
    cli.run(&["process", "show", ".."]).fails(2, "not an id");
    cli.run(&["process", "run", "nothing"]).fails(5, "type: no process type");
    cli.run(&["process", "run", "fine", "-p", "nonsense"]).fails(2, "key=value");
    cli.run(&["--url", "http://127.0.0.1:9", "process", "list"]).fails(6, "castalia serve");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_are_complete_and_searchable_and_a_reader_may_leave() {
    let (server, home) = with_types(&[("count", "seq 1 50000; echo at last >&2")]).await;
    let cli = Cli { server: &server, home: home.path() };
    let run = cli.run(&["process", "run", "count", "--wait", "--json"]).ok().json();
    let id = run["id"].as_str().expect("id");
    let text = cli.run(&["process", "logs", id]).ok().stdout;
    let counted: Vec<&str> = text.lines().filter(|l| l.chars().all(|c| c.is_ascii_digit())).collect();
    assert_eq!(counted.len(), 50_000);
    let lines = cli.run(&["process", "logs", id, "--json", "--after", "49990"]).ok().stdout;
    let first: Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    // The line on stderr has its place where it was read; in all there are 50,001.
    assert_eq!((first["seq"].as_u64(), lines.lines().count()), (Some(49_991), 11));
    assert!(first["time"].is_i64() && first["stream"].is_string() && first["line"].is_string(), "{first}");
    assert_eq!(cli.run(&["process", "logs", id, "--grep", "4242", "--json"]).ok().stdout.lines().count(), 15);
    assert_eq!(cli.run(&["process", "logs", id, "--stream", "stderr"]).ok().stdout, "at last\n");

    let mut child = cli.start(&["process", "logs", id]);
    drop(child.stdout.take());
    let left = ended(child);
    assert_eq!((left.code, left.stderr.as_str()), (Some(0), ""), "a reader that leaves is no error");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_and_following_survive_the_death_of_the_server() {
    let script = "for i in 1 2 3 4 5 6 7 8 9 10; do echo tick $i; sleep 0.4; done";
    let (mut server, home) = with_types(&[("ticks", script)]).await;
    let (waiting, following) = {
        let cli = Cli { server: &server, home: home.path() };
        let waiting = cli.start(&["process", "run", "ticks", "--wait", "--json"]);
        let begun = Instant::now();
        let id = loop {
            let list = cli.run(&["process", "list", "--json", "--state", "running"]).ok().json();
            if let Some(id) = list["items"][0]["id"].as_str() {
                break id.to_owned();
            }
            assert!(begun.elapsed() < PATIENCE, "it does not run");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        (waiting, cli.start(&["process", "logs", &id, "--follow"]))
    };
    tokio::time::sleep(Duration::from_millis(800)).await;
    server.kill();
    tokio::time::sleep(Duration::from_millis(800)).await;
    server.restart().await;
    let waited = ended(waiting).ok();
    assert_eq!(waited.json()["state"], "completed");
    assert!(waited.stderr.contains("does not answer") && waited.stderr.contains("is back"), "{waited:?}");
    let followed = ended(following).ok();
    let ticks: Vec<String> = (1..=10).map(|n| format!("tick {n}")).collect();
    let seen: Vec<&str> = followed.stdout.lines().filter(|l| l.starts_with("tick")).collect();
    assert_eq!(seen, ticks, "no line lost, none twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_go_in_one_piece_or_in_parts() {
    let (server, home) = with_types(&[]).await;
    let cli = Cli { server: &server, home: home.path() };
    let small = home.path().join("small.csv");
    std::fs::write(&small, "a,b\n1,2\n").expect("writes");
    let up = cli.run(&["upload", "small.csv", "--project", "demo", "--json"]).ok().json();
    assert_eq!((up["name"].as_str(), up["media_type"].as_str()), (Some("small.csv"), Some("text/csv")));
    cli.run(&["upload", "small.csv"]).fails(5, "--replace");
    cli.run(&["upload", "small.csv", "--replace"]).ok();
    cli.run(&["upload", "-"]).fails(2, "--name");
    cli.run(&["upload", "nothing.csv"]).fails(1, "nothing.csv");

    // Above the limit of one request: by parts, with the same result.
    let big = home.path().join("big.bin");
    let bytes: Vec<u8> = (0..(33 << 20) / 4u32).flat_map(u32::to_le_bytes).collect();
    std::fs::write(&big, &bytes).expect("writes");
    let up = cli.run(&["upload", "big.bin", "--json"]).ok().json();
    assert_eq!(up["size"].as_u64(), Some(bytes.len() as u64), "{up}");
    assert_eq!(up["sha256"], hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes)));
    let remembered = home.path().join(".local/state/castalia/uploads");
    assert_eq!(std::fs::read_dir(remembered).expect("is there").count(), 0, "nothing unfinished is left");
    let listed = cli.run(&["upload", "list", "--json"]).ok().json();
    assert!(listed["items"].as_array().expect("items").iter().any(|u| u["name"] == "big.bin"));
    cli.run(&["upload", "delete", "big.bin"]).ok();
    cli.run(&["upload", "delete", "big.bin"]).fails(4, "no upload");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_hour_works_as_the_readme_says() {
    let (server, home) = with_types(&[]).await;
    server.demo_ready().await;
    let cli = Cli { server: &server, home: home.path() };
    let run =
        cli.run(&["process", "run", "fft", "-p", "input=upload:mauna-loa-co2.csv", "--wait", "--json"]).ok();
    let run = run.json();
    let outputs = run["outputs"].as_array().expect("outputs");
    let spectrum = outputs.iter().find(|o| o["name"] == "spectrum").expect("a spectrum");
    let (id, dataset) = (run["id"].as_str().expect("id"), spectrum["id"].as_str().expect("id"));

    // A download that broke goes on; one that began with something else begins anew.
    cli.run(&["dataset", "get", dataset, "-o", "whole.csv"]).ok();
    let whole = std::fs::read(home.path().join("whole.csv")).expect("is there");
    assert!(whole.starts_with(b"frequency,amplitude\n"));
    for begun in [&whole[..1000], b"something else"] {
        std::fs::write(home.path().join("again.csv.part"), begun).expect("writes");
        cli.run(&["dataset", "get", &format!("dataset:{dataset}"), "-o", "again.csv"]).ok();
        assert_eq!(std::fs::read(home.path().join("again.csv")).expect("is there"), whole);
        assert!(!home.path().join("again.csv.part").exists());
    }
    let out = cli.run(&["dataset", "get", dataset, "-o", "-"]).ok();
    assert_eq!(out.stdout.as_bytes(), whole);

    // Values are what the schema says, and what is wrong is named.
    let wrong = ["process", "run", "fft", "-p", "input=upload:mauna-loa-co2.csv", "-p", "window=5"];
    cli.run(&wrong).fails(5, "  parameters/window: ");
    let rerun = ["process", "rerun", id, "-p", "window=hamming", "-p", "zero_padding=2", "--wait", "--json"];
    assert_eq!(cli.run(&rerun).ok().json()["version"], 2);
    let compared = cli.run(&["process", "compare", id, "1", "2"]).ok().stdout;
    assert!(compared.contains("parameters/window") && compared.contains("hamming"), "{compared}");

    // Everything that people read comes out, and the ledger balances.
    let readings: [&[&str]; 12] = [
        &["process", "types"],
        &["process", "types", "fft"],
        &["process", "show", id],
        &["process", "show", id, "--version", "1"],
        &["process", "estimate", "fft", "-p", "input=upload:mauna-loa-co2.csv", "--deadline", "10m"],
        &["dataset", "list", "--process", id],
        &["dataset", "show", dataset],
        &["dataset", "preview", dataset],
        &["dataset", "lineage", dataset],
        &["environment", "show", "bootstrap"],
        &["project", "show", "demo"],
        &["status"],
    ];
    for reading in readings {
        assert!(!cli.run(reading).ok().stdout.is_empty(), "{reading:?}");
    }
    let ledger = cli.run(&["project", "ledger", "--json"]).ok().json();
    assert_eq!(ledger["held"], 0);
    assert!(ledger["balance"].as_i64().expect("an amount") < 1_000_000_000);
    let done = cli.run(&["do", "processes.show", &format!("{{\"process\": \"{id}\"}}")]).ok().json();
    assert_eq!(done["id"], id);
    cli.run(&["do", "processes.show", "{\"process\": 5}"]).fails(5, "process");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_projects_and_tokens() {
    let (server, home) = with_types(&[]).await;
    let cli = Cli { server: &server, home: home.path() };
    let with_stdin = |arguments: &[&str], stdin: &str| {
        let mut child = cli.start(arguments);
        child.stdin.take().expect("piped").write_all(stdin.as_bytes()).expect("is read");
        ended(child)
    };
    with_stdin(&["user", "create", "ada", "--password-stdin"], "correct horse\n").ok();
    with_stdin(&["user", "create", "ada", "--password-stdin"], "correct horse\n").fails(5, "ada");
    cli.run(&["project", "create", "survey", "--description", "of 2026"]).ok();
    cli.run(&["project", "add-member", "ada", "--project", "survey", "--role", "viewer"]).ok();
    let top_up = cli.run(&["project", "top-up", "12.5", "--project", "survey", "--json"]).ok().json();
    assert_eq!(top_up["balance"], 12_500_000);
    assert!(cli.run(&["project", "members", "--project", "survey"]).ok().stdout.contains("viewer"));

    cli.run_signed_in(&["login", "--user", "ada", "--password-stdin"], "correct horse\n").ok();
    let projects = cli.run_signed_in(&["project", "list", "--json"], "").ok().json();
    assert_eq!(projects["items"].as_array().expect("items").len(), 1);
    cli.run_signed_in(&["user", "list"], "").fails(3, "users.view");
    cli.run_signed_in(&["project", "show", "demo"], "").fails(4, "demo");
    cli.run_signed_in(&["user", "passwd", "--password-stdin"], "correct horse\nanother horse\n").ok();
    cli.run_signed_in(&["login", "--user", "ada", "--password-stdin"], "another horse\n").ok();
    let secret =
        cli.run_signed_in(&["token", "create", "ci", "--scope", "projects.*", "--expires", "1d"], "").ok();
    let (status, _) =
        server.call_as(secret.stdout.trim(), reqwest::Method::GET, "/api/projects/survey", None).await;
    assert_eq!(status, reqwest::StatusCode::OK);
    cli.run_signed_in(&["token", "delete", "ci"], "").ok();
    cli.run_signed_in(&["token", "delete", "ci"], "").fails(4, "ci");
    cli.run(&["user", "disable", "ada"]).ok();
    cli.run_signed_in(&["whoami"], "").fails(3, "castalia login");
}

#[test]
fn completions_and_help_need_no_server() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_castalia")).args(arguments).output().expect("runs");
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(&["completions", shell]).contains("environment"), "{shell}");
    }
    assert!(run(&["--help"]).contains("Exit codes:"));
    assert!(run(&["process", "run", "--help"]).contains("castalia process run fft"));
}
