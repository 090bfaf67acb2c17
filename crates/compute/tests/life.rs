//! The life of single units: how they start, what they see, how they end.

mod support;

use std::time::Duration;

use castalia_compute::log::Stream;
use castalia_compute::{Backend, Cause, ErrorKind, Phase, StopRequest, UnitSpec};
use support::{Bench, alive, id, sh, until};

fn stop(grace_ms: u64) -> StopRequest {
    StopRequest { reason: "cancelled by demo".into(), grace: Duration::from_millis(grace_ms) }
}

#[tokio::test]
async fn exit_codes_and_signals_are_told() {
    let bench = Bench::new().await;
    let fine = bench.run(sh("fine", "echo hello; echo bad >&2")).await;
    assert!(fine.success(), "{fine:?}");
    assert!(fine.started_at.unwrap() <= fine.ended_at);
    assert_eq!(bench.text(&id("fine"), Stream::Stdout).await, "hello\n");
    assert_eq!(bench.text(&id("fine"), Stream::Stderr).await, "bad\n");
    assert_eq!(fine.log.lines, 2);

    let seven = bench.run(sh("seven", "exit 7")).await;
    assert_eq!((seven.code, seven.signal, seven.cause), (Some(7), None, Cause::Exited));
    let segv = bench.run(sh("segv", "kill -SEGV $$")).await;
    assert_eq!((segv.code, segv.signal, segv.cause), (None, Some(11), Cause::Exited));
    let missing = bench.run(UnitSpec::new(id("missing"), ["/no/such/program"])).await;
    assert!(
        matches!(&missing.cause, Cause::NotStarted { why } if why.contains("/no/such/program")),
        "{missing:?}"
    );
    assert_eq!(missing.started_at, None);
}

#[tokio::test]
async fn the_environment_is_only_what_was_given() {
    let bench = Bench::new().await;
    let mut spec = sh("env", "env | sort; cat \"$KEY\"; pwd");
    spec.env.insert("KEY".into(), "{files}/key".into());
    spec.files.insert("key".into(), b"secret\n".to_vec());
    assert!(bench.run(spec).await.success());
    let text = bench.text(&id("env"), Stream::Stdout).await;
    let names: Vec<&str> = text.lines().filter_map(|l| l.split_once('=')).map(|(k, _)| k).collect();
    let known = [
        "CASTALIA_EVENTS_FD",
        "CASTALIA_UNIT",
        "HOME",
        "KEY",
        "LANG",
        "OLDPWD",
        "PATH",
        "PWD",
        "TMPDIR",
        "_",
    ];
    assert!(names.iter().all(|n| known.contains(n)), "{names:?}");
    assert!(text.contains("\nsecret\n"));
    assert!(text.ends_with(&format!("{}\n", bench.backend.work_dir(&id("env")).display())));
}

#[tokio::test]
async fn a_second_start_is_no_second_run() {
    let bench = Bench::new().await;
    let spec = sh("once", "echo ran >> ran");
    for _ in 0..5 {
        bench.backend.start(&spec).await.unwrap();
    }
    bench.ended(&spec.id).await;
    bench.backend.start(&spec).await.unwrap();
    let ran = std::fs::read_to_string(bench.backend.work_dir(&spec.id).join("ran")).unwrap();
    assert_eq!(ran, "ran\n");
    bench.backend.remove(&spec.id).await.unwrap();
    bench.backend.start(&spec).await.unwrap();
    assert_eq!(bench.backend.observe(&spec.id).await.unwrap(), None, "a removed unit must not run again");
    bench.backend.remove(&spec.id).await.unwrap();
}

#[tokio::test]
async fn a_stop_is_gentle_first() {
    let bench = Bench::new().await;
    let spec = sh("gentle", "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.01; done");
    bench.backend.start(&spec).await.unwrap();
    bench.said(&spec.id, "up").await;
    assert_eq!(bench.backend.remove(&spec.id).await.unwrap_err().kind(), ErrorKind::Conflict);
    bench.backend.stop(&spec.id, stop(20_000)).await.unwrap();
    let exit = bench.ended(&spec.id).await;
    assert_eq!(exit.cause, Cause::Stopped { reason: "cancelled by demo".into() });
    assert_eq!(exit.code, Some(3));
    assert_eq!(bench.text(&spec.id, Stream::Stdout).await, "up\nbye\n");
    assert!(bench.text(&spec.id, Stream::System).await.contains("stopped: cancelled by demo"));
}

#[tokio::test]
async fn who_ignores_sigterm_is_killed_and_a_shorter_grace_counts() {
    let bench = Bench::new().await;
    let script = "trap '' TERM; echo up; while :; do sleep 1; done";
    let (patient, hasty) = (sh("patient", script), sh("hasty", script));
    for spec in [&patient, &hasty] {
        bench.backend.start(spec).await.unwrap();
        bench.said(&spec.id, "up").await;
    }
    bench.backend.stop(&patient.id, stop(100)).await.unwrap();
    bench.backend.stop(&hasty.id, stop(3_600_000)).await.unwrap();
    bench.backend.stop(&hasty.id, stop(0)).await.unwrap();
    for spec in [&patient, &hasty] {
        let exit = bench.ended(&spec.id).await;
        assert_eq!(exit.signal, Some(9), "{exit:?}");
        assert!(matches!(exit.cause, Cause::Stopped { .. }));
    }
    let told = bench.text(&patient.id, Stream::System).await;
    assert!(told.contains("killed: still running 0.1 s after SIGTERM"), "{told}");
}

