//! What a cell can do with the rest of Castalia: the notebook's own token, the SDK, processes from cells.

#![expect(clippy::unwrap_used, reason = "tests")]

mod notebook_support;
mod support;

use notebook_support::{code, notebook_of, server, server_on, server_with, text, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use support::Server;

/// One notebook, and who uses it.
struct Bench<'a> {
    server: &'a Server,
    token: String,
    path: String,
}

impl<'a> Bench<'a> {
    async fn new(server: &'a Server, token: &str, name: &str, sources: &[&str]) -> Self {
        // The one that papermill would take for it is the cell with the parameters.
        let cell = |(i, source): (usize, &&str)| {
            let mut cell = code(&format!("c{i}"), source, json!([]));
            if source.starts_with("# parameters\n") {
                cell["metadata"]["tags"] = json!(["parameters"]);
            }
            cell
        };
        let cells: Vec<Value> = sources.iter().enumerate().map(cell).collect();
        Self::of(server, token, name, cells).await
    }

    async fn of(server: &'a Server, token: &str, name: &str, cells: Vec<Value>) -> Self {
        Self { server, token: token.to_owned(), path: notebook_of(server, token, name, cells).await }
    }

    fn id(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }

    async fn post(&self, what: &str, body: Value) -> Value {
        let path = format!("{}/{what}", self.path);
        let (status, answer) = self.server.call_as(&self.token, Method::POST, &path, Some(body)).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }

    async fn get(&self, what: &str) -> Value {
        let path = format!("{}/{what}", self.path);
        let (status, answer) = self.server.call_as(&self.server.token, Method::GET, &path, None).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }

    async fn cell(&self, number: usize) -> Value {
        self.get("cells").await["items"][number].clone()
    }

    /// Runs a cell to its end and returns it.
    async fn run(&self, number: usize) -> Value {
        let id = format!("c{number}");
        self.post("runs", json!({"what": "cell", "cell": id})).await;
        self.ended(number).await
    }

    async fn ended(&self, number: usize) -> Value {
        let id = format!("c{number}");
        self.until("the run ends", async || {
            let runs = self.get("runs").await;
            let newest = runs["items"].as_array().unwrap().iter().find(|r| r["cell"] == id.as_str())?.clone();
            (newest["state"] != "queued" && newest["state"] != "running").then_some(())
        })
        .await;
        self.cell(number).await
    }

    async fn until<T>(&self, what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
        until(self.server, what, look).await
    }
}

async fn member(server: &Server, name: &str) -> String {
    let password = format!("{name}-password");
    let body = json!({"name": name, "password": password, "roles": ["developer"]});
    assert!(server.post("/api/users", body).await.0.is_success());
    let (path, body) = (format!("/api/projects/demo/members/{name}"), json!({"role": "developer"}));
    let (status, answer) = server.call_as(&server.token, Method::PUT, &path, Some(body)).await;
    assert!(status.is_success(), "{answer}");
    server.api_token(name, &password).await
}

/// Files below a folder in which a text stands, whatever else they are.
fn files_with(folder: &Path, text: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            files_with(&path, text, found);
        } else if kind.is_file() {
            let bytes = std::fs::read(&path).unwrap_or_default();
            if bytes.windows(text.len()).any(|w| w == text.as_bytes()) {
                found.push(path);
            }
        }
    }
}

const TOKEN: &str = "import os\nassert 'CASTALIA_TOKEN' not in os.environ\nopen('mine', 'w').write(open(os.environ['CASTALIA_TOKEN_FILE']).read())";
const ME: &str = "import castalia\nwith castalia.Client() as client:\n    print(client.me()['name'], client.project == os.environ['CASTALIA_PROJECT'])";
const RUN: &str = "\
try:
    castalia.Client().run('true', wait=False)
    print('ran')
