//! A notebook's kernel and two real servers on one PostgreSQL: what is asked of the one is done by the other, which has
//! the kernel, and what the kernel says reaches the pages of both.

#![expect(clippy::unwrap_used, reason = "tests")]

mod notebook_support;
mod support;

use notebook_support::{Socket, comms, hear, notebook, server_with, tell, text};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Instant;
use support::{PATIENCE, Server};

/// Servers of one installation have one key.
const KEY: &str = "0f0e0d0c0b0a09080706050403020100000102030405060708090a0b0c0d0e0f";

async fn server(database: &str) -> Server {
    server_with(Some(database.to_owned()), &[("CASTALIA_MASTER_KEY", KEY)]).await
}

async fn until<T>(servers: [&Server; 2], what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        let logs = || servers.map(Server::log).join("\n--- the other ---\n");
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}\n{}", logs());
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
}

async fn cell(server: &Server, notebook: &str, id: &str) -> Value {
    let (_, page) = server.call_as(&server.token, Method::GET, &format!("{notebook}/cells"), None).await;
    page["items"].as_array().into_iter().flatten().find(|c| c["id"] == id).cloned().unwrap_or_default()
}

async fn run(server: &Server, notebook: &str, cell: &str) {
    let (status, runs) =
        server.post(&format!("{notebook}/runs"), json!({"what": "cell", "cell": cell})).await;
    assert!(status.is_success(), "{runs}");
}

/// A connection for commands.
struct Comms(Socket);

impl Comms {
    async fn open(server: &Server, notebook: &str) -> Self {
        Self(comms(server, notebook).await)
    }

    async fn say(&mut self, channel: &str, method: &str, message: Value) {
        tell(&mut self.0, json!({"id": method, "channel": channel, "method": method, "message": message}))
            .await;
    }

