//! Units whose shim died without recording the end: kill what is left, then say so.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::folder::{Folder, UnitFile};
use crate::limits::Cgroup;
use crate::log::summarise;
use crate::shim::tree::parse_pid;
use crate::{Cause, Error, Exit, UnitId, clock};

/// Kills leftovers and records the loss. Only for a unit that was claimed and whose lock nobody holds but us.
pub(crate) fn settle(folder: &Folder, unit: &UnitFile, why: &str) -> Result<(), Error> {
    let id = &unit.spec.id;
    let cgroup = unit.cgroup.as_ref().map(|plan| Cgroup::of(plan, id));
    kill_leftovers(id, cgroup.as_ref());
    if let Some(cgroup) = cgroup {
        cgroup.remove();
    }
    let started = folder.started()?;
    let exit = Exit {
        code: None,
        signal: None,
        cause: Cause::Lost { why: why.to_owned() },
        started_at: started.map(|s| s.at),
        ended_at: clock::now_ms(),
        usage: folder.status()?.unwrap_or_default().usage,
        log: summarise(&folder.log()),
    };
    folder.write("exit.json", &exit)
}

/// Kills every process of the unit: those in its groups, and those that carry its mark in their environment.
///
/// The program itself died with its shim; these are its children. The mark is inherited by all that do not clear it.
fn kill_leftovers(id: &UnitId, cgroup: Option<&Cgroup>) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(5) {
        let grouped = cgroup.map(Cgroup::pids).unwrap_or_default();
        let mut left: Vec<Pid> = grouped.into_iter().filter_map(Pid::from_raw).collect();
        left.extend(marked(id));
        if left.is_empty() {
            return;
        }
        for pid in left {
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn marked(id: &UnitId) -> Vec<Pid> {
    let mark = format!("CASTALIA_UNIT={id}");
    let carries = |pid: &Pid| {
        let env = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        env.split(|b| *b == 0).any(|entry| entry == mark.as_bytes())
    };
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| parse_pid(entry.file_name().to_str()?));
    let own = rustix::process::getpid();
    pids.filter(|pid| *pid != own && carries(pid)).collect()
}
