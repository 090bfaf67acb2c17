//! Starting a unit: accept it (its folder), then give it a shim.

use std::process::{Command, Stdio};
use std::sync::Arc;

use rustix::process::Pid;

use super::{Inner, attend};
use crate::folder::UnitFile;
use crate::{Error, Observed, Phase, Resources, UnitId, UnitSpec, Usage, clock};

/// Accepts and starts a unit unless it is known already.
pub(super) fn start(inner: &Arc<Inner>, spec: UnitSpec) -> Result<(), Error> {
    let id = spec.id.clone();
    let unit = unit_file(inner, spec);
    {
        let mut table = inner.lock_table();
        let pending = match table.get(&id) {
            Some(observed) => observed.phase == Phase::Pending,
            None if table.was_removed(&id) => return Ok(()),
            None => {
                table.put(accepted(&unit));
                drop(table);
                return start_new(inner, &unit);
            }
        };
        if !pending {
            return Ok(());
        }
    }
    attend_again(inner, &id)
}

fn start_new(inner: &Arc<Inner>, unit: &UnitFile) -> Result<(), Error> {
    let id = &unit.spec.id;
    let created = inner.folder(id).create(unit);
    let result = created.and_then(|()| spawn_shim(inner, id));
    if result.is_err() {
        // Accepted or not, the caller may try again: with the folder complete it is found pending then.
        let accepted = inner.folder(id).has("unit.json");
        let mut table = inner.lock_table();
        if accepted {
            table.update(id, |observed| observed.phase = Phase::Pending);
        } else {
            table.withdraw(id);
        }
    }
    result
}

/// Gives a shim to a unit that was accepted but that nothing attends to.
pub(super) fn attend_again(inner: &Arc<Inner>, id: &UnitId) -> Result<(), Error> {
    let mut ours = false;
    inner.lock_table().update(id, |observed| {
        ours = observed.phase == Phase::Pending;
        observed.phase = Phase::Starting;
    });
    if !ours {
        return Ok(());
    }
    let spawned = spawn_shim(inner, id);
    if spawned.is_err() {
        inner.lock_table().update(id, |observed| observed.phase = Phase::Pending);
    }
    spawned
}

fn unit_file(inner: &Inner, spec: UnitSpec) -> UnitFile {
    let limited = |r: &Resources| r.memory_mb > 0 || r.cpu_millis > 0;
    UnitFile {
        installation: inner.config.installation.clone(),
        created_at: clock::now_ms(),
        sandbox: inner.sandbox.clone(),
        // A group costs about as much as starting a process, so only a unit that has a limit gets one.
        cgroup: inner.cgroup.clone().filter(|_| limited(&spec.resources)),
        spec,
    }
}

fn accepted(unit: &UnitFile) -> Observed {
    Observed {
        id: unit.spec.id.clone(),
        labels: unit.spec.labels.clone(),
        created_at: unit.created_at,
        phase: Phase::Starting,
        stopping: None,
        progress: None,
        usage: Usage::default(),
    }
}

/// Starts a shim and watches it. Whether it or another one runs the unit is settled between them.
fn spawn_shim(inner: &Arc<Inner>, id: &UnitId) -> Result<(), Error> {
    let (program, args) = &inner.config.shim;
    let mut command = Command::new(program);
    command.args(args).arg(inner.folder(id).root());
    // Our own environment may hold secrets; a shim needs none of it.
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn();
    let child = child.map_err(|e| Error::io(format!("start the shim {}", program.display()), e))?;
    attend::watch(inner, id, Pid::from_child(&child), true)
}
