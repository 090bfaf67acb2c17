//! Where control groups can be made on this machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::CgroupPlan;
use super::cgroup::make_dir;

/// Finds out where groups can be made for an installation; the reason in words when nowhere.
pub(crate) fn probe(installation: &str) -> Result<CgroupPlan, String> {
    let mounts = fs::read_to_string("/proc/mounts").map_err(|e| format!("/proc/mounts: {e}"))?;
    let own = fs::read_to_string("/proc/self/cgroup").map_err(|e| format!("/proc/self/cgroup: {e}"))?;
    let name = format!("castalia-{installation}");
    let second = match unified_mount(&mounts) {
        Some(mount) => probe_v2(&mount, &own, &name),
        None => Err("no unified hierarchy".into()),
    };
    match second {
        Ok(plan) => Ok(plan),
        Err(why2) => probe_v1(&mounts, &name).map_err(|why1| format!("version 2: {why2}; version 1: {why1}")),
    }
}

fn unified_mount(mounts: &str) -> Option<PathBuf> {
    let mut fields = mounts.lines().map(|l| l.split(' ').collect::<Vec<_>>());
    fields.find(|f| f.get(2) == Some(&"cgroup2")).map(|f| PathBuf::from(f[1]))
}

fn controller_mount(mounts: &str, controller: &str) -> Option<PathBuf> {
    let mut fields = mounts.lines().map(|l| l.split(' ').collect::<Vec<_>>());
    let holds = |f: &Vec<&str>| f.get(3).is_some_and(|options| options.split(',').any(|o| o == controller));
    fields.find(|f| f.get(2) == Some(&"cgroup") && holds(f)).map(|f| PathBuf::from(f[1]))
}

fn probe_v2(mount: &Path, own: &str, name: &str) -> Result<CgroupPlan, String> {
    let path = own.lines().find_map(|l| l.strip_prefix("0::")).ok_or("own group unknown")?;
    let base = mount.join(path.trim_start_matches('/'));
    let controllers = fs::read_to_string(base.join("cgroup.controllers")).map_err(|e| e.to_string())?;
    if !controllers.split_whitespace().any(|c| c == "memory") {
        return Err("the memory controller is not in it".into());
    }
    let parent = base.join(name);
    try_groups(&parent).map_err(|e| format!("{}: {e}", parent.display()))?;
    let wish = if controllers.contains("cpu") { "+memory +cpu" } else { "+memory" };
    delegate(&base, wish).map_err(|e| format!("{}: {e}", base.display()))?;
    fs::write(parent.join("cgroup.subtree_control"), wish).map_err(|e| e.to_string())?;
    Ok(CgroupPlan::V2 { parent })
}

/// Hands controllers down. A group with processes must not do so; if we are alone in it, we step into a leaf.
fn delegate(base: &Path, wish: &str) -> io::Result<()> {
    let control = base.join("cgroup.subtree_control");
    match fs::write(&control, wish) {
        Err(e) if e.kind() == io::ErrorKind::ResourceBusy => {}
        other => return other,
    }
    let own = std::process::id().to_string();
    let others = fs::read_to_string(base.join("cgroup.procs"))?.lines().filter(|l| *l != own).count();
    if others > 0 {
        return Err(io::Error::other(
            "other processes are in our group; run castalia in a delegated group of its own",
        ));
    }
    let leaf = base.join("castalia-server");
    make_dir(&leaf)?;
    fs::write(leaf.join("cgroup.procs"), own)?;
    fs::write(&control, wish)
}

fn probe_v1(mounts: &str, name: &str) -> Result<CgroupPlan, String> {
    let usable = |controller: &str| -> Result<PathBuf, String> {
        let dir =
            controller_mount(mounts, controller).ok_or(format!("no {controller} controller"))?.join(name);
        try_groups(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        Ok(dir)
    };
    Ok(CgroupPlan::V1 { memory: usable("memory")?, cpu: usable("cpu").ok() })
}

/// The folder may exist and belong to somebody else, so a group is made in it and removed.
fn try_groups(parent: &Path) -> io::Result<()> {
    make_dir(parent)?;
    let trial = parent.join(format!("trial-{}", std::process::id()));
    make_dir(&trial)?;
    fs::remove_dir(&trial)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_mounts_of_both_versions() {
        let mounts = "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0\n\
                      cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n\
                      cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
        assert_eq!(unified_mount(mounts), Some("/sys/fs/cgroup/unified".into()));
        assert_eq!(controller_mount(mounts, "cpu"), Some("/sys/fs/cgroup/cpu,cpuacct".into()));
        assert_eq!(controller_mount(mounts, "pids"), None);
    }
}
