//! The server or the shim is killed at any moment: nothing runs twice, nothing is lost, nothing is left behind.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use castalia_compute::log::Stream;
use castalia_compute::{Backend, Cause, Phase, ProcessBackend, ProcessConfig, StopRequest, UnitSpec};
use support::{Bench, PATIENCE, Scratch, alive, ended, id, lines, pause, reader, sh, unit_cgroups, until};

/// A unit that shows how often it ran and whether its log is whole.
fn witness(n: usize) -> UnitSpec {
    let mut spec = sh(
        &format!("w{n}"),
        "echo ran >> ran; seq 1 3000; while [ ! -e ../../../go ]; do sleep 0.01; done; echo end",
    );
    if n.is_multiple_of(3) {
        spec.resources.memory_mb = 100;
    }
    spec
}

const UNITS: usize = 8;

/// Not a test but the server that the tests kill; it does nothing unless it is told where.
#[test]
fn server() {
    let Ok(dir) = std::env::var("CASTALIA_TEST_SERVER") else {
        return;
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let backend = ProcessBackend::open(support::config(Path::new(&dir))).await.unwrap();
        std::fs::write(Path::new(&dir).join("opened"), "").unwrap();
        for n in 0..UNITS {
            backend.start(&witness(n)).await.unwrap();
        }
        std::fs::write(Path::new(&dir).join("started"), "").unwrap();
        std::future::pending::<()>().await;
    });
}

fn spawn_server(dir: &Path) -> Child {
    let exe = std::env::current_exe().unwrap();
    let mut command = Command::new(exe);
    command.args(["--exact", "server", "--nocapture"]).env("CASTALIA_TEST_SERVER", dir);
    command.stdout(Stdio::null()).spawn().unwrap()
}

