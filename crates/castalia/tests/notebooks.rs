//! Notebooks over real sockets: stock yjs clients (`crates/notebooks/tests/yjs`) against a real server.

mod notebook_support;
mod support;

use notebook_support as kernels;
use serde_json::json;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Postgres, Server};

/// The clients' folder, if `scripts/test-notebooks --install` was there.
fn clients() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../notebooks/tests/yjs");
    assert!(folder.join("node_modules/yjs").exists(), "run scripts/test-notebooks --install first");
    folder
}

/// A token of somebody who may only look at the project `demo`.
async fn viewer(server: &Server) -> String {
    let body = json!({"name": "viewer", "password": "viewer-password", "roles": []});
    assert!(server.post("/api/users", body).await.0.is_success());
    let body = Some(json!({"role": "viewer"}));
    let path = "/api/projects/demo/members/viewer";
    let (status, answer) = server.call_as(&server.token, reqwest::Method::PUT, path, body).await;
    assert!(status.is_success(), "{answer}");
    server.api_token("viewer", "viewer-password").await
}

fn node(server: &Server, viewer: &str, names: &[&str]) -> Command {
    let mut command = Command::new("node");
    command.current_dir(clients()).arg("run.mjs").args(names);
    command.env("CASTALIA_URL", &server.url).env("CASTALIA_TOKEN", &server.token);
    command.env("CASTALIA_VIEWER", viewer);
    command
}

/// Runs scenarios; they print what failed.
async fn scenarios(server: &Server, names: &[&str]) {
    let mut command = node(server, &viewer(server).await, names);
    let done = tokio::task::spawn_blocking(move || command.output()).await.expect("runs").expect("node runs");
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    println!("{said}");
    assert!(done.status.success(), "{said}\n{}", server.log());
}

/// A scenario that says when something is to be done to the server.
struct Driven {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Driven {
    fn start(mut command: Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("node runs");
        let said = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, said }
    }

    /// What it wants next; `None` when it ended well.
    fn next(&mut self) -> Option<String> {
        for line in self.said.by_ref() {
            let line = line.expect("text");
            println!("{line}");
            if let Some(wish) = line.strip_prefix("== ") {
                return Some(wish.to_owned());
            }
        }
        assert!(self.child.wait().expect("ends").success(), "the scenario failed, see above");
        None
    }