    async fn hear(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        hear(&mut self.0, fits).await["message"].take()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kernel_of_one_server_is_worked_with_through_the_other() {
    let Some(database) = castalia_testkit::postgres_url().await else { return };
    let (mut one, two) = (server(&database).await, server(&database).await);
    let sources = [
        "x = 41",
        "import time\nfor i in range(60):\n    print(i, flush=True); time.sleep(0.1)",
        "print('hello', input('name? '))",
        "import time; time.sleep(1000)",
        "print(x + 1)",
    ];
    let nb = notebook(&one, "a", &sources).await;
    run(&one, &nb, "c0").await;
    until([&one, &two], "it ran, and both say so", async || {
        let done = async |server| cell(server, &nb, "c0").await["run"]["status"] == "ok";
        (done(&one).await && done(&two).await).then_some(())
    })
    .await;

    // Through the other: a run, a completion, a question that is answered, an interrupt, a checkpoint.
    let mut comms = Comms::open(&two, &nb).await;
    assert_eq!(comms.hear(|said| said["method"] == "state").await, json!({"comms": []}));
    run(&two, &nb, "c4").await;
    until([&one, &two], "both see what it printed", async || {
        let printed = async |server| text(&cell(server, &nb, "c4").await) == "42\n";
        (printed(&one).await && printed(&two).await).then_some(())
    })
    .await;
    comms.say("kernel", "complete", json!({"code": "impo", "cursor": 4})).await;
    let reply = comms.hear(|said| said["id"] == "complete").await;
    assert!(reply["matches"].as_array().is_some_and(|m| m.contains(&json!("import"))), "{reply}");
    run(&two, &nb, "c2").await;
    let question = comms.hear(|said| said["method"] == "input_request").await;
    assert_eq!(question["prompt"], "name? ");
    // Whoever comes later is asked as well.
    let mut later = Comms::open(&two, &nb).await;
    assert_eq!(later.hear(|said| said["method"] == "input_request").await["run"], question["run"]);
    comms.say("kernel", "input_reply", json!({"run": question["run"], "value": "Ada"})).await;
    until([&one, &two], "it was answered", async || {
        text(&cell(&two, &nb, "c2").await).contains("hello Ada").then_some(())
    })
    .await;
    run(&two, &nb, "c3").await;
    until([&one, &two], "it sleeps", async || {
        (cell(&two, &nb, "c3").await["state"] == "running").then_some(())
    })
    .await;
    let (status, answer) = two.post(&format!("{nb}/kernel/interrupt"), json!({})).await;
    assert!(status.is_success(), "{answer}");
    until([&one, &two], "it is interrupted", async || {
        (cell(&two, &nb, "c3").await["run"]["status"] == "interrupted").then_some(())
    })
    .await;
    let (status, answer) = two.post(&format!("{nb}/checkpoint"), json!({})).await;
    assert!(status.is_success() && answer["file"]["error"].is_null(), "{answer}");

    // The server with the kernel dies: the run goes on, what is asked meanwhile waits, and all is there once.
    run(&two, &nb, "c1").await;
    until([&one, &two], "it prints", async || {
        text(&cell(&two, &nb, "c1").await).contains("3\n").then_some(())
    })
    .await;
    one.kill();
    run(&two, &nb, "c4").await;
    assert_eq!(cell(&two, &nb, "c4").await["state"], "queued");
    let (status, refused) = two.post(&format!("{nb}/kernel/interrupt"), json!({})).await;
    assert_eq!((status.as_u16(), &refused["code"]), (503, &json!("unavailable")), "{refused}");
    one.launch(&[]);
    one.ready().await;
    let all: String = (0..60).map(|i| format!("{i}\n")).collect();
    until([&one, &two], "it went on", async || {
        (cell(&two, &nb, "c1").await["run"]["status"] == "ok"
            && cell(&two, &nb, "c4").await["state"] == "idle")
            .then_some(())
    })
    .await;
    assert_eq!(text(&cell(&two, &nb, "c1").await), all, "nothing lost, nothing doubled");
    let (_, kernel) = two.call_as(&two.token, Method::GET, &format!("{nb}/kernel"), None).await;
    assert_eq!((&kernel["incarnation"], &kernel["queue"]), (&json!(1), &json!([])), "{kernel}");

    // A server that does not come back is given up at the second wish, and the notebook goes on here.
    one.kill();
    let shutdown = format!("{nb}/kernel/shutdown");
    run(&two, &nb, "c3").await;
    assert!(two.post(&shutdown, json!({})).await.0.is_success());
    assert!(two.post(&shutdown, json!({})).await.0.is_success());
    let (_, kernel) = two.call_as(&two.token, Method::GET, &format!("{nb}/kernel"), None).await;
    assert_eq!((&kernel["state"], &kernel["queue"]), (&json!("dead"), &json!([])), "{kernel}");
    assert!(kernel["reason"].as_str().unwrap().starts_with("given up"), "{kernel}");
    assert_eq!(cell(&two, &nb, "c3").await["state"], "idle");
    run(&two, &nb, "c0").await;
    until([&one, &two], "it runs here", async || {
        (cell(&two, &nb, "c0").await["run"]["incarnation"] == 2
            && cell(&two, &nb, "c0").await["run"]["status"] == "ok")
            .then_some(())
    })
    .await;

    // The server comes back after all: it ends what was given up and leaves nothing of it, and the notebook is none the
    // wiser. What nobody knows is young at first; it would be looked at in two minutes.
    let unit = record_of_the_unit(&one);
    let mut record: Value = serde_json::from_slice(&std::fs::read(&unit).unwrap()).unwrap();
    record["created_at"] = json!(record["created_at"].as_i64().unwrap() - 600_000);
    std::fs::write(&unit, record.to_string()).unwrap();
    one.launch(&[]);
    one.ready().await;
    until([&one, &two], "the other kernel is ended and cleared away", async || {
        let kernels = std::fs::read_dir(one.folder.path().join("data/kernels")).unwrap();
        (!unit.exists() && kernels.count() == 0).then_some(())
    })
    .await;
    run(&one, &nb, "c4").await;
    until([&one, &two], "it runs on", async || {
        (text(&cell(&one, &nb, "c4").await) == "42\n"
            && cell(&one, &nb, "c4").await["run"]["incarnation"] == 2)
            .then_some(())
    })
    .await;
    let (_, kernel) = one.call_as(&one.token, Method::GET, &format!("{nb}/kernel"), None).await;
    assert_eq!((&kernel["incarnation"], &kernel["reason"]), (&json!(2), &Value::Null), "{kernel}");
}

/// The only unit of a server.
fn record_of_the_unit(server: &Server) -> PathBuf {
    let units = std::fs::read_dir(server.folder.path().join("data/units")).unwrap();
    let mut records = units.flatten().map(|unit| unit.path().join("unit.json")).filter(|file| file.exists());
    records.next().expect("it is there")
}