async fn wait_for(path: &Path) {
    until(&format!("{} is there", path.display()), async || path.exists()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_may_be_killed_at_any_moment() {
    for round in 0..12u64 {
        let scratch = Scratch::new();
        let dir = &scratch.dir;
        let mut server = spawn_server(dir.path());
        wait_for(&dir.path().join("opened")).await;
        // From before the first start to after the last.
        tokio::time::sleep(Duration::from_micros(round * 2500)).await;
        server.kill().unwrap();
        server.wait().unwrap();

        let backend = ProcessBackend::open(scratch.config.clone()).await.unwrap();
        // What the reconciler does: start everything that is wanted, again.
        for n in 0..UNITS {
            backend.start(&witness(n)).await.unwrap();
        }
        std::fs::write(dir.path().join("go"), "").unwrap();
        check_witnesses(&backend, round).await;
    }
}

async fn check_witnesses(backend: &ProcessBackend, round: u64) {
    for n in 0..UNITS {
        let id = witness(n).id;
        let exit = ended(backend, &id).await;
        assert!(exit.success(), "round {round}, unit {n}: {exit:?}");
        let ran = std::fs::read_to_string(backend.work_dir(&id).join("ran")).unwrap();
        assert_eq!(ran, "ran\n", "round {round}: unit {n} must run exactly once");
        let lines = lines(backend, &id).await;
        assert!(lines.iter().map(|l| l.seq).eq(1..=3001), "round {round}, unit {n}");
        let expected: String = (1..=3000).map(|n| format!("{n}\n")).chain(["end\n".into()]).collect();
        assert!(reader(backend, &id).bytes(Stream::Stdout).await.unwrap() == expected.as_bytes());
        backend.remove(&id).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ended_or_was_stopped_while_no_server_lived_is_found() {
    let scratch = Scratch::new();
    let dir = &scratch.dir;
    let mut server = spawn_server(dir.path());
    wait_for(&dir.path().join("started")).await;
    server.kill().unwrap();
    server.wait().unwrap();
    std::fs::write(dir.path().join("go"), "").unwrap();
    let units = dir.path().join("units");
    wait_for(&units.join("unit_w7/exit.json")).await;
    let config = scratch.config.clone();
    let backend = ProcessBackend::open(config.clone()).await.unwrap();
    check_witnesses(&backend, 99).await;
    assert!(ProcessBackend::open(config).await.is_err(), "a second server on the same folder");
}

#[tokio::test]
async fn an_interrupted_acceptance_is_completed_by_the_next_start() {
    let scratch = Scratch::new();
    let mut config = scratch.config.clone();
    let spec = sh("half", "echo ran >> ran");
    // The folder exists, the spec does not.
    std::fs::create_dir_all(scratch.dir.path().join("units/unit_half/files")).unwrap();
    // Then a server whose shim does nothing: accepted, never claimed.
    config.shim.0 = "/bin/true".into();
    let first = ProcessBackend::open(config.clone()).await.unwrap();
    assert_eq!(first.foreign().len(), 1);
    first.start(&spec).await.unwrap();
    until("it is pending again", async || {
        first.observe(&spec.id).await.unwrap().unwrap().phase == Phase::Pending
    })
    .await;
    drop(first);

    config.shim.0 = env!("CARGO_BIN_EXE_castalia-shim").into();
    let second = reopen(config.clone()).await;
    assert_eq!(second.observe(&spec.id).await.unwrap().unwrap().phase, Phase::Pending);
    second.start(&spec).await.unwrap();
    assert!(ended(&second, &spec.id).await.success());
    assert_eq!(std::fs::read_to_string(second.work_dir(&spec.id).join("ran")).unwrap(), "ran\n");
    drop(second);

    // A unit that was accepted, never claimed and is not wanted any more ends without a run.
    config.shim.0 = "/bin/true".into();
    let third = reopen(config.clone()).await;
    let unwanted = sh("unwanted", "echo ran >> ran");
    third.start(&unwanted).await.unwrap();
    let stop = StopRequest { reason: "cancelled".into(), grace: Duration::ZERO };
    until("it is pending", async || {
        third.observe(&unwanted.id).await.unwrap().unwrap().phase == Phase::Pending
    })
    .await;
    third.stop(&unwanted.id, stop.clone()).await.unwrap();
    drop(third);
    config.shim.0 = env!("CARGO_BIN_EXE_castalia-shim").into();
    let fourth = reopen(config.clone()).await;
    fourth.stop(&unwanted.id, stop).await.unwrap();
    let exit = ended(&fourth, &unwanted.id).await;
    assert_eq!((exit.cause, exit.started_at), (Cause::Stopped { reason: "cancelled".into() }, None));
    assert!(!fourth.work_dir(&unwanted.id).join("ran").exists());
    drop(fourth);

    // Units of another installation are not touched.
    config.installation = "other".into();
    config.cgroups = false;
    let other = reopen(config).await;
    assert!(other.list().await.unwrap().is_empty());
    assert_eq!(other.foreign().len(), 2);
}

/// The ear of the old backend may hold on to the folder for a moment.
async fn reopen(config: ProcessConfig) -> ProcessBackend {
    let begun = std::time::Instant::now();
    loop {
        match ProcessBackend::open(config.clone()).await {
            Ok(backend) => return backend,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
        }
        pause().await;
    }
}

#[tokio::test]
async fn a_shim_that_never_gets_going_is_given_up() {
    let bench = Bench::with(|config| config.shim.0 = "/bin/false".into()).await;
    let spec = sh("hopeless", "true");
    until("it is given up", async || {
        bench.backend.start(&spec).await.unwrap();
        let seen = bench.backend.observe(&spec.id).await.unwrap().unwrap();
        matches!(seen.phase, Phase::Ended(exit) if matches!(exit.cause, Cause::NotStarted { .. }))
    })
    .await;
}

fn parent(pid: u32) -> u32 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(") ").unwrap().1.split(' ').nth(1).unwrap().parse().unwrap()
}

fn kill(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}

#[tokio::test]
async fn a_killed_shim_takes_everything_down_and_the_unit_is_lost() {
    let bench = Bench::new().await;
    let mut spec = sh("lost", "setsid sleep 600 & echo $! > pid; echo up; sleep 600");
    spec.resources.memory_mb = 64;
    bench.backend.start(&spec).await.unwrap();
    bench.said(&spec.id, "up").await;
    let pid = bench.running(&spec.id).await;
    kill(parent(pid));
    let exit = bench.ended(&spec.id).await;
    assert!(matches!(exit.cause, Cause::Lost { .. }), "{exit:?}");
    assert_eq!((exit.code, exit.log.lines), (None, 1));
    let daemon = std::fs::read_to_string(bench.backend.work_dir(&spec.id).join("pid")).unwrap();
    until("everything is dead", async || !alive(daemon.trim()) && !alive(&pid.to_string())).await;
    assert!(unit_cgroups(&bench.config.installation).is_empty());
    // It must not run again, neither by the server nor by a stray shim.
    bench.backend.start(&spec).await.unwrap();
    let folder = bench.config.units_dir.join("unit_lost");
    assert!(Command::new(env!("CARGO_BIN_EXE_castalia-shim")).arg(&folder).status().unwrap().success());
    assert_eq!(bench.text(&spec.id, Stream::Stdout).await, "up\n");
}

#[tokio::test]
async fn a_shim_that_died_without_a_server_is_settled_by_the_next_shim_or_server() {
    for by_shim in [true, false] {
        let scratch = Scratch::new();
        let config = scratch.config.clone();
        let spec = sh("alone", "setsid sleep 600 & echo $! > pid; echo up; sleep 600");
        let first = ProcessBackend::open(config.clone()).await.unwrap();
        first.start(&spec).await.unwrap();
        let folder = config.units_dir.join("unit_alone");
        wait_for(&folder.join("work/pid")).await;
        wait_for(&folder.join("started.json")).await;
        drop(first);
        let started = std::fs::read_to_string(folder.join("started.json")).unwrap();
        let pid = serde_json::from_str::<serde_json::Value>(&started).unwrap()["pid"].as_u64().unwrap();
        kill(parent(u32::try_from(pid).unwrap()));
        if by_shim {
            until("the dead shim's lock is free", async || {
                Command::new(env!("CARGO_BIN_EXE_castalia-shim")).arg(&folder).status().unwrap();
                folder.join("exit.json").exists()
            })
            .await;
        }
        let second = reopen(config).await;
        let exit = ended(&second, &spec.id).await;
        assert!(matches!(exit.cause, Cause::Lost { .. }), "{exit:?}");
        let daemon = std::fs::read_to_string(folder.join("work/pid")).unwrap();
        until("the daemon is dead", async || !alive(daemon.trim())).await;
    }
}

#[tokio::test]
async fn a_stop_is_carried_out_after_the_server_died() {
    let scratch = Scratch::new();
    let config = scratch.config.clone();
    let first = ProcessBackend::open(config.clone()).await.unwrap();
    let spec = sh("durable", "trap '' TERM; echo up; while :; do sleep 0.1; done");
    first.start(&spec).await.unwrap();
    let log = config.units_dir.join("unit_durable/log.jsonl");
    until("it is up", async || std::fs::read_to_string(&log).unwrap_or_default().contains("up")).await;
    let stop = StopRequest { reason: "the server goes".into(), grace: Duration::from_millis(200) };
    first.stop(&spec.id, stop.clone()).await.unwrap();
    drop(first);
    wait_for(&config.units_dir.join("unit_durable/exit.json")).await;
    let second = reopen(config).await;
    let exit = ended(&second, &spec.id).await;
    assert_eq!(exit.cause, Cause::Stopped { reason: "the server goes".into() });
    assert_eq!(second.observe(&id("durable")).await.unwrap().unwrap().stopping, Some(stop));
}
