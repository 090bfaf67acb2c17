//! Root is given up, as a whole or not at all.

use crate::support::{Start, folder};
use reqwest::Method;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

const WHO: &str = "services:\n- {name: who, command: [sh, -c, 'echo $(id -u):$(id -g):$(id -G); touch mine; exec sleep 600'], health_check: {custom_health_command: 'true'}}\n";

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[tokio::test]
async fn services_run_as_the_workspaces_user() {
    // The program itself must be reachable for the user that it becomes; a target folder below /root is not.
    let program = Start::with(WHO).argument("--user", "1000:100").start().await;
    program.until_state("who", "healthy").await;
    // The health command may be quicker than the service's first word.
    let said = loop {
        let (_, log) = program.call(Method::GET, "/api/services/who/log").await;
        let lines = log["lines"].as_array().unwrap();
        if let Some(line) = lines.iter().find(|l| l["stream"] == "stdout")
            && program.home().join("mine").exists()
        {
            break line["line"].as_str().unwrap().to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    };
    let mine = program.home().join("mine").metadata().unwrap();
    if is_root() {
        assert_eq!(said, "1000:100:100");
        assert_eq!((mine.uid(), mine.gid()), (1000, 100));
        let status = std::fs::read_to_string(format!("/proc/{}/status", program.child.id())).unwrap();
        let of = |key: &str| {
            status
                .lines()
                .find_map(|l| l.strip_prefix(key))
                .unwrap()
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(of("Uid:"), ["1000"; 4]);
        assert_eq!(of("Gid:"), ["100"; 4]);
        assert_eq!(of("Groups:"), ["100"]);
        assert_eq!(of("CapEff:"), ["0000000000000000"]);
    } else {
        let own = rustix::process::geteuid().as_raw();
        assert!(said.starts_with(&format!("{own}:")), "{said}");
        assert_eq!(mine.uid(), own);
    }
}

#[test]
fn where_it_can_not_be_given_up_nothing_is_started() {
    if !is_root() {
        return;
    }
    let folder = folder();
    let file = folder.path().join("services.yaml");
    std::fs::write(
        &file,
        "services:\n- {name: who, command: [touch, /tmp/castalia-workspace-must-not-be]}\n",
    )
    .unwrap();
    for home in ["/root", "/", "/etc", "/usr/lib"] {
        let before = std::fs::metadata(home).unwrap();
        let ran = Command::new(env!("CARGO_BIN_EXE_castalia-workspace"))
            .arg("--config")
            .arg(&file)
            .args(["--listen", "127.0.0.1:0", "--home", home])
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(1));
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(said.contains("is not for a user"), "{said}");
        let after = std::fs::metadata(home).unwrap();
        assert_eq!((before.uid(), before.gid()), (after.uid(), after.gid()));
    }
    assert!(!std::path::Path::new("/tmp/castalia-workspace-must-not-be").exists());
}

#[test]
fn mistakes_are_told_before_anything_is_started() {
    let folder = folder();
    let run = |services: &str, env: &[(&str, &str)]| {
        let file = folder.path().join("services.yaml");
        std::fs::write(&file, services).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_castalia-workspace"));
        command
            .arg("--config")
            .arg(&file)
            .args(["--user", "keep", "--listen", "127.0.0.1:0", "--home"])
            .arg(folder.path());
        let ran = command.envs(env.iter().copied()).output().unwrap();
        (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    let (code, said) = run("services:\n- name: a\n  prot: 1\n", &[]);
    assert!(code == Some(1) && said.contains("services.yaml:3"), "{said}");
    let (code, said) =
        run("services: []\n", &[("JUPYTERHUB_API_TOKEN", "t"), ("JUPYTERHUB_API_URL", "http://h")]);
    assert!(code == Some(1) && said.contains("JUPYTERHUB_SERVICE_URL"), "{said}");
    let (code, said) = run(
        "services: []\n",
        &[("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:1/x/"), ("JUPYTERHUB_API_TOKEN", "t")],
    );
    assert!(code == Some(1) && said.contains("the hub did not set"), "{said}");
}
