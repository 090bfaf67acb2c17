//! Looks into a running unit: runs commands beside it, sums its memory, finds the ports on which it listens.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::Pid;

use crate::backend::Executed;
use crate::folder::Folder;
use crate::health::command::{self, Surroundings};
use crate::limits::Cgroup;
use crate::shim::{child, tree};
use crate::{Error, UnitId};

/// Runs a command with the unit's environment, in its working folder and in its kind of sandbox. Its use of
/// resources is not the unit's.
pub(super) async fn execute(folder: &Folder, argv: &[String], limit: Duration) -> Result<Executed, Error> {
    let Some(unit) = folder.unit()? else { return Err(not_complete(folder)) };
    let place = Surroundings { env: Some(child::environment(folder, &unit)), folder: Some(folder.work()) };
    let argv = child::arguments(folder, &unit, argv);
    let ran = command::run(&argv, place, limit).await;
    ran.map_err(|e| Error::io(format!("run a command beside {}", unit.spec.id), e))
}

fn not_complete(folder: &Folder) -> Error {
    Error::Invalid(format!("{} is not complete yet", folder.root().display()))
}

/// Bytes of memory in use: of the control group where there is one, else of all processes together.
pub(super) fn memory(folder: &Folder) -> Result<Option<u64>, Error> {
    let Some(unit) = folder.unit()? else { return Ok(None) };
    let id: &UnitId = &unit.spec.id;
    let grouped = unit.cgroup.as_ref().and_then(|plan| Cgroup::of(plan, id).used());
    let summed = || folder.holder().map(|shim| tree::resident_kb(&tree::descendants(shim)) * 1024);
    Ok(grouped.or_else(summed))
}

/// The TCP ports on which any process of the unit listens.
pub(super) fn listening(folder: &Folder) -> Vec<u16> {
    let Some(shim) = folder.holder() else { return Vec::new() };
    let pids = tree::descendants(shim);
    let sockets: BTreeSet<u64> = pids.iter().flat_map(|pid| sockets(*pid)).collect();
    let Some(first) = pids.first().filter(|_| !sockets.is_empty()) else { return Vec::new() };
    // The table of one of them is that of all: they share a network.
    let tables = ["tcp", "tcp6"].map(|name| format!("/proc/{first}/net/{name}"));
    let ports = tables.iter().flat_map(|path| listeners(Path::new(path), &sockets));
    ports.collect::<BTreeSet<u16>>().into_iter().collect()
}

/// The inodes of a process's sockets.
fn sockets(pid: Pid) -> Vec<u64> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let inode = |target: std::path::PathBuf| -> Option<u64> {
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    };
    descriptors.filter_map(|fd| inode(fs::read_link(fd.path()).ok()?)).collect()
}

/// The ports of those sockets in a kernel table that are in state LISTEN (0A).
fn listeners(table: &Path, sockets: &BTreeSet<u64>) -> Vec<u16> {
    let text = fs::read_to_string(table).unwrap_or_default();
    let port = |line: &str| -> Option<u16> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ours = fields.get(9)?.parse().is_ok_and(|inode: u64| sockets.contains(&inode));
        let port = fields.get(1)?.rsplit_once(':')?.1;
        u16::from_str_radix(port, 16).ok().filter(|_| ours && fields.get(3) == Some(&"0A"))
    };
    text.lines().skip(1).filter_map(port).collect()
}
