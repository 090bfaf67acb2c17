//! Notebooks whose files lie in workspaces' volumes: a real JupyterLab and stock yjs clients on the same file, who may, and
//! what becomes of a notebook whose workspace is deleted.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::Server;

/// JupyterLab takes seconds to import on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

const SITE: &str = r#"
name: site
command: [python3, -m, http.server, "{port}", --bind, 127.0.0.1, --directory, "{home}"]
health_check: { endpoint: /, use_container_root: true, interval: 1, timeout: 1, retries: 3, start_period: 20 }
idle: { timeout: 0 }
"#;

async fn until<T>(server: &Server, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn in_state(server: &Server, id: &str, wanted: &str) -> Value {
    until(server, wanted, async || {
        let view = server.get(&format!("/api/workspaces/{id}")).await;
        assert!(view["state"] != "failed", "{view}\n{}", server.log());
        (view["state"] == wanted).then_some(view)
    })
    .await
}

/// A workspace that is ready: its id, its path, and the folder of its volume.
async fn workspace(server: &Server, service: &str) -> (String, String, PathBuf) {
    let (status, view) = server.post("/api/workspaces", json!({"service": service, "project": "demo"})).await;
    assert_eq!(status, StatusCode::OK, "{view}");
    let id = view["id"].as_str().unwrap().to_owned();
    let view = in_state(server, &id, "ready").await;
    let volume = server.folder.path().join("data/workspaces").join(&id);
    (id, view["path"].as_str().unwrap().to_owned(), volume)
}

async fn delete_workspace(server: &Server, id: &str) {
    server.post(&format!("/api/workspaces/{id}/stop"), json!({})).await;
    in_state(server, id, "stopped").await;
    let deleted = server.call_as(&server.token, Method::DELETE, &format!("/api/workspaces/{id}"), None).await;
    assert!(deleted.0.is_success(), "{}", deleted.1);
}

async fn member(server: &Server, name: &str) -> String {
    let password = format!("{name}-password");
    let body = json!({"name": name, "password": password, "roles": ["viewer"]});
    assert!(server.post("/api/users", body).await.0.is_success());
    let path = format!("/api/projects/demo/members/{name}");
    let put = server.call_as(&server.token, Method::PUT, &path, Some(json!({"role": "developer"}))).await;
    assert!(put.0.is_success(), "{}", put.1);
    server.api_token(name, &password).await
}

/// A file as Jupyter writes it, with fields that nobody knows.
fn file(cells: &[(&str, &str)]) -> Value {
    let cell = |(id, source): &(&str, &str)| {
        let metadata = json!({"unknown": {"deep": [1]}});
        json!({"cell_type": "code", "execution_count": null, "id": id, "metadata": metadata, "outputs": [], "source": source})
    };
    let cells: Vec<Value> = cells.iter().map(cell).collect();
    json!({"cells": cells, "metadata": {"vendor": {"kept": true}}, "nbformat": 4, "nbformat_minor": 5})
}

async fn open(server: &Server, token: &str, workspace: &str, path: &str) -> (StatusCode, Value) {
    let at = format!("/api/workspaces/{workspace}/notebooks");
    server.call_as(token, Method::POST, &at, Some(json!({"path": path}))).await
}

async fn insert(server: &Server, notebook: &str, cell: &str, source: &str) {
    let body = json!({"notebook": notebook, "source": source, "after": cell});
    let (status, answer) = server.post("/api/actions/notebooks.insert_cell", body).await;
    assert!(status.is_success(), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_a_volume_is_a_notebook_for_those_who_may() {
    let services = tempfile::tempdir().unwrap();
    std::fs::write(services.path().join("site.yaml"), SITE).unwrap();
    let services = services.path().display().to_string();
    let server = Server::start_with(None, &["--services", &services, "--sandbox", "off"], &[]).await;
    let (id, _, volume) = workspace(&server, "site").await;
    let ada = member(&server, "ada").await;
    let outside = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(volume.join("plans/deep")).unwrap();
    // Not as we would write it: that alone is no reason to write.
    let bytes = serde_json::to_vec(&file(&[("a", "x = 1"), ("b", "y = 2")])).unwrap();
    let at = volume.join("plans/deep/plan.ipynb");
    std::fs::write(&at, &bytes).unwrap();
    std::fs::write(outside.path().join("secret.ipynb"), &bytes).unwrap();
    std::os::unix::fs::symlink(outside.path(), volume.join("out")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.ipynb"), volume.join("link.ipynb")).unwrap();

    // What leads out is refused, and is not in the list.
    let secret = outside.path().join("secret.ipynb").display().to_string();
    for (path, code) in [
        ("../x.ipynb", "invalid_path"),
        ("plans/../../x.ipynb", "invalid_path"),
        (secret.as_str(), "invalid_path"),
        ("plan.txt", "invalid_path"),
        ("out/secret.ipynb", "outside_volume"),
        ("out/new.ipynb", "outside_volume"),
        ("link.ipynb", "outside_volume"),
    ] {
        let (status, refused) = open(&server, &server.token, &id, path).await;
        assert!(status.is_client_error() && refused["code"] == code, "{path}: {status} {refused}");
    }
    let list = format!("/api/workspaces/{id}/notebooks");
    let found = server.get(&list).await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(
        found["items"][0],
        json!({"path": "plans/deep/plan.ipynb", "bytes": bytes.len(), "notebook": null})
    );

    // Who may not use the workspace does not see it.
    assert_eq!(open(&server, &ada, &id, "plans/deep/plan.ipynb").await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.call_as(&ada, Method::GET, &list, None).await.0, StatusCode::NOT_FOUND);

    let (status, notebook) = open(&server, &server.token, &id, "plans/deep/plan.ipynb").await;
    assert_eq!((status, notebook["name"].as_str()), (StatusCode::OK, Some("plan.ipynb")), "{notebook}");
    assert_eq!(notebook["volume"], json!({"workspace": id, "path": "plans/deep/plan.ipynb"}));
    let nb = notebook["id"].as_str().unwrap();
    let again = open(&server, &server.token, &id, "./plans//deep/plan.ipynb").await.1;
    assert_eq!(again["id"], nb, "one file is one notebook");
    assert_eq!(server.get(&list).await["items"][0]["notebook"], nb);
    for arguments in [["files", &id].as_slice(), &["open", &id, "plans/deep/plan.ipynb"]] {
        let mut cli = Command::new(env!("CARGO_BIN_EXE_castalia"));
        cli.arg("notebook").args(arguments).env("CASTALIA_URL", &server.url);
        let done = cli.env("CASTALIA_TOKEN", &server.token).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(
            done.status.success() && said.contains("plans/deep/plan.ipynb") && said.contains(nb),
            "{done:?}"
        );
    }
    // The notebook is the project's; of the workspace the others learn nothing.
    let one = format!("/api/notebooks/{nb}");
    let (status, seen) = server.call_as(&ada, Method::GET, &one, None).await;
    assert_eq!((status, &seen["volume"]["workspace"]), (StatusCode::OK, &Value::Null), "{seen}");
    let place = json!({"workspace": id, "path": "elsewhere.ipynb"});
    let moved = server.call_as(&ada, Method::PUT, &format!("{one}/place"), Some(place)).await;
    assert_eq!(moved.0, StatusCode::NOT_FOUND, "{}", moved.1);

    // Nothing changed: nothing is written.
    let (status, answer) = server.post(&format!("{one}/checkpoint"), json!({})).await;
    assert!(status.is_success(), "{answer}");
    assert_eq!(std::fs::read(&at).unwrap(), bytes);
    // Somebody renames the file, and the notebook follows; what is another file is not taken for it.
    let moved = volume.join("plans/deep/moved.ipynb");
    std::fs::rename(&at, &moved).unwrap();
    std::fs::write(volume.join("other.ipynb"), "{}").unwrap();
    let place = async |path: &str| {
        let place = Some(json!({"workspace": id, "path": path}));
        server.call_as(&server.token, Method::PUT, &format!("{one}/place"), place).await
    };
    assert_eq!(place("other.ipynb").await.1["code"], "file_exists");
    let (status, followed) = place("plans/deep/moved.ipynb").await;
    assert_eq!(status, StatusCode::OK, "{followed}");
    server.post(&format!("{one}/checkpoint"), json!({})).await;
    assert!(std::fs::read(&moved).unwrap() == bytes && !at.exists());
    let at = moved;
    // Something did: all unknown fields stay, and the mode.
    std::fs::set_permissions(&at, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    insert(&server, nb, "a", "new = 1").await;
    server.post(&format!("{one}/checkpoint"), json!({})).await;
    let mut written: Value = serde_json::from_slice(&std::fs::read(&at).unwrap()).unwrap();
    for cell in written["cells"].as_array_mut().unwrap() {
        // A file has its texts line by line.
        cell["source"] =
            cell["source"].as_array().unwrap().iter().filter_map(Value::as_str).collect::<String>().into();
    }
    assert_eq!(written["cells"].as_array_mut().unwrap().remove(1)["source"], "new = 1");
    assert_eq!(written, file(&[("a", "x = 1"), ("b", "y = 2")]));
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&at).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    // A folder that becomes a link later leads nowhere either.
    std::fs::rename(volume.join("plans/deep"), volume.join("plans/was")).unwrap();
    std::os::unix::fs::symlink(outside.path(), volume.join("plans/deep")).unwrap();
    insert(&server, nb, "a", "late = 1").await;
    let (_, refused) = server.post(&format!("{one}/checkpoint"), json!({})).await;
    assert_eq!(refused["code"], "outside_volume", "{refused}");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
    std::fs::remove_file(volume.join("plans/deep")).unwrap();
    std::fs::rename(volume.join("plans/was"), volume.join("plans/deep")).unwrap();
    let (status, healed) = server.post(&format!("{one}/checkpoint"), json!({})).await;
    assert!(status.is_success() && healed["file"]["error"].is_null(), "{healed}");

    // The workspace is deleted: that is said, and nothing is lost; the notebook is saved elsewhere.
    delete_workspace(&server, &id).await;
    insert(&server, nb, "a", "after = 1").await;
    let (_, refused) = server.post(&format!("{one}/checkpoint"), json!({})).await;
    assert_eq!(refused["code"], "volume_gone", "{refused}");
    assert_eq!(server.get(&one).await["file"]["error_code"], "volume_gone");
    let put = server.call_as(&ada, Method::PUT, &format!("{one}/place"), Some(json!({}))).await;
    assert_eq!((put.0, &put.1["volume"]), (StatusCode::OK, &Value::Null), "{}", put.1);
    let (status, healed) = server.post(&format!("{one}/checkpoint"), json!({})).await;
    assert!(status.is_success() && healed["file"]["error"].is_null(), "{healed}");
    assert_eq!(healed["file"]["name"], "plan.ipynb");
    let whole = server.get(&format!("{one}/file?format=ipynb")).await.to_string();
    for source in ["x = 1", "y = 2", "new = 1", "late = 1", "after = 1", "vendor"] {
        assert!(whole.contains(source), "{source}: {whole}");
    }
}

/// The folder of JupyterHub's and JupyterLab's programs.
fn programs() -> Option<PathBuf> {
    let given = std::env::var_os("CASTALIA_TEST_JUPYTERHUB").map(PathBuf::from);
    let target = Path::new(env!("CARGO_BIN_EXE_castalia")).ancestors().nth(2).unwrap();
    let made = target.join("test-jupyterhub/bin");
    let found = given.or_else(|| made.join("jupyterhub-singleuser").is_file().then_some(made));
    if found.is_none() {
        eprintln!("skipped: JupyterHub is not installed (`scripts/test-jupyterhub` installs it)");
    }
    found.map(|folder| std::path::absolute(folder).unwrap())
}

/// A scenario that says what is to be done next.
struct Scenario(Child);

impl Scenario {
    fn start(server: &Server, notebook: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../notebooks/tests/yjs");
        assert!(folder.join("node_modules/yjs").exists(), "run scripts/test-notebooks --install first");
        let mut command = Command::new("node");
        command.current_dir(folder).args(["run.mjs", "a_file_is_written_by_jupyterlab_and_by_people_here"]);
        command.env("CASTALIA_URL", &server.url).env("CASTALIA_TOKEN", &server.token);
        command.env("CASTALIA_NOTEBOOK", notebook).stdin(Stdio::piped()).stdout(Stdio::piped());
        Self(command.spawn().expect("node runs"))
    }
}

impl Drop for Scenario {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// JupyterLab's own way to files.
async fn contents(server: &Server, path: &str) -> Value {
    let model = server.get(&format!("{path}api/contents/plan.ipynb?content=1&type=notebook")).await;
    model["content"].clone()
}

fn source<'a>(content: &'a mut Value, id: &str) -> &'a mut Value {
    let cells = content["cells"].as_array_mut().unwrap();
    let cell = cells.iter_mut().find(|cell| cell["id"] == id).unwrap_or_else(|| panic!("no cell {id}"));
    &mut cell["source"]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jupyterlab_and_people_here_write_the_same_file() {
    let Some(programs) = programs() else { return };
    let path = programs.display().to_string();
    let server = Server::start_with(None, &["--workspace-path", &path], &[]).await;
    let (id, lab, volume) = workspace(&server, "lab").await;
    let at = format!("{lab}api/contents/plan.ipynb");
    let save = async |content: &Value| {
        let body = json!({"type": "notebook", "format": "json", "content": content});
        let (status, answer) = server.call_as(&server.token, Method::PUT, &at, Some(body)).await;
        assert!(status.is_success(), "{answer}");
    };
    save(&file(&[("a", "x = 1\n"), ("b", "y = 2\n")])).await;
    let first = std::fs::read(volume.join("plan.ipynb")).unwrap();
    let (status, notebook) = open(&server, &server.token, &id, "plan.ipynb").await;
    assert_eq!(status, StatusCode::OK, "{notebook}");
    let nb = notebook["id"].as_str().unwrap();
    let mut scenario = Scenario::start(&server, nb);
    let said = BufReader::new(scenario.0.stdout.take().unwrap()).lines();
    let mut opened = Value::Null;
    for line in said {
        let line = line.unwrap();
        println!("{line}");
        let Some(wish) = line.strip_prefix("== ") else { continue };
        match wish {
            "jupyterlab opens it" => {
                assert_eq!(std::fs::read(volume.join("plan.ipynb")).unwrap(), first, "nothing changed");
                opened = contents(&server, &lab).await;
            }
            "jupyterlab saves it" => {
                let there = contents(&server, &lab).await;
                assert_eq!(*source(&mut there.clone(), "b"), "y = 2\n# here\n", "{there}");
                *source(&mut opened, "a") = json!("x = 1\n# lab\n");
                save(&opened).await;
            }
            "both are in the file" => {
                let both = until(&server, "both are there", async || {
                    let mut there = contents(&server, &lab).await;
                    (*source(&mut there, "a") == "x = 1\n# lab\n"
                        && *source(&mut there, "b") == "y = 2\n# here\n")
                        .then_some(there)
                });
                let both = both.await;
                assert_eq!(both["metadata"]["vendor"], json!({"kept": true}), "{both}");
                // It is valid, and byte for byte what nbformat would write.
                let check = "import io, nbformat, sys; t = open(sys.argv[1], encoding='utf-8').read(); \
                             n = nbformat.reads(t, 4); nbformat.validate(n); o = io.StringIO(); \
                             nbformat.write(n, o); assert o.getvalue() == t, t";
                let mut python = Command::new(programs.join("python"));
                let done = python.args(["-c", check]).arg(volume.join("plan.ipynb")).output().unwrap();
                assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            }
            _ => delete_workspace(&server, &id).await,
        }
        scenario.0.stdin.as_mut().unwrap().write_all(b"done\n").unwrap();
    }
    assert!(scenario.0.wait().unwrap().success(), "see above\n{}", server.log());
}
