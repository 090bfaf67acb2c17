//! What the machine is and what a process uses, from /proc.

use anyhow::{Context, Result};
use std::fs::read_to_string;
use std::path::Path;

/// Clock ticks a second of /proc/PID/stat; 100 on every Linux that matters.
const TICKS: f64 = 100.0;

/// Processor seconds of a process: its own, and those of its ended children.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cpu {
    pub(crate) own: f64,
    pub(crate) children: f64,
    /// Of the whole machine, everybody included.
    pub(crate) machine: f64,
}

impl Cpu {
    /// Now.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let stat = read_to_string(format!("/proc/{pid}/stat")).context("the process has ended")?;
        // proc(5): fields 14 to 17, counted behind the name in parentheses.
        let fields: Vec<f64> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .map(|f| f.parse().unwrap_or(0.0))
            .collect();
        let ticks = |n: usize| fields.get(n - 3).copied().unwrap_or(0.0) / TICKS;
        let whole = read_to_string("/proc/stat")?;
        let busy: f64 = whole
            .lines()
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .skip(1)
            .enumerate()
            // Without idle and iowait; guest time is part of user time.
            .filter(|(n, _)| !matches!(n, 3 | 4 | 8 | 9))
            .filter_map(|(_, field)| field.parse::<f64>().ok())
            .sum();
        Ok(Self { own: ticks(14) + ticks(15), children: ticks(16) + ticks(17), machine: busy / TICKS })
    }

    /// What was used since `before`.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            own: self.own - before.own,
            children: self.children - before.children,
            machine: self.machine - before.machine,
        }
    }
}

/// A figure in KiB of /proc/PID/FILE, in bytes.
pub(crate) fn memory(pid: u32, file: &str, name: &str) -> Result<u64> {
    let text = read_to_string(format!("/proc/{pid}/{file}"))?;
    let line = text
        .lines()
        .find_map(|l| l.strip_prefix(name)?.strip_prefix(':'))
        .with_context(|| format!("no {name}"))?;
    let kb: u64 = line.split_whitespace().next().and_then(|n| n.parse().ok()).context("not a number")?;
    Ok(kb * 1024)
}

/// Resident memory of a process and all its descendants, in bytes.
pub(crate) fn memory_of_tree(root: u32) -> u64 {
    let mut all = vec![root];
    let mut n = 0;
    while let Some(&pid) = all.get(n) {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        for task in tasks {
            let children = read_to_string(task.path().join("children")).unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|c| c.parse::<u32>().ok()));
        }
        n += 1;
    }
    all.iter().filter_map(|pid| memory(*pid, "status", "VmRSS").ok()).sum()
}

/// The load average of the last minute.
pub(crate) fn load() -> f64 {
    let text = read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_default()
}

/// Processors, memory, kernel and the file system of the folder.
pub(crate) fn describe(folder: &Path) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let read = |path: &str| read_to_string(path).unwrap_or_default();
    let model = read("/proc/cpuinfo");
    let model = model
        .lines()
        .find(|l| l.starts_with("model name"))
        .and_then(|l| l.split(':').nth(1))
        .unwrap_or("?")
        .trim();
    let total =
        read("/proc/meminfo").split_whitespace().nth(1).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    let kernel = read("/proc/sys/kernel/osrelease");
    format!(
        "{cores} cores ({model}), {:.0} GiB of memory, Linux {}, data on {}",
        total / f64::from(1 << 20),
        kernel.trim(),
        file_system(folder)
    )
}

fn file_system(folder: &Path) -> String {
    let mounts = read_to_string("/proc/self/mounts").unwrap_or_default();
    let mut best = ("", "?");
    for line in mounts.lines() {
        let mut fields = line.split(' ').skip(1);
        if let (Some(place), Some(kind)) = (fields.next(), fields.next())
            && folder.starts_with(place)
            && place.len() >= best.0.len()
        {
            best = (place, kind);
        }
    }
    best.1.to_owned()
}

/// Processor seconds of the machine, of this program and of its children that have ended.
pub(crate) struct Busy {
    at: std::time::Instant,
    cpu: Cpu,
}

impl Busy {
    /// Now.
    pub(crate) fn now() -> Result<Self> {
        Ok(Self { at: std::time::Instant::now(), cpu: Cpu::of(std::process::id())? })
    }

    /// The difference.
    pub(crate) fn since(self, before: &Self) -> Self {
        Self { at: before.at, cpu: self.cpu.since(before.cpu) }
    }

    /// Who kept the machine busy: a figure of a busy machine is worth little.
    pub(crate) fn describe(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
        let all = self.at.elapsed().as_secs_f64() * cores;
        let own = self.cpu.own + self.cpu.children;
        format!(
            "took {:.0} % of the processors, others {:.0} %",
            100.0 * own / all,
            100.0 * (self.cpu.machine - own).max(0.0) / all
        )
    }
}

/// The first line that a program prints for an argument; empty when there is no such program.
pub(crate) fn first_line(program: &Path, argument: &str) -> String {
    let output = std::process::Command::new(program).arg(argument).output();
    output
        .ok()
        .and_then(|o| String::from_utf8_lossy(&o.stdout).lines().next().map(str::to_owned))
        .unwrap_or_default()
}