#[tokio::test]
async fn a_stop_while_starting_is_never_missed() {
    let bench = Bench::new().await;
    for n in 0..20 {
        let spec = sh(&format!("early{n}"), "sleep 600");
        bench.backend.start(&spec).await.unwrap();
        bench.backend.stop(&spec.id, stop(0)).await.unwrap();
        let exit = bench.ended(&spec.id).await;
        assert!(matches!(exit.cause, Cause::Stopped { .. }), "{exit:?}");
    }
    let unknown = bench.backend.stop(&id("unknown"), stop(0)).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn the_deadline_ends_it() {
    let bench = Bench::new().await;
    let mut spec = sh("late", "sleep 600");
    spec.deadline = Some(Duration::from_millis(300));
    let exit = bench.run(spec.clone()).await;
    assert_eq!((exit.cause.clone(), exit.signal), (Cause::Deadline, Some(15)), "{exit:?}");
    assert!(exit.ended_at - exit.started_at.unwrap() >= 300);
    assert!(bench.text(&spec.id, Stream::System).await.contains("killed: deadline of 0.3 s passed"));
}

#[tokio::test]
async fn nothing_that_was_forked_away_outlives_the_unit() {
    let bench = Bench::new().await;
    // The daemon leads a session of its own, holds the pipes open, and its parent is gone.
    let script = "setsid sh -c 'setsid sleep 600 & echo $! >> pids; sleep 600' & sleep 600 & echo $! >> pids; \
                  while [ $(wc -l < pids) -lt 2 ]; do sleep 0.01; done; echo done";
    let spec = sh("forks", script);
    let exit = bench.run(spec.clone()).await;
    assert!(exit.success(), "{exit:?}");
    let pids = std::fs::read_to_string(bench.backend.work_dir(&spec.id).join("pids")).unwrap();
    assert_eq!(pids.lines().count(), 2);
    assert!(pids.lines().all(|pid| !alive(pid)), "{pids}");
    let told = bench.text(&spec.id, Stream::System).await;
    assert!(told.contains("processes left behind"), "{told}");
}

#[tokio::test]
async fn progress_is_seen_while_it_runs_and_in_the_log() {
    let bench = Bench::new().await;
    let script = "eval \"exec 9>&$CASTALIA_EVENTS_FD\"; \
        echo '{\"type\":\"progress\",\"fraction\":0.4,\"message\":\"gridding\"}' >&9; \
        while [ ! -e go ]; do sleep 0.01; done; \
        echo '{\"type\":\"progress\",\"fraction\":1}' >&9; echo nonsense >&9";
    let spec = sh("progress", script);
    bench.backend.start(&spec).await.unwrap();
    until("progress is seen", async || {
        let seen = bench.backend.observe(&spec.id).await.unwrap().unwrap().progress;
        seen.is_some_and(|p| p.fraction == 0.4 && p.message == "gridding")
    })
    .await;
    std::fs::write(bench.backend.work_dir(&spec.id).join("go"), "").unwrap();
    assert!(bench.ended(&spec.id).await.success());
    let told: Vec<_> = bench.lines(&spec.id).await.into_iter().filter_map(|l| l.fraction).collect();
    assert_eq!(told, [0.4, 1.0]);
    assert_eq!(bench.backend.observe(&spec.id).await.unwrap().unwrap().progress.unwrap().fraction, 1.0);
}

#[tokio::test]
async fn twenty_at_once_and_all_are_removed() {
    let bench = Bench::new().await;
    let specs: Vec<_> = (0..20).map(|n| sh(&format!("many{n}"), &format!("echo {n}; exit {n}"))).collect();
    for spec in &specs {
        bench.backend.start(spec).await.unwrap();
    }
    for (n, spec) in specs.iter().enumerate() {
        assert_eq!(bench.ended(&spec.id).await.code, Some(n as i32));
        assert_eq!(bench.text(&spec.id, Stream::Stdout).await, format!("{n}\n"));
    }
    assert_eq!(bench.backend.list().await.unwrap().len(), 20);
    for spec in &specs {
        bench.backend.remove(&spec.id).await.unwrap();
    }
    assert!(bench.backend.list().await.unwrap().is_empty());
    let left = std::fs::read_dir(&bench.config.units_dir).unwrap().flatten().map(|e| e.file_name());
    let left: Vec<_> =
        left.filter(|n| !n.to_string_lossy().starts_with(".lock") && n != ".notify.sock").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_change_is_told_to_watchers() {
    let bench = Bench::new().await;
    let mut changes = bench.backend.watch();
    let spec = sh("told", "true");
    bench.backend.start(&spec).await.unwrap();
    loop {
        let told = tokio::time::timeout(support::PATIENCE, changes.recv()).await.unwrap().unwrap();
        let phase = bench.backend.observe(&told).await.unwrap().unwrap().phase;
        if matches!(phase, Phase::Ended(_)) {
            return;
        }
    }
}
