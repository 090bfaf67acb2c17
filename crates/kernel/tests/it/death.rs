//! Ends of all kinds.

use crate::support::{begin, prefix, printed, start};
use castalia_kernel::{Client, Life, Reader, Search};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_kernel_that_is_killed_in_mid_cell_is_told_of_at_once_and_can_be_started_again() {
    let mut kernel = start("python3").await;
    kernel
        .send("r1", "print('before', flush=True)\nimport os, signal, time\nwhile True: time.sleep(1)")
        .await;
    kernel.send("r2", "print('never')").await;
    kernel.until(|e| e.kind == "stream").await;
    let pid = kernel.client.status().await.unwrap().pid.unwrap();
    let killed = Instant::now();
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let state = kernel.until_life(Life::Dead).await;
    assert!(killed.elapsed() < Duration::from_secs(20), "{:?}", killed.elapsed());
    assert_eq!((state.signal, state.lost), (Some(9), vec!["r1".to_owned(), "r2".to_owned()]));
    assert!(state.reason.contains("killed"), "{}", state.reason);
    // What is sent to it is answered, not swallowed.
    kernel.send("r3", "1").await;
    let refused = kernel.until(|e| e.kind == "refused").await.pop().unwrap();
    assert_eq!(refused.parent.as_deref(), Some("r3"));
    kernel.client.restart("again", "asked").await.unwrap();
    let all = kernel.run("r4", "print('lives')").await;
    assert_eq!((printed(&all).as_str(), all.last().unwrap().incarnation), ("lives\n", 2));
    kernel.shut_down().await;
}

#[tokio::test]
async fn a_restart_while_running_ends_what_runs_and_starts_anew() {
    let mut kernel = start("python3").await;
    kernel.run("x", "x = 1").await;
    kernel.send("loop", "print('in it', flush=True)\nwhile True: pass").await;
    kernel.until(|e| e.kind == "stream").await;
    kernel.client.restart("again", "asked").await.unwrap();
    // Sent while it restarts: for the new one.
    kernel.send("r2", "print('x' in dir())").await;
    let all = kernel.until_idle("r2").await;
    let lost: Vec<String> =
        all.iter().filter_map(castalia_kernel::Entry::state).flat_map(|s| s.lost).collect();
    assert_eq!(lost, ["loop"]);
    assert_eq!(printed(&all), "False\n");
    kernel.shut_down().await;
}

#[tokio::test]
async fn a_kernel_that_does_not_start_says_why() {
    let mut spec = Search::of([prefix()]).find("python3").unwrap();
    spec.argv = vec!["/does/not/exist".into()];
    let mut kernel = begin(spec.clone(), |_| {}).await;
    let state = kernel.until_life(Life::Dead).await;
    assert!(state.reason.contains("/does/not/exist"), "{}", state.reason);
    kernel.shut_down().await;
    spec.argv = vec!["/bin/sh".into(), "-c".into(), "exit 3".into()];
    let mut kernel = begin(spec.clone(), |_| {}).await;
    let state = kernel.until_life(Life::Dead).await;
    assert_eq!(
        (state.code, state.reason.as_str()),
        (Some(3), "its process ended with exit code 3 before it answered")
    );
    kernel.shut_down().await;
    spec.argv = vec!["/bin/sleep".into(), "1000".into()];
    let mut kernel = begin(spec, |config| config.patience_s = 1).await;
    let state = kernel.until_life(Life::Dead).await;
    assert!(state.reason.starts_with("it did not answer within 1 s"), "{}", state.reason);
    kernel.shut_down().await;
}

#[tokio::test]
async fn the_journal_outlives_its_keeper_and_what_a_kernel_started_ends_with_it() {
    let mut kernel = start("python3").await;
    let all =
        kernel.run("r1", "import subprocess; p = subprocess.Popen(['sleep', '1000']); print(p.pid)").await;
    let pid: i32 = printed(&all).trim().parse().unwrap();
    kernel.stop.cancel();
    assert_eq!(kernel.until_life(Life::Ended).await.reason, "it was told to stop");
    kernel.keeper.await.unwrap().unwrap();
    assert!(Client::connect(kernel.folder.path()).await.is_err());
    let mut reader = Reader::new(kernel.folder.path(), 1);
    let left: Vec<_> = std::iter::from_fn(|| reader.next_entry().unwrap()).collect();
    assert_eq!((left[0].seq, left.last().unwrap().seq), (2, kernel.seen));
    let limit = Instant::now() + Duration::from_secs(10);
    let runs = || std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|s| !s.contains(") Z "));
    while runs() {
        assert!(Instant::now() < limit, "what the kernel started still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
