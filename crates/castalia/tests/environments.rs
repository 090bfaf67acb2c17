//! A virtualenv of one's own, with process types of one's own, wherever it lies.

mod support;

use reqwest::StatusCode;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use support::{Server, bootstrap_python};

const TYPE: &str = r#"
from typing import Annotated
from castalia.process import Input

class Shout:
    """Upper-case text."""

    deterministic = True

    def run(self, storage, input: Annotated[str, Input("text/plain")], times: int = 1) -> None:
        """
        Args:
            input: the text
            times: how often
        """
        text = storage.read(input).decode()
        storage.progress(0.5, "shouting")
        print("read", len(text), "characters")
        storage.write("shout", text.upper() * times, media_type="text/plain")
"#;

const BROKEN: &str = "raise RuntimeError('this module is broken')\n";

fn run(command: &mut Command) {
    let output = command.output().expect("starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A virtualenv that sees the packages of the bootstrap one, with a package of its own installed in place.
fn make(folder: &Path) -> String {
    let base = bootstrap_python().expect("`make environment` has run");
    let venv = folder.join("venv");
    run(Command::new(&base).args(["-m", "venv", "--without-pip"]).arg(&venv));
    let find = "import sysconfig; print(sysconfig.get_paths()['purelib'])";
    let site = |python: &Path| {
        let output = Command::new(python).args(["-c", find]).output().expect("answers");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let python = venv.join("bin/python");
    let (own, shared) = (site(&python), site(&base));
    let source = folder.join("source");
    std::fs::create_dir_all(source.join("shouting")).expect("a folder");
    std::fs::write(source.join("shouting/__init__.py"), TYPE).expect("written");
    std::fs::write(source.join("broken_module.py"), BROKEN).expect("written");
    std::fs::write(Path::new(&own).join("paths.pth"), format!("{shared}\n{}\n", source.display()))
        .expect("written");
    let info = Path::new(&own).join("shouting-1.0.dist-info");
    std::fs::create_dir_all(&info).expect("a folder");
    std::fs::write(info.join("METADATA"), "Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
        .expect("written");
    let points = "[castalia.process_types]\nshout = shouting:Shout\nbad = broken_module:Nothing\n";
    std::fs::write(info.join("entry_points.txt"), points).expect("written");
    python.to_string_lossy().into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_types_run_in_the_sandbox_and_a_broken_one_spoils_nothing() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let python = make(folder.path());
    let (status, environment) =
        server.post("/api/environments", json!({"name": "own", "python": python})).await;
    assert_eq!(status, StatusCode::CREATED, "{environment}");
    assert!(environment["types"].as_array().expect("types").contains(&json!("shout")), "{environment}");
    let errors = environment["errors"].to_string();
    assert!(errors.contains("this module is broken"), "{errors}");
    let upload = reqwest::Client::new()
        .put(format!("{}/api/uploads?project=demo&name=words.txt", server.url))
        .bearer_auth(&server.token)
        .header("Content-Type", "text/plain")
        .body("hello ")
        .send()
        .await
        .expect("answers");
    assert!(upload.status().is_success());
    let id = server.submit("shout", json!({"input": "upload:words.txt", "times": 2})).await;
    let view = server.ended(&id).await;
    assert_eq!(view["state"], "completed", "{view}\n{:?}", server.log_lines(&id).await);
    let dataset = view["outputs"][0]["id"].as_str().expect("an output");
    let (_, text) = server
        .call_as(&server.token, reqwest::Method::GET, &format!("/api/datasets/{dataset}/content"), None)
        .await;
    assert_eq!(text, "HELLO HELLO ");
    let (status, error) = server.post("/api/processes", json!({"project": "demo", "type": "shout", "parameters": {"input": "upload:words.txt", "times": "two"}})).await;
    assert_eq!(
        (status, &error["errors"][0]["path"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("/parameters/times")),
        "{error}"
    );
    let (status, error) =
        server.post("/api/environments", json!({"name": "none", "python": "/usr/bin/false"})).await;
    assert_eq!(
        (status, error["code"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("environment_broken")),
        "{error}"
    );
}
