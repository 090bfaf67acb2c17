//! Faults while cells run: the server is killed in every phase, a kernel says much or nonsense, the clock jumps, the disk
//! is full. Nothing is lost, nothing doubled, and the queue works afterwards.

#![expect(clippy::unwrap_used, reason = "tests")]

mod notebook_support;
mod support;

use castalia_db::Sql;
use notebook_support::*;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;
use support::{Server, Tmpfs};

/// Asks for something of a server that may die of it.
async fn ask(server: &Server, path: &str, body: Value) {
    let url = format!("{}{path}", server.url);
    let asked = reqwest::Client::new().post(url).bearer_auth(&server.token).json(&body);
    // The answer may not come any more.
    _ = asked.timeout(support::PATIENCE).send().await;
}

/// The server that died at a step is started again, to die at the next.
async fn died(server: &mut Server, next: &str) {
    server.gone().await;
    server.launch(&[("CASTALIA_TEST_KILL_AT", next)]);
}

/// One run after the other, of which the server sees no phase to its end.
async fn killed_in_every_phase(database: Option<String>) {
    let kernels = prefix();
    let mut server = Server::start_with(database, &["--kernel-path", &kernels], &[]).await;
    let nb = notebook(
        &server,
        "a",
        &[
            "open('ran', 'a').write('0'); import time\nprint('a', flush=True); time.sleep(0.2); print('b')",
            "open('ran', 'a').write('1'); print('<' + input('name? ') + '>')",
            "open('ran', 'a').write('2'); print(open('ran').read())",
            "open('ran', 'a').write('3'); import time\nprint('in it', flush=True)\nwhile True: time.sleep(0.01)",
            "open('ran', 'a').write('4'); print(open('ran').read())",
        ],
    )
    .await;
    let runs = format!("{nb}/runs");
    let first_three = json!({"what": "to", "cell": "c2"});
    server.kill();
    server.launch(&[("CASTALIA_TEST_KILL_AT", "notebook-wanted")]);
    server.ready().await;
    // A kernel is wanted, and nothing of it begun.
    ask(&server, &runs, first_three.clone()).await;
    died(&mut server, "notebook-starting").await;
    died(&mut server, "notebook-queued").await;
    server.ready().await;
    // The cells are on the queue, and nobody knows.
    ask(&server, &runs, first_three).await;
    // The first was handed to the kernel, and that is nowhere but there.
    died(&mut server, "notebook-sent").await;
    // It says something.
    died(&mut server, "notebook-output").await;
    // It has ended, and the next has not begun.
    died(&mut server, "notebook-between").await;
    // Somebody is asked.
    died(&mut server, "notebook-asked").await;
    died(&mut server, "").await;
    server.ready().await;
    until(&server, "it asks", async || (cells(&server, &nb).await[1]["state"] == "waiting").then_some(()))
        .await;
    // What was asked is known to the next server too, which dies over the answer.
    server.kill();
    server.launch(&[("CASTALIA_TEST_KILL_AT", "notebook-answered")]);
    server.ready().await;
    let mut socket = comms(&server, &nb).await;
    let asked = hear(&mut socket, is("kernel", "input_request")).await["message"].clone();
    assert_eq!(asked["prompt"], "name? ");
    tell(&mut socket, json!({"channel": "kernel", "method": "input_reply", "message": {"run": asked["run"], "value": "Ada"}}))
        .await;
    died(&mut server, "notebook-interrupting").await;
    server.ready().await;
    assert_eq!(settled(&server, &nb).await, ["ok", "ok", "ok"], "{}", server.log());
    let now = cells(&server, &nb).await;
    let texts: Vec<String> = now.iter().map(text).collect();
    assert_eq!(texts[..3], ["a\nb\n", "<Ada>\n", "012\n"], "each ran once, and said what it said once");
    assert!(now.iter().all(|c| c["state"] == "idle" && c["run"]["waiting_for"].is_null()), "{now:?}");
    assert_eq!(kernel(&server, &nb).await["incarnation"], 1, "the kernel lived on");

    let begins = async |server: &Server, times: usize| {
        until(server, "it is in it", async || {
            let (_, page) = get(server, &runs).await;
            let newest = page["items"].as_array()?.iter().find(|r| r["cell"] == "c3")?["id"].clone();
            let of_it = page["items"].as_array()?.iter().filter(|r| r["cell"] == "c3").count();
            let cell = cells(server, &nb).await.remove(3);
            let shown = cell["run"]["id"] == newest && text(&cell) == "in it\n";
            (of_it == times && shown).then_some(())
        })
        .await;
    };
    run(&server, &nb, json!({"what": "cell", "cell": "c3"})).await;
    begins(&server, 1).await;
    ask(&server, &format!("{nb}/kernel/interrupt"), json!({})).await;
    died(&mut server, "notebook-restarting").await;
    server.ready().await;
    assert_eq!(settled(&server, &nb).await.last().unwrap(), "interrupted", "{}", server.log());
    run(&server, &nb, json!({"what": "from", "cell": "c3"})).await;
    begins(&server, 2).await;
    ask(&server, &format!("{nb}/kernel/restart"), json!({})).await;
    died(&mut server, "notebook-ending").await;
    server.ready().await;
    assert_eq!(settled(&server, &nb).await[4..], ["lost", "aborted"], "{}", server.log());
    run(&server, &nb, json!({"what": "cell", "cell": "c3"})).await;
    begins(&server, 3).await;
    assert_eq!(kernel(&server, &nb).await["incarnation"], 2);
    ask(&server, &format!("{nb}/kernel/shutdown"), json!({})).await;
    died(&mut server, "").await;
    server.ready().await;
    assert_eq!(settled(&server, &nb).await[6..], ["lost"], "{}", server.log());
    // Also while it is still ending.
    run(&server, &nb, json!({"what": "cell", "cell": "c4"})).await;
    assert_eq!(settled(&server, &nb).await[7..], ["ok"], "{}", server.log());
    let last = cells(&server, &nb).await.remove(4);
    assert_eq!((text(&last).as_str(), &last["run"]["incarnation"]), ("0123334\n", &json!(3)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_every_phase_of_a_run() {
    killed_in_every_phase(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_every_phase_of_a_run_on_postgres() {
    let Some(url) = castalia_testkit::postgres_url().await else { return };
    killed_in_every_phase(Some(url)).await;
}

/// Every way to say what is to run; the ways off the queue; what a kernel is asked; what it says that is no output.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_run_and_what_is_left() {
    let server = server().await;
    let cell = |id: &str, kind: &str, source: &str| {
        let mut cell = json!({"id": id, "cell_type": kind, "source": source, "metadata": {}});
        if kind == "code" {
            cell["outputs"] = json!([]);
            cell["execution_count"] = Value::Null;
        }
        cell
    };
    let content = json!({"nbformat": 4, "nbformat_minor": 5, "metadata": {"gm": {"np_graph": {"two": ["one"]}, "pc_graph": {}}},
    "cells": [
        cell("one", "markdown", "# One"), cell("a", "code", "'a'"),
        cell("deep", "markdown", "## Deep"), cell("b", "code", "'b'"),
        cell("two", "markdown", "# Two"), cell("bad", "code", "1 / 0"), cell("c", "code", "'c'"),
        // The same id again, as some programs write it.
        cell("c", "code", "'c again'"),
    ]});
    let body = json!({"project": "demo", "name": "ways", "content": content});
    let (status, made) = server.post("/api/notebooks", body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let id = made["id"].as_str().unwrap();
    let nb = format!("/api/notebooks/{id}");
    let all = cells(&server, &nb).await;
    let (last, third) = (&all[7], &all[6]);
    assert_eq!((&last["source"], &third["source"]), (&json!("'c again'"), &json!("'c'")));
    assert_ne!(last["id"], third["id"], "no id is there twice");
    let last = last["id"].as_str().unwrap();
    let chosen = async |wish: Value| {
        let (status, runs) = server.post(&format!("{nb}/runs"), wish).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{runs}");
        settled(&server, &nb).await;
        let runs = runs.as_array().unwrap().iter().map(|r| r["cell"].as_str().unwrap().to_owned());
        runs.collect::<Vec<String>>()
    };
    assert_eq!(chosen(json!({"what": "tissue", "cell": "one"})).await, ["a", "b"]);
    assert_eq!(chosen(json!({"what": "to", "cell": "b"})).await, ["a", "b"]);
    assert_eq!(chosen(json!({"what": "from", "cell": "c"})).await, ["c", last]);
    let along = chosen(json!({"what": "graph", "cell": "two", "stop_on_error": false})).await;
    assert_eq!(along, ["bad", "c", last, "a", "b"]);
    let states = settled(&server, &nb).await;
    assert_eq!(states[states.len() - 5..], ["error", "ok", "ok", "ok", "ok"], "an error stops nothing");
    assert_eq!(chosen(json!({"what": "all"})).await, ["a", "b", "bad", "c", last]);
    let states = settled(&server, &nb).await;
    assert_eq!(states[states.len() - 3..], ["error", "aborted", "aborted"]);
    // Stale is what was changed since it ran, and what failed or was not run.
    let edit = async |cell: &str, source: &str| {
        let edit = json!({"notebook": id, "cell": cell, "source": source});
        let (status, answer) = server.post("/api/actions/notebooks.edit_cell", edit).await;
        assert!(status.is_success(), "{answer}");
    };
    edit("bad", "'good'").await;
    chosen(json!({"what": "all"})).await;
    edit("b", "'B'").await;
    assert_eq!(chosen(json!({"what": "stale"})).await, ["b"]);
    assert_eq!(chosen(json!({"what": "stale"})).await, Vec::<String>::new());
    assert_eq!(cells(&server, &nb).await[3]["outputs"][0]["data"]["text/plain"], "'B'");
    let (status, error) = server.post(&format!("{nb}/runs"), json!({"what": "cell", "cell": "../x"})).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{error}");

    // Off the queue: one cell of it, and then all.
    edit("bad", "import time\nprint('in it', flush=True)\nwhile True: time.sleep(0.01)").await;
    let mut socket = comms(&server, &nb).await;
    let (_, runs) = server.post(&format!("{nb}/runs"), json!({"what": "from", "cell": "bad"})).await;
    run(&server, &nb, json!({"what": "to", "cell": "b"})).await;
    let before = settled_but(&server, &nb, 5).await;
    until(&server, "it runs", async || (text(&cells(&server, &nb).await[5]) == "in it\n").then_some(()))
        .await;
    let mut say = async |n: u64, channel: &str, method: &str, message: Value| {
        let wish = json!({"id": n, "channel": channel, "method": method, "message": message});
        tell(&mut socket, wish).await;
        hear(&mut socket, |v| v["id"] == n).await
    };
    say(1, "notebook", "cancel", json!({"cell": "c"})).await;
    let of = async |run: usize| {
        let (_, page) = get(&server, &format!("{nb}/runs")).await;
        let id = &runs[run]["id"];
        let found = page["items"].as_array().unwrap().iter().find(|r| r["id"] == *id).unwrap();
        found["state"].as_str().unwrap().to_owned()
    };
    until(&server, "one is off", async || (of(1).await == "aborted").then_some(())).await;
    assert_eq!((of(0).await.as_str(), of(2).await.as_str()), ("running", "queued"));
    say(2, "notebook", "cancel", json!({})).await;
    until(&server, "all are off", async || (of(2).await == "aborted").then_some(())).await;
    assert_eq!(of(0).await, "running");
    let asked = say(3, "kernel", "interrupt", json!({})).await;
    assert_eq!(asked["method"], "reply", "{asked}");
    let states = settled(&server, &nb).await;
    assert_eq!(states[before..], ["interrupted", "aborted", "aborted", "aborted", "aborted"]);

    let asked = say(4, "kernel", "inspect", json!({"code": "print", "cursor": 3})).await;
    assert!(asked["message"]["data"]["text/plain"].to_string().contains("sep"), "{asked}");
    let asked = say(5, "kernel", "complete", json!({"code": "tim", "cursor": 3})).await;
    assert!(asked["message"]["matches"].to_string().contains("\"time\""), "{asked}");
    let asked = say(6, "kernel", "_private", json!({})).await;
    assert_eq!(asked["method"], "error", "{asked}");

    // What is no output, and no message, is left out; what comes after it is there.
    edit(
        "bad",
        "k = get_ipython().kernel; s = k.session; out = k.iopub_socket; parent = k.get_parent()\n\
         s.send(out, 'display_data', {'data': 5, 'metadata': [], 'transient': 'x'}, parent=parent)\n\
         s.send(out, 'stream', {'name': 7}, parent=parent)\n\
         s.send(out, 'error', {'traceback': 'none'}, parent=parent)\n\
         s.send(out, 'status', {'execution_state': {'a': 1}}, parent=parent)\n\
         s.send(out, 'no_such_type', {'x': 1}, parent=parent)\n\
         s.send(out, 'comm_msg', {'comm_id': None}, parent=parent)\n\
         out.send_multipart([b'stream', b'<IDS|MSG>'])\n\
         out.send_multipart([b'stream', b'<IDS|MSG>', b'0' * 64, b'{}', b'{}', b'{}', b'{}'])\n\
         parts = s.serialize(s.msg('stream', {'name': 'stdout', 'text': 'x'}, parent=parent))\n\
         broken = [b'{\"msg_type\": \"stream\"', parts[3], b'{}', b'\\xff\\xfe[']\n\
         out.send_multipart([b'stream', b'<IDS|MSG>', s.sign(broken), *broken])\n\
         print('whole')",
    )
    .await;
    run(&server, &nb, json!({"what": "from", "cell": "bad"})).await;
    let states = settled(&server, &nb).await;
    assert_eq!(states[states.len() - 3..], ["ok", "ok", "ok"], "{}", server.log());
    let now = cells(&server, &nb).await;
    assert!(text(&now[5]).contains("whole\n"), "{}", now[5]);
    assert_eq!(now[7]["outputs"][0]["data"]["text/plain"], "'c again'");
    let (status, file) = get(&server, &format!("{nb}/file?format=ipynb")).await;
    assert!(status.is_success() && file["cells"].as_array().unwrap().len() == 8, "{file}");

    // A kernel may drop what it publishes when nobody can read that fast, even that it is idle.
    edit(
        "bad",
        "k = get_ipython().kernel; publish = k._publish_status\n\
         def once(status, *args, **more):\n    \
             if status == 'idle': k._publish_status = publish\n    \
             else: publish(status, *args, **more)\n\
         k._publish_status = once\nprint('no sign')",
    )
    .await;
    run(&server, &nb, json!({"what": "from", "cell": "bad"})).await;
    let states = settled(&server, &nb).await;
    assert_eq!(states[states.len() - 3..], ["ok", "ok", "ok"], "{}", server.log());
    assert_eq!(text(&cells(&server, &nb).await[5]), "no sign\n");

    // Names are names, never paths.
    for name in ["../../etc/passwd", "a/b", "..", "", ".hidden", "a\\b", "x\u{0}y"] {
        let (status, error) = server.post("/api/notebooks", json!({"project": "demo", "name": name})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}: {error}");
    }
    let (status, error) = server.post(&format!("{nb}/kernel/shutdown"), json!({})).await;
    assert!(status.is_success(), "{error}");
    until(&server, "the kernel ends", async || (kernel(&server, &nb).await["state"] == "none").then_some(()))
        .await;
    let (status, error) = server.post(&format!("{nb}/kernel/start"), json!({"name": "../../bin/sh"})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{error}");
    for output in ["..%2F..%2Fsecrets%2Fmaster.key", "%2e%2e", "..%5c..%5ccastalia.db"] {
        let (status, _) = get(&server, &format!("{nb}/outputs/{output}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{output}");
    }
}

/// How many runs there are before the `open` newest.
async fn settled_but(server: &Server, nb: &str, open: usize) -> usize {
    let (_, page) = get(server, &format!("{nb}/runs")).await;
    page["items"].as_array().unwrap().len() - open
}

/// Bytes of a document in the database.
async fn log_bytes(server: &Server, notebook: &str) -> i64 {
    let db = castalia_db::Db::open_file(&server.folder.path().join("data/castalia.db")).await.unwrap();
    let sql = "SELECT (SELECT COALESCE(SUM(LENGTH(data)), 0) FROM notebook_updates WHERE notebook_id = $1) \
               + (SELECT COALESCE(SUM(LENGTH(data)), 0) FROM notebook_snapshots WHERE notebook_id = $1) AS n";
    let row = db.read().fetch_optional(sql, castalia_db::params![notebook]).await.unwrap().unwrap();
    row.int("n").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_small_outputs() {
    let server = server().await;
    let lines = "for i in range(100_000): print(i, flush=i % 20 == 0)";
    let shown = "k = get_ipython().kernel; parent = k.get_parent()\n\
                 for i in range(5_000): k.session.send(k.iopub_socket, 'display_data', \
                 {'data': {'text/plain': f'shown {i}'}, 'metadata': {}}, parent=parent)";
    let nb = notebook(&server, "a", &[lines, shown, "print('after')"]).await;
    let other = notebook(&server, "b", &["1"]).await;
    // Lines that come one by one, so that each is a change of its own.
    let slow = "import time\nfor i in range(300): print('x' * 99, flush=True); time.sleep(0.01)";
    let dripping = notebook(&server, "c", &[slow]).await;
    run(&server, &dripping, json!({"what": "all"})).await;
    run(&server, &nb, json!({"what": "all"})).await;
    // Meanwhile the server is there for others: a notebook is opened and changed while this goes on.
    let mut changes = 0;
    let states = until(&server, "the runs end", async || {
        let edit =
            json!({"notebook": other.rsplit('/').next(), "cell": "c0", "source": format!("{changes}")});
        let (status, answer) = server.post("/api/actions/notebooks.edit_cell", edit).await;
        assert!(status.is_success(), "{answer}");
        changes += 1;
        let (_, page) = get(&server, &format!("{nb}/runs")).await;
        let states: Vec<String> =
            page["items"].as_array()?.iter().map(|r| r["state"].as_str().unwrap().to_owned()).collect();
        (!states.iter().any(|s| s == "queued" || s == "running")).then_some(states)
    })
    .await;
    assert_eq!(states, ["ok", "ok", "ok"], "{}", server.log());
    assert!(changes > 3);
    assert_eq!(settled(&server, &dripping).await, ["ok"]);
    let shown = text(&self::cells(&server, &dripping).await[0]).len() as i64;
    assert_eq!(shown, 30_000);
    let kept = log_bytes(&server, dripping.rsplit('/').next().unwrap()).await;
    assert!(kept < 3 * shown, "{kept} bytes are kept of {shown}");
    let cells = cells(&server, &nb).await;
    println!(
        "{changes} changes meanwhile; {} and {} ms",
        cells[0]["run"]["duration_ms"], cells[1]["run"]["duration_ms"]
    );
    assert_eq!(text(&cells[2]), "after\n");
    let download = async |stored: &Value| {
        let url = format!("{}{nb}/outputs/{}", server.url, stored["id"].as_str().unwrap());
        let answer = reqwest::Client::new().get(url).bearer_auth(&server.token).send().await.unwrap();
        answer.text().await.unwrap()
    };
    let stored = &cells[0]["outputs"][0]["stored"]["text"];
    let all: String = (0..100_000).map(|i| format!("{i}\n")).collect();
    assert_eq!(stored["lines"], 100_000, "{stored}");
    assert!(download(stored).await == all, "all of it can be had");
    let outputs = cells[1]["outputs"].as_array().unwrap();
    assert!(outputs.len() < 2000, "{} outputs are in the document", outputs.len());
    let rest = outputs.last().unwrap();
    let stored = &rest["stored"]["application/x-ndjson"];
    assert_eq!(outputs.len() as u64 - 1 + stored["lines"].as_u64().unwrap(), 5_000, "{rest}");
    let rest = download(stored).await;
    let last: Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
    assert_eq!(last["data"]["text/plain"], "shown 4999");
    assert!(cells[1].to_string().len() < 400 << 10, "{}", cells[1].to_string().len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_and_a_kernel_that_nobody_uses() {
    let clock = tempfile::NamedTempFile::new().unwrap();
    let set = |hours: i64| std::fs::write(clock.path(), (hours * 3_600_000).to_string()).unwrap();
    set(0);
    let (kernels, file) = (prefix(), clock.path().display().to_string());
    let extra = ["--kernel-path", kernels.as_str(), "--kernel-idle-hours", "5"];
    let server = Server::start_with(None, &extra, &[("CASTALIA_TEST_CLOCK", &file)]).await;
    let source = "import time\nprint('begun', flush=True)\ntime.sleep(1)";
    let nb = notebook(&server, "a", &[source, "print('next')"]).await;
    run(&server, &nb, json!({"what": "all"})).await;
    until(&server, "it runs", async || (text(&cells(&server, &nb).await[0]) == "begun\n").then_some(()))
        .await;
    // Back, to before it began: it ends, and did not take less than no time.
    set(-4);
    assert_eq!(settled(&server, &nb).await, ["ok", "ok"]);
    let now = cells(&server, &nb).await;
    assert!(now.iter().all(|c| c["run"]["duration_ms"].as_i64().unwrap() >= 0), "{now:?}");
    // Runs asked for then come behind the others all the same.
    run(&server, &nb, json!({"what": "all"})).await;
    assert_eq!(settled(&server, &nb).await, ["ok"; 4]);
    // Forward: whoever is there keeps a kernel, and what nobody uses is ended.
    let watching = comms(&server, &nb).await;
    set(48);
    let other = notebook(&server, "b", &["print('other')"]).await;
    run(&server, &other, json!({"what": "all"})).await;
    settled(&server, &other).await;
    set(96);
    until(&server, "the other's kernel is ended", async || {
        (kernel(&server, &other).await["state"] == "none").then_some(())
    })
    .await;
    assert_eq!(kernel(&server, &nb).await["state"], "idle", "somebody watches it");
    drop(watching);
    until(&server, "this one too", async || (kernel(&server, &nb).await["state"] == "none").then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_3_a_disk_full_at_a_checkpoint_is_told_to_all_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files");
    let Some(disk) = Tmpfs::over(&files, 1) else {
        eprintln!("skipped: mounting a small file system needs root");
        return;
    };
    let files = files.display().to_string();
    let server = Server::start_in(folder, None, &["--notebooks", &files], &[]).await;
    let nb = notebook(&server, "a", &["1"]).await;
    let file = async || get(&server, &nb).await.1["file"].clone();
    let edit = async |source: &str| {
        let edit = json!({"notebook": nb.rsplit('/').next(), "cell": "c0", "source": source});
        let (status, answer) = server.post("/api/actions/notebooks.edit_cell", edit).await;
        assert!(status.is_success(), "{answer}");
    };
    let save = async || server.post(&format!("{nb}/checkpoint"), json!({})).await;
    let (status, state) = save().await;
    assert!(status.is_success(), "{state}");
    let path = std::path::Path::new(&files).join("demo/a.ipynb");
    let on_disk = || std::fs::read_to_string(&path).unwrap();
    let before = on_disk();
    std::fs::write(std::path::Path::new(&files).join("filler"), vec![7; 2 << 20]).unwrap_err();
    // Somebody else has it open, and is told what the document says: what the view shows is read from there.
    edit("# on a full disk").await;
    let (status, error) = save().await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{error}");
    assert_eq!(error["code"], "disk_full", "{error}");
    let state = file().await;
    assert_eq!(state["error_code"], "disk_full", "{state}");
    assert!(state["dirty_since"].is_string(), "{state}");
    assert_eq!(on_disk(), before, "the file is as it was, not half of another");
    assert_eq!(cells(&server, &nb).await[0]["source"], "# on a full disk");
    std::fs::remove_file(std::path::Path::new(&files).join("filler")).unwrap();
    let saved = async |what: &str| {
        until(&server, what, async || file().await["error"].is_null().then_some(())).await;
        assert!(file().await["dirty_since"].is_null());
    };
    saved("it is saved once there is room").await;
    assert!(on_disk().contains("# on a full disk"));
    // A disk that can only be read.
    disk.writable(false);
    edit("# read only").await;
    let (_, error) = save().await;
    assert_eq!(error["code"], "not_writable", "{error}");
    assert_eq!(file().await["error_code"], "not_writable");
    disk.writable(true);
    saved("it is saved once it can be").await;
    assert!(on_disk().contains("# read only"));
    tokio::time::sleep(Duration::from_millis(10)).await;
    drop(server);
}