except castalia.ApiError as error:
    print(error.code)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kernel_has_a_token_of_its_project_as_long_as_it_lives_and_its_person_may() {
    let mut server = server().await;
    server.shell_types(&[("true", "true")]).await;
    let ann = member(&server, "ann").await;
    let (status, _) =
        server.call_as(&ann, Method::POST, "/api/projects", Some(json!({"name": "elsewhere"}))).await;
    assert!(status.is_success());
    let bench = Bench::new(&server, &ann, "a", &[TOKEN, ME, RUN]).await;
    bench.run(0).await;
    assert_eq!(text(&bench.run(1).await), "ann True\n", "{:?}", bench.cell(1).await);
    assert_eq!(text(&bench.run(2).await), "ran\n", "{:?}", bench.cell(2).await);
    let work = server.folder.path().join("data/notebooks").join(bench.id()).join("mine");
    let token = std::fs::read_to_string(&work).unwrap();
    std::fs::remove_file(&work).unwrap();
    assert!(token.starts_with("cas_"));

    // It reaches what a cell needs, of this project.
    let (path, id) = (bench.path.clone(), bench.id().to_owned());
    drop(bench);
    let as_cell =
        async |server: &Server, method, path: &str| server.call_as(&token, method, path, None).await.0;
    for open in ["/api/uploads?project=demo", "/api/datasets?project=demo", "/api/processes?project=demo"] {
        assert_eq!(as_cell(&server, Method::GET, open).await, StatusCode::OK, "{open}");
    }
    for (method, closed) in [
        (Method::GET, "/api/uploads?project=elsewhere"),
        (Method::GET, "/api/projects/elsewhere"),
        (Method::GET, path.as_str()),
        (Method::DELETE, path.as_str()),
        (Method::PATCH, "/api/projects/demo"),
        (Method::GET, "/api/tokens"),
        (Method::GET, "/api/users"),
    ] {
        let status = as_cell(&server, method, closed).await;
        assert!(status.is_client_error(), "{closed}: {status}");
    }

    // Nobody else hears of it: it is in one private file, and in the environment of the kernel.
    let mut found = Vec::new();
    files_with(server.folder.path(), &token, &mut found);
    assert_eq!(found.len(), 1, "{found:?}");
    for file in &found {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o077, 0, "{file:?}");
        assert!(file.ends_with("token"), "{file:?}");
    }
    for process in std::fs::read_dir("/proc").unwrap().flatten() {
        let words = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&words).contains(&token), "{:?}", process.path());
    }

    // The kernel outlives the server, and its token with it.
    server.kill();
    server.restart().await;
    let bench = Bench { server: &server, token: ann.clone(), path };
    assert_eq!(text(&bench.run(1).await), "ann True\n", "{:?}", bench.cell(1).await);
    assert_eq!(bench.cell(1).await["run"]["incarnation"], 1, "the same kernel");

    // As a viewer she may look, and no more; gone from the project, nothing.
    let member = "/api/projects/demo/members/ann";
    let body = Some(json!({"role": "viewer"}));
    assert!(server.call_as(&server.token, Method::PUT, member, body).await.0.is_success());
    let run = json!({"project": "demo", "type": "true", "parameters": {}});
    let (status, answer) = server.call_as(&token, Method::POST, "/api/processes", Some(run)).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{answer}");
    assert_eq!(as_cell(&server, Method::GET, "/api/uploads?project=demo").await, StatusCode::OK);
    assert!(server.call_as(&server.token, Method::DELETE, member, None).await.0.is_success());
    assert_eq!(as_cell(&server, Method::GET, "/api/uploads?project=demo").await, StatusCode::NOT_FOUND);

    // It ends with the kernel.
    assert_eq!(as_cell(&server, Method::GET, "/api/me").await, StatusCode::OK);
    let bench = Bench { token: server.token.clone(), ..bench };
    bench.post("kernel/shutdown", json!({})).await;
    bench
        .until("the token ends", async || {
            (as_cell(&server, Method::GET, "/api/me").await == StatusCode::UNAUTHORIZED).then_some(())
        })
        .await;
    // The next kernel has another one.
    bench.run(0).await;
    let next = server.folder.path().join("data/notebooks").join(id).join("mine");
    let next = std::fs::read_to_string(next).unwrap();
    assert_ne!(next, token);
    assert!(server.call_as(&next, Method::GET, "/api/me", None).await.0.is_success());
}

