//! Long outputs of notebooks in a real server: what refers to them keeps them, what they are is what is served, and no
//! quota is passed.

#![expect(clippy::unwrap_used, reason = "tests")]

mod notebook_support;
mod support;

use castalia_db::Sql;
use notebook_support::{code, notebook_of, prefix, server_with, until};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use support::Server;

/// A notebook of these cells: the path of its operations.
async fn notebook(server: &Server, name: &str, cells: Vec<Value>) -> String {
    notebook_of(server, &server.token, name, cells).await
}

/// Runs a cell to its end.
async fn run(server: &Server, notebook: &str, cell: &str) {
    let wish = json!({"what": "cell", "cell": cell});
    let (status, runs) = server.post(&format!("{notebook}/runs"), wish).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{runs}");
    let id = runs[0]["id"].as_str().unwrap().to_owned();
    let state = until(server, "the run ends", async || {
        let page = server.get(&format!("{notebook}/runs")).await;
        let run = page["items"].as_array().unwrap().iter().find(|run| run["id"] == id.as_str()).cloned();
        run.map(|run| run["state"].clone()).filter(|state| state != "queued" && state != "running")
    })
    .await;
    assert_eq!(state, "ok", "{}", server.log());
}

/// What is stored of a cell's only output.
async fn stored(server: &Server, notebook: &str, cell: &str, name: &str) -> Value {
    let cells = server.get(&format!("{notebook}/cells")).await["items"].take();
    let cell = cells.as_array().unwrap().iter().find(|found| found["id"] == cell);
    cell.unwrap_or_else(|| panic!("no cell {cell:?}: {cells}"))["outputs"][0]["stored"][name].clone()
}

async fn output(server: &Server, notebook: &str, id: &str, range: Option<&str>) -> Response {
    let mut request = reqwest::Client::new()
        .get(format!("{}{notebook}/outputs/{id}", server.url))
        .bearer_auth(&server.token);
    if let Some(range) = range {
        request = request.header("range", range.to_owned());
    }
    request.send().await.unwrap()
}

/// Whether it is swept; one that is being swept may answer in part.
async fn is_gone(server: &Server, notebook: &str, id: &str) -> Option<()> {
    let address = format!("{}{notebook}/outputs/{id}", server.url);
    let answer = reqwest::Client::new().get(address).bearer_auth(&server.token).send().await;
    answer.is_ok_and(|answer| answer.status() == StatusCode::NOT_FOUND).then_some(())
}

