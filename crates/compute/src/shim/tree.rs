//! The processes below the shim. As the subreaper it inherits every orphan, so whatever the unit started is a
//! descendant until it is dead.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

/// All descendants of a process, nearest first.
pub(crate) fn descendants(root: Pid) -> Vec<Pid> {
    let mut found = Vec::new();
    let mut next = children(root);
    while let Some(pid) = next.pop() {
        next.extend(children(pid));
        found.push(pid);
    }
    found
}

fn children(of: Pid) -> Vec<Pid> {
    let tasks = fs::read_dir(format!("/proc/{of}/task")).into_iter().flatten().flatten();
    let mut pids = Vec::new();
    for task in tasks {
        match fs::read_to_string(task.path().join("children")) {
            Ok(text) => pids.extend(text.split_whitespace().filter_map(parse_pid)),
            // A kernel without CONFIG_PROC_CHILDREN: look at every process instead.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && task.path().exists() => {
                return by_parent(of);
            }
            Err(_) => {}
        }
    }
    pids
}

fn by_parent(of: Pid) -> Vec<Pid> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| parse_pid(entry.file_name().to_str()?));
    pids.filter(|pid| stat_field(*pid, 1).is_some_and(|p| p == of.as_raw_nonzero().get().to_string()))
        .collect()
}

/// A field of `/proc/PID/stat`, counted from the state, which follows the name in parentheses.
fn stat_field(pid: Pid, index: usize) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    text.rsplit_once(") ")?.1.split(' ').nth(index).map(String::from)
}

pub(crate) fn parse_pid(text: &str) -> Option<Pid> {
    text.parse().ok().and_then(Pid::from_raw)
}

/// Resident memory of processes together, in KiB.
pub(crate) fn resident_kb(pids: &[Pid]) -> u64 {
    let page_kb = rustix::param::page_size() as u64 / 1024;
    let pages = |pid: &Pid| -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
        text.split(' ').nth(1)?.parse().ok()
    };
    pids.iter().filter_map(pages).sum::<u64>() * page_kb
}

/// Processor time of living processes and of their reaped children, in milliseconds.
pub(super) fn cpu_ms(pids: &[Pid]) -> u64 {
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    let ticks = |pid: &Pid| (11..=14).filter_map(|i| stat_field(*pid, i)?.parse::<u64>().ok()).sum::<u64>();
    pids.iter().map(ticks).sum::<u64>() * 1000 / per_second
}

pub(super) fn signal_all(pids: &[Pid], signal: Signal) {
    for pid in pids {
        let _ = kill_process(*pid, signal);
    }
}

/// Kills and reaps every descendant of this process; returns how many of the unit's own were still alive.
///
/// Killing one may hand us its children, so it goes on until the kernel says that there is nobody left.
pub(super) fn kill_descendants(limit: Duration) -> usize {
    let begun = Instant::now();
    let mut killed = std::collections::BTreeSet::new();
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some(_)) => continue,
            Ok(None) => {}
            Err(_) => return killed.len(),
        }
        let alive: Vec<Pid> =
            descendants(rustix::process::getpid()).into_iter().filter(|p| !zombie(*p)).collect();
        signal_all(&alive, Signal::KILL);
        killed.extend(alive.iter().filter(|p| !is_sandbox(**p)).map(|p| p.as_raw_nonzero()));
        if begun.elapsed() > limit {
            return killed.len();
        }
        sleep(Duration::from_micros(500));
    }
}

/// The sandbox's own first process often outlives the program by a moment; the unit did not leave it behind.
fn is_sandbox(pid: Pid) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim_end() == "bwrap")
}

fn zombie(pid: Pid) -> bool {
    stat_field(pid, 0).is_none_or(|state| state == "Z" || state == "X")
}
