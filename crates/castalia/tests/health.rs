//! `castalia health test`: real services of a few lines, what is said about them, and that nothing is left.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const SERVER: &str = r#"
import http.server, os, pathlib, sys, time
time.sleep(float(sys.argv[2]))
pathlib.Path(sys.argv[3]).write_text(str(os.getpid()))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *args):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

const QUICK: &str = "{interval: 0.3, timeout: 0.5, retries: 4, start_period: 20, use_container_root: true}";

/// A folder with `server.py` and these definitions.
fn folder(definitions: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("server.py"), SERVER).expect("writes");
    for (name, text) in definitions {
        std::fs::write(dir.path().join(name), text).expect("writes");
    }
    dir
}

/// A definition of the server; its process id is written to `NAME.pid`.
fn server(name: &str, late: &str, more: &str) -> String {
    format!(
        "command: [python3, \"{{here}}/server.py\", \"{{port}}\", {late}, \"{{here}}/{name}.pid\"]\n{more}\n"
    )
}

fn command(dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_castalia"));
    command.args(["health", "test"]).args(words).current_dir(dir).env("HOME", dir).env("TMPDIR", dir);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl std::fmt::Debug for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "code {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

fn ended(child: Child) -> Ended {
    let output = child.wait_with_output().expect("ends");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn run(dir: &Path, words: &[&str]) -> Ended {
    let ended = ended(command(dir, words).spawn().expect("starts"));
    nothing_is_left(dir);
    ended
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{e}: {ended:?}"))
}

/// No process of a definition lives, and no folder of ours is there.
fn nothing_is_left(dir: &Path) {
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(!name.starts_with("castalia-health-"), "{name} is left");
        if name.ends_with(".pid") {
            let pid = std::fs::read_to_string(entry.path()).expect("reads");
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let lives = stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']));
            assert!(!lives, "process {pid} of {name} still lives");
        }
    }
}

#[test]
fn a_healthy_service_is_measured_and_ended() {
    let dir = folder(&[("lab.yaml", &server("lab", "0.5", &format!("health_check: {QUICK}")))]);
    let told = run(dir.path(), &["lab.yaml", "--json"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let report = json(&told);
    assert_eq!(report["state"], "healthy");
    assert!(report["ready_after_ms"].as_u64().is_some_and(|ms| ms >= 500), "{report}");
    assert!(report["stopped_after_ms"].is_u64(), "{report}");
    assert_eq!(report["chronicle"]["turns"][0]["state"], "starting");
    assert!(dir.path().join("lab.pid").exists());

    let told = run(dir.path(), &["lab.yaml", "--for", "1s"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    for words in
        ["GET http://127.0.0.1:", "✗ nothing listens on", "✓ 200", "● healthy", "lab is healthy: ready after"]
    {
        assert!(told.stdout.contains(words), "{words}: {told:?}");
    }
    assert!(!told.stdout.contains('\u{1b}'), "{told:?}");
}

#[test]
fn a_wrong_port_is_unhealthy_and_told_with_the_right_one() {
    let check = "{interval: 0.3, timeout: 0.3, retries: 3, start_period: 2, health_check_port: 9, use_container_root: true}";
    let dir = folder(&[("lab.yaml", &server("lab", "0", &format!("health_check: {check}")))]);
    let begun = Instant::now();
    let told = run(dir.path(), &["lab.yaml", "--json"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    let report = json(&told);
    assert_eq!(report["state"], "unhealthy");
    let reason = report["reason"].as_str().unwrap_or_default();
    let hint = format!("the service listens on {}", report["port"]);
    assert!(reason.contains("nothing listens on 127.0.0.1:9") && reason.contains(&hint), "{reason}");
}

#[test]
fn what_ends_at_once_is_told_with_its_last_words() {
    let text =
        format!("command: [sh, -c, \"echo no module named lab >&2; exit 3\"]\nhealth_check: {QUICK}\n");
    let dir = folder(&[("lab.yaml", &text)]);
    let told = run(dir.path(), &["lab.yaml"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.stdout.contains("● stopped"), "{told:?}");
    assert!(told.stderr.contains("stderr no module named lab"), "{told:?}");
    assert!(told.stderr.contains("ended before it was ready: exited with code 3"), "{told:?}");
}

#[test]
fn what_it_depends_on_comes_first() {
    let chat = server(
        "chat",
        "0",
        &format!("health_check: {QUICK}\ndependencies: [agent]\nenv: {{AGENT: \"{{agent.port}}\"}}"),
    );
    let agent = server("agent", "1", &format!("health_check: {QUICK}"));
    let dir = folder(&[("chat.yaml", &chat), ("agent.yaml", &agent)]);
    let told = run(dir.path(), &["chat.yaml"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let at = |words: &str| told.stdout.find(words).unwrap_or_else(|| panic!("{words}: {told:?}"));
    assert!(at("waits for agent (starting)") < at("agent is healthy"), "{told:?}");
    assert!(at("agent is healthy") < at("● healthy"), "{told:?}");

    std::fs::write(dir.path().join("agent.yaml"), "command: [sh, -c, \"exit 7\"]\n").expect("writes");
    let told = run(dir.path(), &["chat.yaml"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.stderr.contains("chat is starting: waits for agent (stopped)"), "{told:?}");
    assert!(told.stdout.contains("exited with code 7"), "{told:?}");
}

#[test]
fn a_mistake_names_its_line() {
    let dir = folder(&[
        ("lab.yaml", "command: [lab]\nhealth_check:\n  retries: none\n"),
        ("x.yaml", "command: [x]\ndependencies: [y]"),
    ]);
    let told = run(dir.path(), &["lab.yaml"]);
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(told.stderr.contains("lab.yaml:3:12:"), "{told:?}");
    let told = run(dir.path(), &["x.yaml"]);
    assert!(told.stderr.contains("y.yaml is not beside it"), "{told:?}");
    assert_eq!(run(dir.path(), &["absent.yaml"]).code, Some(1));
}

#[test]
fn an_interrupt_ends_the_service() {
    let dir = folder(&[("lab.yaml", &server("lab", "0", &format!("health_check: {QUICK}")))]);
    let child = command(dir.path(), &["lab.yaml", "--for", "1h"]).spawn().expect("starts");
    let begun = Instant::now();
    while !dir.path().join("lab.pid").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the service does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kills");
    let told = ended(child);
    assert_eq!(told.code, Some(130), "{told:?}");
    assert!(told.stderr.contains("the service was ended"), "{told:?}");
    nothing_is_left(dir.path());
}
