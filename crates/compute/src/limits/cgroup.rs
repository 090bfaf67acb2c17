//! One control group per limited unit, version 1 or 2.
//!
//! On version 2 the groups are made below our own, which is the only place a delegation (systemd `Delegate=yes`, a
//! container's namespace) lets us write. On version 1 they are made below the mount of each controller.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::MB;
use crate::{Resources, UnitId};

/// Where a unit's groups are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "version")]
pub(crate) enum CgroupPlan {
    /// One folder per controller.
    #[serde(rename = "1")]
    V1 { memory: PathBuf, cpu: Option<PathBuf> },
    /// The unified folder.
    #[serde(rename = "2")]
    V2 { parent: PathBuf },
}

/// The groups of one unit.
pub(crate) struct Cgroup {
    memory: PathBuf,
    cpu: Option<PathBuf>,
    unified: bool,
}

impl Cgroup {
    /// The groups that belong to a unit, whether they exist or not.
    pub(crate) fn of(plan: &CgroupPlan, id: &UnitId) -> Self {
        match plan {
            CgroupPlan::V1 { memory, cpu } => Cgroup {
                memory: memory.join(id.as_str()),
                cpu: cpu.as_ref().map(|c| c.join(id.as_str())),
                unified: false,
            },
            CgroupPlan::V2 { parent } => {
                Cgroup { memory: parent.join(id.as_str()), cpu: None, unified: true }
            }
        }
    }

    /// Makes the groups and sets the limits.
    pub(crate) fn create(&self, limits: &Resources) -> io::Result<()> {
        make_dir(&self.memory)?;
        if self.unified { self.limit_v2(limits) } else { self.limit_v1(limits) }
    }

    fn limit_v2(&self, limits: &Resources) -> io::Result<()> {
        if limits.memory_mb > 0 {
            fs::write(self.memory.join("memory.max"), (limits.memory_mb * MB).to_string())?;
            // Best effort: swap may not be accounted, and killing the group whole is a refinement.
            let _ = fs::write(self.memory.join("memory.swap.max"), "0");
            let _ = fs::write(self.memory.join("memory.oom.group"), "1");
        }
        if limits.cpu_millis > 0 {
            let quota = u64::from(limits.cpu_millis) * 100;
            fs::write(self.memory.join("cpu.max"), format!("{} 100000", quota.max(1000)))?;
        }
        Ok(())
    }

    fn limit_v1(&self, limits: &Resources) -> io::Result<()> {
        if limits.memory_mb > 0 {
            let bytes = (limits.memory_mb * MB).to_string();
            fs::write(self.memory.join("memory.limit_in_bytes"), &bytes)?;
            // Absent where swap is not accounted.
            let _ = fs::write(self.memory.join("memory.memsw.limit_in_bytes"), &bytes);
        }
        if let (Some(cpu), true) = (&self.cpu, limits.cpu_millis > 0) {
            make_dir(cpu)?;
            let quota = (u64::from(limits.cpu_millis) * 100).max(1000);
            fs::write(cpu.join("cpu.cfs_quota_us"), quota.to_string())?;
        }
        Ok(())
    }

    fn dirs(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.memory).chain(self.cpu.as_ref())
    }

    /// Files into which the child writes "0" to join.
    pub(crate) fn doors(&self) -> io::Result<Vec<File>> {
        // In version 1 a thread that moves itself through `tasks` joins at once; `cgroup.procs` moves whole
        // processes and waits for the kernel's grace period, about 12 ms (measured: bench/README.md).
        let door = if self.unified { "cgroup.procs" } else { "tasks" };
        let open = |dir: &PathBuf| OpenOptions::new().write(true).open(dir.join(door));
        self.dirs().filter(|d| d.exists()).map(open).collect()
    }

    /// Processes in the groups.
    pub(crate) fn pids(&self) -> Vec<i32> {
        let read = |dir: &PathBuf| fs::read_to_string(dir.join("cgroup.procs")).unwrap_or_default();
        let mut pids: Vec<i32> = self
            .dirs()
            .map(read)
            .flat_map(|t| t.lines().filter_map(|l| l.parse().ok()).collect::<Vec<_>>())
            .collect();
        pids.sort_unstable();
        pids.dedup();
        pids
    }

    /// How many processes the kernel killed for want of memory.
    pub(crate) fn oom_kills(&self) -> u64 {
        let name = if self.unified { "memory.events" } else { "memory.oom_control" };
        keyed(&self.memory.join(name), "oom_kill").unwrap_or(0)
    }

    /// Bytes in use now, without file contents that the kernel can drop.
    pub(crate) fn used(&self) -> Option<u64> {
        let (name, cache) = if self.unified {
            ("memory.current", "inactive_file")
        } else {
            ("memory.usage_in_bytes", "total_inactive_file")
        };
        let cache = keyed(&self.memory.join("memory.stat"), cache).unwrap_or(0);
        number(&self.memory.join(name)).map(|bytes| bytes.saturating_sub(cache))
    }

    /// Peak memory in KiB.
    pub(crate) fn peak_kb(&self) -> Option<u64> {
        let name = if self.unified { "memory.peak" } else { "memory.max_usage_in_bytes" };
        number(&self.memory.join(name)).map(|bytes| bytes / 1024)
    }

    /// Removes the groups; a group may stay busy for a moment after its last process was reaped.
    pub(crate) fn remove(&self) {
        for dir in self.dirs() {
            for _ in 0..50 {
                match fs::remove_dir(dir) {
                    Err(e) if e.kind() == io::ErrorKind::ResourceBusy => {
                        std::thread::sleep(Duration::from_millis(2));
                    }
                    _ => break,
                }
            }
        }
    }
}

pub(super) fn make_dir(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

fn number(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn keyed(path: &Path, key: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let mut fields = text.lines().filter_map(|line| line.split_once(' '));
    fields.find(|(k, _)| *k == key)?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_2_limits_are_written_where_the_kernel_reads_them() {
        let dir = tempfile::tempdir().unwrap();
        let plan = CgroupPlan::V2 { parent: dir.path().to_path_buf() };
        let group = Cgroup::of(&plan, &"unit_a".parse().unwrap());
        group.create(&Resources { cpu_millis: 1500, memory_mb: 64, ..Resources::default() }).unwrap();
        let read = |name: &str| fs::read_to_string(dir.path().join("unit_a").join(name)).unwrap();
        assert_eq!(read("memory.max"), "67108864");
        assert_eq!(read("cpu.max"), "150000 100000");
        fs::write(dir.path().join("unit_a/memory.events"), "oom 3\noom_kill 2\n").unwrap();
        assert_eq!(group.oom_kills(), 2);
    }
}
