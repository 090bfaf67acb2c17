//! Limits: memory, storage, processor; with control groups where the machine has them, and without.

mod support;

use std::time::Duration;

use castalia_compute::log::Stream;
use castalia_compute::{Backend, Cause, Sandbox, StopRequest, UnitSpec};
use support::{Bench, id, sh, unit_cgroups};

/// Takes 200 MB and keeps them.
const GREEDY: &str = "x = bytearray(200000000); import time; time.sleep(600)";

#[tokio::test]
async fn too_much_memory_ends_it_with_control_groups() {
    let bench = Bench::new().await;
    if !bench.backend.has_cgroups() {
        println!("skipped: no control groups here");
        return;
    }
    let mut spec = sh("group", "head -c 300000000 /dev/zero | tail >/dev/null; exit $?");
    spec.resources.memory_mb = 64;
    let exit = bench.run(spec.clone()).await;
    assert_eq!(exit.cause, Cause::Memory, "{exit:?}");
    assert!((32_000..=66_000).contains(&exit.usage.max_rss_kb), "{exit:?}");
    assert!(bench.text(&spec.id, Stream::System).await.contains("memory limit of 64 MB exceeded"));
    let fine = {
        let mut spec = sh("fine", "true");
        spec.resources.memory_mb = 64;
        bench.run(spec).await
    };
    assert!(fine.success());
    assert_eq!(unit_cgroups(&bench.config.installation), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn too_much_memory_ends_it_without() {
    let bench = Bench::with(|config| config.cgroups = false).await;
    let mut spec = UnitSpec::new(id("watched"), ["/usr/bin/env", "python3", "-c", GREEDY]);
    spec.resources.memory_mb = 64;
    let exit = bench.run(spec).await;
    if matches!(exit.code, Some(127)) {
        println!("skipped: no python3 here");
        return;
    }
    assert_eq!((exit.cause.clone(), exit.signal), (Cause::Memory, Some(9)), "{exit:?}");
    assert!(exit.usage.max_rss_kb > 64 * 1024);
}

#[tokio::test]
async fn a_full_working_folder_ends_it() {
    let bench = Bench::new().await;
    let mut many = sh("many", "i=0; while :; do head -c 1000000 /dev/zero > f$i; i=$((i+1)); done");
    many.resources.storage_mb = 20;
    let exit = bench.run(many.clone()).await;
    assert_eq!(exit.cause, Cause::Storage, "{exit:?}");
    assert!(bench.text(&many.id, Stream::System).await.contains("storage limit of 20 MB exceeded"));

    let mut one = sh("one", "exec head -c 30000000 /dev/zero > f");
    one.resources.storage_mb = 20;
    let exit = bench.run(one.clone()).await;
    assert_eq!(exit.cause, Cause::Storage, "{exit:?}");
    let size = std::fs::metadata(bench.backend.work_dir(&one.id).join("f")).unwrap().len();
    assert_eq!(size, 20 << 20);

    let mut chatty = sh("chatty", "yes 'a line that fills the disk of the server'");
    chatty.resources.storage_mb = 20;
    let exit = bench.run(chatty).await;
    assert_eq!((exit.cause, exit.log.lost_bytes), (Cause::Storage, 0));
}

#[tokio::test]
async fn the_processor_is_shared_out() {
    let bench = Bench::new().await;
    if !bench.backend.has_cgroups() {
        println!("skipped: no control groups here");
        return;
    }
    let mut spec = sh("busy", "while :; do :; done");
    spec.resources.cpu_millis = 200;
    spec.deadline = Some(Duration::from_secs(1));
    spec.grace = Duration::ZERO;
    let exit = bench.run(spec).await;
    assert_eq!(exit.cause, Cause::Deadline);
    assert!((50..600).contains(&exit.usage.cpu_ms), "{exit:?}");
}

#[tokio::test]
async fn a_sandboxed_unit_sees_its_own_only() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("database"), "secret").unwrap();
    std::fs::create_dir(dir.path().join("venv")).unwrap();
    std::fs::write(dir.path().join("venv/python"), "").unwrap();
    let hide = dir.path().to_path_buf();
    let bench = Bench::with(|config| {
        config.sandbox = Sandbox::Auto;
        config.show = vec![hide.join("venv")];
        config.hide = vec![hide.clone(), config.units_dir.parent().unwrap().to_path_buf()];
    })
    .await;
    if !bench.backend.sandboxed() {
        println!("skipped: no working bubblewrap here");
        return;
    }
    let script = format!(
        "cd {}; echo $(ls) $(ls venv); cd - >/dev/null; touch /x 2>/dev/null && echo root-writable; grep -E 'CapEff|NoNewPrivs' /proc/self/status; \
         cat $FILES/key; echo out > result; ls /proc | grep -c '^[0-9]'; ls ../.. 2>/dev/null; exit 9",
        dir.path().display()
    );
    let mut spec = sh("boxed", &script);
    spec.env.insert("FILES".into(), "{files}".into());
    spec.files.insert("key".into(), b"key\n".to_vec());
    spec.resources.memory_mb = 256;
    let exit = bench.run(spec.clone()).await;
    assert_eq!((exit.code, exit.signal), (Some(9), None), "{exit:?}");
    let text = bench.text(&spec.id, Stream::Stdout).await;
    assert!(
        text.starts_with("venv python\n") && text.contains("NoNewPrivs:\t1") && text.contains("key\n"),
        "{text}"
    );
    assert!(text.contains("CapEff:\t0000000000000000") && !text.contains("root-writable"), "{text}");
    assert!(bench.backend.work_dir(&spec.id).join("result").exists());

    let script = "trap 'echo bye; exit 4' TERM; echo up; while :; do sleep 0.01; done";
    let gentle = sh("gentle", script);
    bench.backend.start(&gentle).await.unwrap();
    bench.said(&gentle.id, "up").await;
    let stop = StopRequest { reason: "enough".into(), grace: Duration::from_secs(20) };
    bench.backend.stop(&gentle.id, stop).await.unwrap();
    let exit = bench.ended(&gentle.id).await;
    assert_eq!((exit.code, bench.text(&id("gentle"), Stream::Stdout).await.as_str()), (Some(4), "up\nbye\n"));
    let killed = bench.run(sh("killed", "kill -9 $$")).await;
    assert_eq!(killed.signal, Some(9), "{killed:?}");
}