    fn done(&mut self) {
        let input = self.child.stdin.as_mut().expect("its input");
        input.write_all(b"done\n").expect("is read");
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every scenario that needs nothing but a server. The names of some begin with the row of the list of complaints (what
/// users of such programs lose, and why) that they stand for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_clients_and_hostile_ones() {
    let server = Server::start().await;
    scenarios(&server, &[]).await;
}

/// All files of a database, whatever it left beside it.
fn copy(from: &Path, to: &Path) {
    for name in ["castalia.db", "castalia.db-wal", "castalia.db-shm"] {
        let _ = std::fs::remove_file(to.join(name));
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).expect("copies");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_loses_and_doubles_nothing() {
    let mut server = Server::start().await;
    let mut scenario = Driven::start(node(&server, "", &["killed_while_two_type"]));
    while let Some(wish) = scenario.next() {
        assert_eq!(wish, "kill and start");
        server.kill();
        server.restart().await;
        scenario.done();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_forgot_doubles_nothing() {
    let mut server = Server::start().await;
    let backup = tempfile::tempdir().expect("a folder");
    let data = server.folder.path().join("data");
    let mut scenario = Driven::start(node(&server, "", &["row01_nothing_doubles_when_the_server_forgot"]));
    while let Some(wish) = scenario.next() {
        // As a copy of a disk is made: of a server that does not run.
        server.kill();
        match wish.as_str() {
            "back up" => copy(&data, backup.path()),
            "kill and restore" => copy(backup.path(), &data),
            _ => copy(Path::new("/nonexistent"), &data),
        }
        server.restart().await;
        scenario.done();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_that_nobody_needs_are_closed_and_come_back_whole() {
    let server = Server::start_with(None, &["--notebook-idle-s", "1"], &[]).await;
    scenarios(&server, &["row02_a_room_that_was_closed_meanwhile_is_as_before", "row09_rooms_are_let_go"])
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_share_a_notebook() {
    let Some(url) = castalia_testkit::postgres_url().await else { return };
    let mut one = Server::start_with(Some(url.clone()), &[], &[]).await;
    // Servers of one installation have one key.
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("data/secrets")).expect("a folder");
    std::fs::copy(
        one.folder.path().join("data/secrets/master.key"),
        folder.path().join("data/secrets/master.key"),
    )
    .expect("copies");
    let two = Server::start_in(folder, Some(url), &[], &[]).await;
    let mut command = node(&one, "", &["row06_two_servers_share_a_room"]);
    command.env("CASTALIA_OTHER", &two.url);
    let mut scenario = Driven::start(command);
    while let Some(wish) = scenario.next() {
        assert_eq!(wish, "kill one");
        one.kill();
        scenario.done();
    }
}

/// How long the database is away.
const AWAY: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_gone_for_ten_seconds_in_mid_run_and_mid_typing() {
    let Some((postgres, url)) = Postgres::start() else { return };
    let server = kernels::server_on(Some(url)).await;
    let counts = "import time\nfor i in range(130):\n    print(i, flush=True); time.sleep(0.1)";
    let nb =
        kernels::notebook(&server, "gone", &[counts, "print('next')", "open('ran', 'a').write('x')"]).await;
    kernels::run(&server, &nb, json!({"what": "all"})).await;
    kernels::until(&server, "it prints", async || {
        kernels::text(&kernels::cells(&server, &nb).await[0]).contains("3\n").then_some(())
    })
    .await;
    let mut command = node(&server, "", &["the_database_is_gone_while_two_type"]);
    command.env("CASTALIA_NOTEBOOK", nb.rsplit('/').next().expect("an id"));
    let mut scenario = Driven::start(command);
    let mut gone = Instant::now();
    while let Some(wish) = scenario.next() {
        match wish.as_str() {
            "stop the database" => {
                postgres.script("pause").expect("stops");
                gone = Instant::now();
            }
            _ => {
                // Somebody wants something of it meanwhile; it is not done, and not half done.
                let asked = server.post(&format!("{nb}/runs"), json!({"what": "cell", "cell": "c2"})).await;
                assert_eq!(asked.0, 503, "{}", asked.1);
                tokio::time::sleep(AWAY.saturating_sub(gone.elapsed())).await;
                postgres.script("resume").expect("starts again");
            }
        }
        scenario.done();
    }
    let states = kernels::settled(&server, &nb).await;
    assert_eq!(states, ["ok", "ok", "ok"], "{}", server.log());
    let now = kernels::cells(&server, &nb).await;
    let all: String = (0..130).map(|i| format!("{i}\n")).collect();
    assert_eq!(kernels::text(&now[0]), all, "nothing lost, nothing doubled");
    assert_eq!(kernels::text(&now[1]), "next\n");
    kernels::run(&server, &nb, json!({"what": "cell", "cell": "c1"})).await;
    assert_eq!(kernels::settled(&server, &nb).await, ["ok"; 4], "the queue works");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_reads_is_let_go_and_comes_back_to_all_of_it() {
    let server = Server::start().await;
    scenarios(&server, &["who_never_reads_is_let_go"]).await;
}

/// Files over HTTP: a notebook out of content, its exports, a file that was changed outside, versions and history.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_versions_and_exports() {
    let server = Server::start().await;
    let cell = |id: &str, kind: &str, source: &str| {
        let mut cell = json!({"id": id, "cell_type": kind, "source": source, "metadata": {}});
        if kind == "code" {
            cell["execution_count"] = json!(1);
            cell["outputs"] =
                json!([{"output_type": "stream", "name": "stdout", "text": "0123456789\n".repeat(10_000)}]);
        }
        cell
    };
    let mut content = json!({"cells": [cell("t", "markdown", "# Title"), cell("a", "code", "x = 1")], "metadata": {},
        "nbformat": 4, "nbformat_minor": 5, "unknown": [1, 2.0]});
    let body = json!({"name": "files", "project": "demo", "content": content});
    let (status, notebook) = server.post("/api/notebooks", body).await;
    assert_eq!(status, 201, "{notebook}");
    let at = format!("/api/notebooks/{}", notebook["id"].as_str().expect("an id"));
    let client = reqwest::Client::new();
    let file = async |format: &str| {
        let url = format!("{}{at}/file?format={format}", server.url);
        let answer = client.get(url).bearer_auth(&server.token).send().await.expect("answers");
        assert!(answer.status().is_success(), "{format}");
        answer.text().await.expect("text")
    };
    let exported: serde_json::Value = serde_json::from_str(&file("ipynb").await).expect("JSON");
    assert_eq!(exported["unknown"], json!([1, 2.0]));
    assert_eq!(exported["cells"][1]["outputs"][0]["text"].as_array().map(Vec::len), Some(10_000));
    assert_eq!(file("py").await, "# %% [markdown]\n# # Title\n\n# %%\nx = 1\n");
    assert!(file("html").await.contains("<h1>Title</h1>"));
    assert!(file("md").await.starts_with("# Title\n\n```python\nx = 1\n```"));

    let (status, version) = server.post(&format!("{at}/versions"), json!({"name": "first"})).await;
    assert_eq!(status, 201, "{version}");
    let path = format!("{at}/checkpoint");
    let (status, state) = server.post(&path, json!({})).await;
    assert!(status.is_success() && state["file"]["error"].is_null(), "{state}");
    content["cells"][1]["source"] = json!("x = 2");
    let put =
        client.put(format!("{}{at}/file", server.url)).bearer_auth(&server.token).body(content.to_string());
    let state: serde_json::Value = put.send().await.expect("answers").json().await.expect("JSON");
    assert_eq!((&state["file"]["conflicts"], &state["file"]["error"]), (&json!([]), &json!(null)), "{state}");
    let python = "# %% [markdown]\n# # Title\n\n# %%\nx = 3\n";
    let put =
        client.put(format!("{}{at}/file?format=py", server.url)).bearer_auth(&server.token).body(python);
    assert!(put.send().await.expect("answers").status().is_success());
    let now: serde_json::Value = serde_json::from_str(&file("ipynb").await).expect("JSON");
    assert_eq!((&now["cells"][1]["id"], &now["cells"][1]["source"]), (&json!("a"), &json!(["x = 3"])));
    assert_eq!(
        now["cells"][1]["outputs"], exported["cells"][1]["outputs"],
        "a text file leaves outputs alone"
    );

    let path = format!("{at}/versions/{}", version["version"].as_str().expect("an id"));
    let changes = server.get(&format!("{path}/changes")).await;
    assert_eq!(
        (&changes["changes"][0]["cell"], &changes["changes"][0]["parts"]),
        (&json!("a"), &json!(["source"]))
    );
    assert_eq!(server.get(&path).await["content"]["cells"][1]["source"], json!(["x = 1"]));
    let history = server.get(&format!("{at}/history?at=9000000000000")).await;
    assert!(history["cells"].as_array().is_some_and(|cells| cells.len() == 2), "{history}");
    assert!(server.post(&format!("{path}/restore"), json!({})).await.0.is_success());
    assert!(file("py").await.ends_with("x = 1\n"));
    let all = server.get(&format!("{at}/versions")).await;
    assert!(all["items"].as_array().is_some_and(|all| all.len() >= 3), "{all}");
}

/// A name under which another file lies is refused before anything is done to that file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notebook_is_not_renamed_onto_a_file_that_is_not_its_own() {
    let files = tempfile::tempdir().expect("a folder");
    let folder = files.path().to_string_lossy().into_owned();
    let server = Server::start_with(None, &["--notebooks", &folder], &[]).await;
    let nb = kernels::notebook(&server, "mine", &["1"]).await;
    let saved = async || server.post(&format!("{nb}/checkpoint"), json!({})).await;
    assert!(saved().await.0.is_success());
    let theirs = files.path().join("demo/theirs.ipynb");
    std::fs::write(&theirs, "not to be touched").expect("writes");
    let rename = async |name: &str| {
        let body = Some(json!({"name": name}));
        server.call_as(&server.token, reqwest::Method::PATCH, &nb, body).await
    };
    let (status, refused) = rename("theirs").await;
    assert_eq!((status.as_u16(), &refused["code"]), (409, &json!("file_exists")), "{refused}");
    assert_eq!(server.get(&nb).await["name"], "mine.ipynb");
    let (status, answer) = saved().await;
    assert!(status.is_success() && answer["file"]["error"].is_null(), "{answer}");
    assert_eq!(std::fs::read_to_string(&theirs).expect("is there"), "not to be touched");
    // A free name is taken, the file goes along, and its former one may be had again.
    for name in ["other", "mine"] {
        let (status, answer) = rename(name).await;
        assert!(status.is_success(), "{answer}");
        assert!(saved().await.0.is_success());
        assert!(files.path().join(format!("demo/{name}.ipynb")).exists(), "{name}");
    }
    assert!(!files.path().join("demo/other.ipynb").exists());
}

/// What is done with a notebook as a whole is told, whichever way it was asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_and_exports_are_actions_and_are_told() {
    let server = Server::start().await;
    let nb = kernels::notebook(&server, "a", &["x = 1"]).await;
    let id = nb.rsplit('/').next().expect("an id");
    let mut events = kernels::socket(&server, "/api/ws").await;
    let listen = json!({"id": "1", "type": "subscribe", "topic": format!("notebook.{id}")});
    kernels::tell(&mut events, listen).await;
    kernels::hear(&mut events, |said| said["type"] == "subscribe").await;
    let act = async |name: &str, input: serde_json::Value| {
        let (status, answer) = server.post(&format!("/api/actions/notebooks.{name}"), input).await;
        assert!(status.is_success(), "{name}: {answer}");
        answer
    };
    let version = act("version", json!({"notebook": id, "name": "first"})).await["version"].clone();
    act("edit_cell", json!({"notebook": id, "cell": "c0", "source": "x = 2"})).await;
    let exported = async || act("export", json!({"notebook": id, "format": "py"})).await;
    assert_eq!(exported().await, json!({"name": "a.py", "content": "# %%\nx = 2\n"}));
    act("restore", json!({"notebook": id, "version": version})).await;
    assert_eq!(exported().await["content"], "# %%\nx = 1\n");
    let mut told = Vec::new();
    while told.len() < 4 {
        let event = kernels::hear(&mut events, |said| said["type"] == "data").await["data"].clone();
        assert_eq!(event["data"]["notebook"], id, "{event}");
        told.push((event["type"].clone(), event["data"].clone()));
    }
    let expected = [
        ("notebook.version_created", json!({"notebook": id, "version": version, "name": "first"})),
        ("notebook.exported", json!({"notebook": id, "format": "py"})),
        ("notebook.restored", json!({"notebook": id, "version": version})),
        ("notebook.exported", json!({"notebook": id, "format": "py"})),
    ];
    assert_eq!(told, expected.map(|(kind, data)| (json!(kind), data)));
    // One that is not there is told of to nobody.
    let missing = json!({"notebook": id, "version": "nbv_00000000000000000000000000"});
    let (status, _) = server.post("/api/actions/notebooks.restore", missing).await;
    assert_eq!(status, 404);
}