/// A server with a clock that the returned file sets wrong.
async fn server_with_a_clock() -> (Server, tempfile::NamedTempFile) {
    let clock = tempfile::NamedTempFile::new().unwrap();
    let file = clock.path().display().to_string();
    let clock_at = [("CASTALIA_TEST_CLOCK", file.as_str())];
    (server_with(None, &clock_at).await, clock)
}

const WHO: &str = "print(client.me()['name'], castalia.Client().me()['name'])";
const WAITS: &str = "import os, time\nprint('waits', flush=True)\nwhile not os.path.exists('go'): time.sleep(0.05)\nprint(client.me()['name'])";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cell_acts_as_whoever_runs_it_and_nobody_does_after_the_kernel() {
    let (mut server, clock) = server_with_a_clock().await;
    server.shell_types(&[("true", "true")]).await;
    let ann = member(&server, "ann").await;
    let role = json!({"name": "runner", "permissions": ["*.view", "notebooks.run"]});
    assert!(server.post("/api/roles", role).await.0.is_success());
    let bob = member(&server, "bob").await;
    let (path, body) = ("/api/projects/demo/members/bob", json!({"role": "runner"}));
    let (status, answer) = server.call_as(&server.token, Method::PUT, path, Some(body)).await;
    assert!(status.is_success(), "{answer}");
    let sources = ["import castalia\nclient = castalia.Client()", WHO, RUN, TOKEN, WAITS];
    let hers = Bench::new(&server, &ann, "a", &sources).await;
    let path = hers.path.clone();
    let his = Bench { server: &server, token: bob.clone(), path: path.clone() };
    hers.run(0).await;
    assert_eq!(text(&hers.run(1).await), "ann ann\n", "{:?}", hers.cell(1).await);
    hers.run(3).await;
    assert_eq!(text(&hers.run(2).await), "ran\n", "{:?}", hers.cell(2).await);
    // She has started the kernel and made the client; it is his cell.
    assert_eq!(text(&his.run(1).await), "bob bob\n", "{:?}", his.cell(1).await);
    assert_eq!(text(&his.run(2).await), "forbidden\n", "{:?}", his.cell(2).await);
    assert_eq!(text(&hers.run(2).await), "ran\n", "{:?}", hers.cell(2).await);
    let work = server.folder.path().join("data/notebooks").join(hers.id());
    let first = std::fs::read_to_string(work.join("mine")).unwrap();

    // While no server was there her token expired. What she runs gets another, and the old one stays what it is.
    hers.post("runs", json!({"what": "cell", "cell": "c4"})).await;
    hers.until("it waits", async || (text(&hers.cell(4).await) == "waits\n").then_some(())).await;
    let kernels = server.folder.path().join("data/kernels");
    let kernel = std::fs::read_dir(&kernels).unwrap().flatten().next().unwrap().path();
    server.kill();
    std::fs::write(clock.path(), (3 * 3_600_000).to_string()).unwrap();
    server.launch(&[("CASTALIA_TEST_KILL_AT", "notebook-ended")]);
    server.ready().await;
    let bench = Bench { server: &server, token: ann.clone(), path: path.clone() };
    let second = bench
        .until("it is lent another", async || {
            std::fs::read_to_string(kernel.join("token")).ok().filter(|token| *token != first)
        })
        .await;
    let is_let_in = async |server: &Server, token: &str| {
        server.call_as(token, Method::GET, "/api/me", None).await.0 == StatusCode::OK
    };
    assert!(!is_let_in(&server, &first).await, "it has expired");
    std::fs::write(work.join("go"), "").unwrap();
    assert_eq!(text(&bench.ended(4).await), "waits\nann\n", "{:?}", bench.cell(4).await);
    assert!(is_let_in(&server, &second).await);

    // The server dies between the kernel's end and that of its tokens.
    bench.post("kernel/shutdown", json!({})).await;
    server.gone().await;
    server.launch(&[]);
    server.ready().await;
    let bench = Bench { server: &server, token: ann.clone(), path };
    bench
        .until("nothing of it is left", async || {
            (!kernel.exists() && !is_let_in(&server, &second).await).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kernel_that_was_started_with_a_narrow_token_is_as_narrow() {
    let server = server().await;
    server.shell_types(&[("true", "true")]).await;
    let scopes = json!(["account.*", "notebooks.*", "*.view"]);
    let body = json!({"name": "narrow", "scopes": scopes});
    let (status, narrow) = server.post("/api/tokens", body).await;
    assert!(status.is_success(), "{narrow}");
    let bench = Bench::new(&server, narrow["secret"].as_str().unwrap(), "a", &["import os", ME, RUN]).await;
    bench.run(0).await;
    assert_eq!(text(&bench.run(1).await), "demo True\n", "{:?}", bench.cell(1).await);
    assert_eq!(text(&bench.run(2).await), "forbidden\n", "{:?}", bench.cell(2).await);
}

const FIRST: &str = "\
%%process --name count -i co2=upload:mauna-loa-co2.csv -r memory_mb=300 --into run
lines = inputs['co2'].read_text().splitlines()
print('looked at', inputs['co2'].name)
progress(0.5, 'half of it')
(outputs / 'head.csv').write_text('\\n'.join(lines[:3]))
result = {'lines': len(lines)}";
const LOOK: &str = "\
print(run.state, sorted(run.outputs), run.outputs['result'].json()['lines'] > 100, run.cost > 0)
print(len(castalia.Client().data('mauna-loa-co2.csv').read()) > 1000)";
const FAILS: &str = "%%process\nraise ValueError('the pump is broken')";
const BESIDE: &str =
    "%%process --no-wait --into slow\nimport time\nprint('begun', flush=True)\ntime.sleep(600)";
const ATTACH: &str = "%process --attach {slow.id}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cell_runs_as_a_process_and_says_what_became_of_it() {
    let server = server().await;
    server.demo_ready().await;
    let bench = Bench::new(
        &server,
        &server.token,
        "a",
        &["import castalia", FIRST, LOOK, FAILS, BESIDE, ATTACH, "slow.cancel()"],
    )
    .await;
    bench.run(0).await;
    let first = bench.run(1).await;
    let outputs = first["outputs"].as_array().unwrap();
    assert_eq!(outputs.len(), 1, "{first}");
    let shown = outputs[0]["data"]["text/plain"].as_str().unwrap();
    for part in ["completed", "looked at", "head.csv", "result: application/json", "dataset:ds_"] {
        assert!(shown.contains(part), "no {part:?} in {shown}");
    }
    assert!(outputs[0]["data"]["text/markdown"].as_str().unwrap().contains("/processes/proc_"));
    assert_eq!(
        text(&bench.run(2).await),
        "completed ['head.csv', 'result'] True True\nTrue\n",
        "{:?}",
        bench.cell(2).await
    );

    // A process that fails is an error of the cell, with the lines that matter.
    let failed = bench.run(3).await;
    assert_eq!(failed["run"]["status"], "error");
    let error = failed["outputs"].as_array().unwrap().last().unwrap();
    assert_eq!(error["ename"], "ProcessFailed");
    let traceback = error["traceback"].to_string();
    assert!(traceback.contains("ValueError: the pump is broken"), "{traceback}");
    assert!(!traceback.contains("magic.py"), "{traceback}");

    // Interrupting whoever waits leaves the process alone, and says so.
    bench.run(4).await;
    bench.post("runs", json!({"what": "cell", "cell": "c5"})).await;
    let plain =
        |cell: &Value| cell["outputs"][0]["data"]["text/plain"].as_str().unwrap_or_default().to_owned();
    bench
        .until("the log is shown", async || plain(&bench.cell(5).await).contains("| begun").then_some(()))
        .await;
    bench.post("kernel/interrupt", json!({})).await;
    let left = bench.ended(5).await;
    assert_eq!(left["run"]["status"], "interrupted", "{left}");
    assert!(plain(&left).contains("goes on"), "{left}");
    let slow = server.get("/api/processes?project=demo").await["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["state"] == "running")
        .map(|p| p["id"].as_str().unwrap().to_owned());
    let slow = slow.expect("it goes on");
    bench.run(6).await;
    assert_eq!(server.ended(&slow).await["state"], "cancelled");

    // What the demo shows of it works.
    let welcome: Value = serde_json::from_str(include_str!("../src/serve/demo/welcome.ipynb")).unwrap();
    let mut cells = welcome["cells"].as_array().unwrap().clone();
    cells.retain(|cell| cell["id"] == "process" || cell["id"] == "means");
    for (number, cell) in cells.iter_mut().enumerate() {
        cell["id"] = json!(format!("c{number}"));
    }
    let demo = Bench::of(&server, &server.token, "demo", cells).await;
    demo.run(0).await;
    assert_eq!(
        text(&demo.run(1).await),
        "CO₂ rose by 99 ppm from 1958 to 2020\n",
        "{:?}",
        demo.get("cells").await
    );
}

const PARAMETERS: &str = "# parameters\nfactor = 2  # what to multiply with\nlabels: list[str] = ['a']\ndata = 'upload:points.csv'";
const WORK: &str = "\
import castalia
rows = [int(line) for line in castalia.path(data).read_text().split()]
open('scaled.csv', 'w').write(' '.join(str(row * factor) for row in rows))
print('scaled', rows, labels)
if factor == 0:
    raise ValueError('nothing is left')";

async fn content(server: &Server, output: &Value) -> String {
    let path = format!("/api/datasets/{}/content", output["id"].as_str().unwrap());
    match server.get(&path).await {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notebook_is_a_process_type_of_its_project() {
    type_of_a_project(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notebook_is_a_process_type_of_its_project_on_postgres() {
    let Some(url) = castalia_testkit::postgres_url().await else { return };
    type_of_a_project(Some(url)).await;
}

async fn type_of_a_project(database: Option<String>) {
    let server = server_on(database).await;
    let uploaded = reqwest::Client::new()
        .put(format!("{}/api/uploads?project=demo&name=points.csv", server.url))
        .bearer_auth(&server.token)
        .header("Content-Type", "text/csv")
        .body("1\n2\n")
        .send()
        .await
        .unwrap();
    assert!(uploaded.status().is_success());
    let bench = Bench::new(&server, &server.token, "Scale it", &[PARAMETERS, WORK]).await;
    // In the notebook itself the same code reads the same data.
    bench.run(0).await;
    assert_eq!(text(&bench.run(1).await), "scaled [1, 2] ['a']\n", "{:?}", bench.cell(1).await);

    let made = bench.post("process-types", json!({"title": "Scales points"})).await;
    assert_eq!((&made["name"], &made["version"]), (&json!("scale-it"), &json!("1")));
    let properties = &made["schema"]["properties"];
    let factor = json!({"type": "integer", "default": 2, "description": "what to multiply with"});
    assert_eq!(properties["factor"], factor);
    let labels = json!({"type": "array", "items": {"type": "string"}, "default": ["a"]});
    assert_eq!(properties["labels"], labels);
    assert_eq!(properties["data"]["format"], "dataset");
    let versions = bench.get("versions").await;
    let fixed = &made["schema"]["x-notebook"]["version"];
    assert!(versions["items"].as_array().unwrap().iter().any(|v| v["version"] == *fixed), "{versions}");

    // What happens to the notebook afterwards changes nothing.
    let edit = json!({"notebook": bench.id(), "cell": "c1", "source": "1 / 0"});
    let (status, edited) = server.post("/api/actions/notebooks.edit_cell", edit).await;
    assert!(status.is_success(), "{edited}");
    let process = server.submit("scale-it", json!({"factor": 10})).await;
    let done = server.ended(&process).await;
    assert_eq!(done["state"], "completed", "{done} {:?}", server.log_lines(&process).await);
    let output = |name: &str| {
        let all = done["outputs"].as_array().unwrap();
        all.iter().find(|o| o["name"] == name).unwrap_or_else(|| panic!("no {name} in {all:?}")).clone()
    };
    assert_eq!(content(&server, &output("scaled.csv")).await, "10 20");
    let executed = content(&server, &output("notebook.ipynb")).await;
    assert!(executed.contains("scaled [1, 2] ['a']"), "{executed}");
    assert!(executed.contains("injected-parameters"), "{executed}");
    assert!(content(&server, &output("notebook.html")).await.contains("scaled [1, 2]"));
    assert_eq!(output("notebook.html")["media_type"], "text/html");
    let inputs = &done["versions"][0]["inputs"];
    assert_eq!(inputs[0]["reference"], "upload:points.csv", "its lineage is known: {inputs}");

    // A cell that fails fails the process, and says why.
    let process = server.submit("notebooks/scale-it", json!({"factor": 0})).await;
    let failed = server.ended(&process).await;
    assert_eq!(failed["state"], "failed");
    assert!(failed["reason"].as_str().unwrap().contains("ValueError: nothing is left"), "{failed}");
    let outputs = failed["outputs"].as_array().unwrap();
    let left =
        outputs.iter().find(|o| o["name"] == "notebook.ipynb").expect("the notebook is there all the same");
    assert!(content(&server, left).await.contains("nothing is left"));
    let wrong = json!({"project": "demo", "type": "scale-it", "parameters": {"factor": "ten"}});
    let (status, refused) = server.post("/api/processes", wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");

    // Made again it has a new version; it is nobody's who does not see the project.
    assert_eq!(bench.post("process-types", json!({})).await["version"], "2");
    let body = json!({"name": "eve", "password": "eve-password", "roles": ["developer"]});
    assert!(server.post("/api/users", body).await.0.is_success());
    let eve = server.api_token("eve", "eve-password").await;
    let types = server.call_as(&eve, Method::GET, "/api/process-types", None).await.1;
    assert!(types.is_array() && !types.to_string().contains("scale-it"), "{types}");
    let (status, shown) = server.call_as(&eve, Method::GET, "/api/process-types/scale-it", None).await;
    assert!(status.is_client_error() && !shown.to_string().contains("Scales"), "{shown}");
    let (status, _) =
        server.call_as(&eve, Method::POST, "/api/projects", Some(json!({"name": "hers"}))).await;
    assert!(status.is_success());
    let body = json!({"project": "hers", "type": "notebooks/scale-it", "parameters": {}});
    let (status, answer) = server.call_as(&eve, Method::POST, "/api/processes", Some(body)).await;
    assert!(status.is_client_error(), "{answer}");
    assert_eq!(answer["code"], "unknown_type");

    let path = format!("{}/process-types/scale-it", bench.path);
    assert!(server.call_as(&server.token, Method::DELETE, &path, None).await.0.is_success());
    let (status, _) = server.call_as(&server.token, Method::DELETE, &path, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let types = server.get("/api/process-types").await;
    assert!(!types.to_string().contains("scale-it"), "{types}");
}