fn id_of(stored: &Value) -> String {
    stored["id"].as_str().unwrap_or_else(|| panic!("nothing is stored: {stored}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_version_keeps_outlives_reruns_deletion_and_a_killed_server_and_the_rest_is_swept() {
    let mut server = server_with(None, &[("CASTALIA_OUTPUTS_UNUSED_S", "1")]).await;
    let source = "n = globals().get('n', 0) + 1\nprint((f'run {n} ' + 'x' * 100 + '\\n') * 1000)";
    let nb = notebook(&server, "a", vec![code("c0", source, json!([])), code("c1", "1", json!([]))]).await;
    run(&server, &nb, "c0").await;
    let first = id_of(&stored(&server, &nb, "c0", "text").await);
    let (status, version) = server.post(&format!("{nb}/versions"), json!({"name": "with the first"})).await;
    assert_eq!(status, StatusCode::CREATED, "{version}");
    // Run twice more: the first is the version's alone, the second nobody's.
    run(&server, &nb, "c0").await;
    let second = id_of(&stored(&server, &nb, "c0", "text").await);
    server.kill();
    server.restart().await;
    run(&server, &nb, "c0").await;
    let third = id_of(&stored(&server, &nb, "c0", "text").await);
    assert!(first != second && second != third);
    until(&server, "the second is swept", async || is_gone(&server, &nb, &second).await).await;
    for (id, number) in [(&first, 1), (&third, 3)] {
        let text = output(&server, &nb, id, None).await.text().await.unwrap();
        assert!(text.starts_with(&format!("run {number} xx")) && text.lines().count() == 1001, "{id}");
    }
    // The cell is deleted altogether; the version brings it back, with what it showed.
    let deletion = json!({"notebook": nb.rsplit('/').next().unwrap(), "cell": "c0"});
    let (status, answer) = server.post("/api/actions/notebooks.delete_cell", deletion).await;
    assert!(status.is_success(), "{answer}");
    let path = format!("{nb}/versions/{}", version["version"].as_str().unwrap());
    let whole = server.get(&path).await;
    assert!(whole["content"]["cells"][0]["outputs"].to_string().contains("run 1 xx"), "{whole}");
    let (status, answer) = server.post(&format!("{path}/restore"), json!({})).await;
    assert!(status.is_success(), "{answer}");
    assert_eq!(id_of(&stored(&server, &nb, "c0", "text").await), first);
    // The version goes; what the document shows stays.
    let db = database(&server).await;
    let mut tx = db.begin().await.unwrap();
    for table in ["DELETE FROM notebook_versions", "DELETE FROM notebook_version_outputs"] {
        tx.execute(table, castalia_db::params![]).await.unwrap();
    }
    tx.commit().await.unwrap();
    until(&server, "the third is swept", async || is_gone(&server, &nb, &third).await).await;
    assert!(output(&server, &nb, &first, None).await.text().await.unwrap().starts_with("run 1 xx"));
    let usage = server.get(&format!("{nb}/usage")).await;
    assert_eq!(usage["cells"][0]["cell"], "c0", "{usage}");
    // A notebook that is deleted takes all of it along.
    let (status, _) = server.call_as(&server.token, Method::DELETE, &nb, None).await;
    assert!(status.is_success());
    let rows = db.read().fetch_all("SELECT * FROM notebook_outputs", castalia_db::params![]).await.unwrap();
    assert!(rows.is_empty());
}

async fn database(server: &Server) -> castalia_db::Db {
    let path = server.folder.path().join("data/castalia.db");
    castalia_db::Db::open(&format!("sqlite://{}", path.display())).await.expect("opens")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_file_brought_is_served_as_what_it_is() {
    let server = Server::start().await;
    let dense = "QUJD".repeat(8000);
    let lines: String =
        dense.as_bytes().chunks(76).map(|l| format!("{}\n", String::from_utf8_lossy(l))).collect();
    let html = "<b>bold</b><script>document.title = 'mine'</script>".repeat(500);
    let tree = json!({"a": (0..10_000).collect::<Vec<_>>()});
    let shown = |data: Value| json!([{"output_type": "display_data", "data": data, "metadata": {}}]);
    let cells = vec![
        code("c0", "", shown(json!({"image/png": dense, "text/plain": "a picture"}))),
        code("c1", "", shown(json!({"image/jpeg": lines}))),
        code("c2", "", shown(json!({"text/html": html}))),
        code("c3", "", shown(json!({"application/json": tree}))),
        code("c4", "", shown(json!({"image/png": "no base64! ".repeat(2000)}))),
    ];
    let nb = notebook(&server, "a", cells).await;
    let abc = "ABC".repeat(8000);
    let png = id_of(&stored(&server, &nb, "c0", "image/png").await);
    let jpeg = id_of(&stored(&server, &nb, "c1", "image/jpeg").await);
    for (id, media) in [(&png, "image/png"), (&jpeg, "image/jpeg")] {
        let whole = output(&server, &nb, id, None).await;
        let header = |name: &str| whole.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
        assert_eq!(header("content-type").as_deref(), Some(media));
        assert_eq!(header("content-length").as_deref(), Some("24000"));
        assert!(header("content-security-policy").unwrap().starts_with("sandbox"));
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
        assert!(header("content-disposition").unwrap().starts_with("inline"));
        assert_eq!(whole.text().await.unwrap(), abc);
        let part = output(&server, &nb, id, Some("bytes=10001-10003")).await;
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.headers()["content-range"], "bytes 10001-10003/24000");
        assert_eq!(part.text().await.unwrap(), abc[10001..=10003]);
        let beyond = output(&server, &nb, id, Some("bytes=24000-")).await;
        assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    }
    let others = [
        ("c2", "text/html", "text/html; charset=utf-8", "attachment", html.len()),
        ("c3", "application/json", "application/json", "inline", 0),
        ("c4", "image/png", "text/plain; charset=utf-8", "inline", 22_000),
    ];
    for (cell, name, media, place, bytes) in others {
        let id = id_of(&stored(&server, &nb, cell, name).await);
        let whole = output(&server, &nb, &id, None).await;
        assert_eq!(whole.headers()["content-type"], media);
        assert!(whole.headers()["content-disposition"].to_str().unwrap().starts_with(place), "{cell}");
        assert!(whole.headers()["content-security-policy"].to_str().unwrap().starts_with("sandbox"));
        let text = whole.text().await.unwrap();
        match bytes {
            0 => assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), tree),
            bytes => assert_eq!(text.len(), bytes),
        }
    }
    // The file has base64 as it was, with its lines.
    let file = server.get(&format!("{nb}/file")).await;
    assert_eq!(file["cells"][0]["outputs"][0]["data"]["image/png"], dense.as_str());
    assert_eq!(file["cells"][1]["outputs"][0]["data"]["image/jpeg"], lines.as_str());
    assert_eq!(file["cells"][3]["outputs"][0]["data"]["application/json"], tree);
    // Before there were rows for what files bring, there was the object alone.
    let db = database(&server).await;
    let mut tx = db.begin().await.unwrap();
    tx.execute("DELETE FROM notebook_outputs", castalia_db::params![]).await.unwrap();
    tx.commit().await.unwrap();
    let whole = output(&server, &nb, &png, None).await;
    assert_eq!(whole.headers()["content-type"], "image/png");
    assert_eq!(whole.text().await.unwrap(), abc);
    assert_eq!(output(&server, &nb, "out_none", None).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cell_a_notebook_and_a_project_store_what_their_quotas_let_them_and_say_what_is_left_out() {
    let quotas = [
        ("CASTALIA_OUTPUTS_CELL_MB", "1"),
        ("CASTALIA_OUTPUTS_NOTEBOOK_MB", "2"),
        ("CASTALIA_OUTPUTS_PROJECT_MB", "3"),
    ];
    let server = server_with(None, &quotas).await;
    const MB: u64 = 1 << 20;
    let print = |kb: u64| format!("import sys\n_ = sys.stdout.write(('x' * 1023 + '\\n') * {kb})");
    let cells = |sizes: &[u64]| -> Vec<Value> {
        let cell = |(at, kb): (usize, &u64)| code(&format!("c{at}"), &print(*kb), json!([]));
        sizes.iter().enumerate().map(cell).collect()
    };
    let one = notebook(&server, "one", cells(&[3000, 900, 900])).await;
    let two = notebook(&server, "two", cells(&[1000, 100])).await;
    let told = async |nb: &str, cell: &str| {
        run(&server, nb, cell).await;
        let stored = stored(&server, nb, cell, "text").await;
        (stored["bytes"].as_u64().unwrap(), stored["produced"].as_u64(), stored["quota"].clone())
    };
    assert_eq!(told(&one, "c0").await, (MB, Some(3000 << 10), json!("cell")));
    assert_eq!(told(&one, "c1").await, (900 << 10, None, Value::Null));
    let rest = 2 * MB - MB - (900 << 10);
    assert_eq!(told(&one, "c2").await, (rest, Some(900 << 10), json!("notebook")));
    assert_eq!(told(&two, "c0").await, (1000 << 10, None, Value::Null));
    assert_eq!(told(&two, "c1").await, (24 << 10, Some(100 << 10), json!("project")));
    let usage = server.get(&format!("{two}/usage")).await;
    assert_eq!(usage["notebook"], json!({"bytes": MB, "quota": 2 * MB}), "{usage}");
    assert_eq!(usage["project"], json!({"bytes": 3 * MB, "quota": 3 * MB}), "{usage}");
    assert_eq!(usage["cells"][0], json!({"cell": "c0", "bytes": 1000 << 10}), "{usage}");
    // What is there of it can be read, and the file says that it is not all.
    let cut = stored(&server, &one, "c0", "text").await;
    assert_eq!(output(&server, &one, &id_of(&cut), None).await.bytes().await.unwrap().len() as u64, MB);
    let file = server.get(&format!("{one}/file")).await;
    let last = file["cells"][0]["outputs"][0]["text"].as_array().unwrap().last().cloned().unwrap();
    assert!(last.as_str().unwrap().contains("1048576 of 3072000 bytes"), "{last}");
    // Where something is given up, there is room again.
    let (status, edited) = server
        .post(
            "/api/actions/notebooks.edit_cell",
            json!({"notebook": one.rsplit('/').next().unwrap(), "cell": "c0", "source": "1"}),
        )
        .await;
    assert!(status.is_success(), "{edited}");
    run(&server, &one, "c0").await;
    until(&server, "the other notebook may store again", async || {
        let (bytes, produced, _) = told(&two, "c1").await;
        (bytes == 100 << 10 && produced.is_none()).then_some(())
    })
    .await;
}

/// A figure of a process' memory, in MB.
fn memory(server: &Server, figure: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with(figure)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() >> 10
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn downloads_are_whole_without_memory_and_whoever_saves_the_checkpoint_elsewhere_loses_nothing() {
    const LONG: usize = 24 << 20;
    let files = tempfile::tempdir().unwrap();
    let folder = files.path().to_string_lossy().into_owned();
    let server = Server::start_with(None, &["--kernel-path", &prefix(), "--notebooks", &folder], &[]).await;
    let source = format!("import sys\n_ = sys.stdout.write('0123456789abcde\\n' * {})", LONG / 16);
    let nb = notebook(&server, "a", vec![code("c0", &source, json!([])), code("c1", "1", json!([]))]).await;
    run(&server, &nb, "c0").await;
    let before = stored(&server, &nb, "c0", "text").await;
    assert_eq!(before["bytes"], LONG);
    // The peak is counted from here.
    std::fs::write(format!("/proc/{}/clear_refs", server.pid()), "5").unwrap();
    let rest = memory(&server, "VmRSS");
    for (format, line) in [("ipynb", "0123456789abcde\\n"), ("html", "0123456789abcde\n")] {
        let address = format!("{}{nb}/file?format={format}", server.url);
        let answer = reqwest::Client::new().get(address).bearer_auth(&server.token).send().await.unwrap();
        assert!(answer.status().is_success());
        let text = answer.text().await.unwrap();
        assert_eq!(text.matches(line).count(), LONG / 16, "{format}");
        if format == "ipynb" {
            let file: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(file["cells"][0]["outputs"][0]["text"].as_array().unwrap().len(), LONG / 16);
        }
    }
    let peak = memory(&server, "VmHWM");
    assert!(peak < rest + 20, "{rest} MB became {peak} MB");
    // The checkpoint has the beginning and says where the rest is. Another program changes something else in it.
    let (status, answer) = server.post(&format!("{nb}/checkpoint"), json!({})).await;
    assert!(status.is_success(), "{answer}");
    let path = files.path().join("demo/a.ipynb");
    let text = std::fs::read_to_string(&path).unwrap();
    let place = format!("{nb}/outputs/{}", before["id"].as_str().unwrap());
    assert!(text.len() < 1 << 20 && text.contains(&place), "{} bytes", text.len());
    let mut file: Value = serde_json::from_str(&text).unwrap();
    file["cells"][1]["source"] = json!(["2"]);
    std::fs::write(&path, file.to_string()).unwrap();
    let (status, answer) = server.post(&format!("{nb}/checkpoint"), json!({})).await;
    assert!(status.is_success(), "{answer}");
    let cells = server.get(&format!("{nb}/cells")).await["items"].take();
    assert_eq!((&cells[1]["source"], &cells[0]["run"]["status"]), (&json!("2"), &json!("ok")), "{cells}");
    assert_eq!(stored(&server, &nb, "c0", "text").await, before);
    assert_eq!(server.get(&format!("{nb}/conflicts")).await["items"], json!([]));
}
