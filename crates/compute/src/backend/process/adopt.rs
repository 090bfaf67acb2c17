//! Opening the units folder: one server at a time, and everything that is in it is taken up again.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use tokio::sync::broadcast;

use super::inotify::FolderWatcher;
use super::table::Table;
use super::{Inner, ProcessConfig, attend, folders, notify};
use crate::folder::{Folder, make_private_dir};
use crate::sandbox::SandboxPlan;
use crate::{Error, Observed, Phase, UnitId, limits};

/// Changes that a slow watcher may fall behind before it has to list.
const CHANGES: usize = 8192;

pub(super) fn open(mut config: ProcessConfig) -> Result<Arc<Inner>, Error> {
    config.check()?;
    make_private_dir(&config.units_dir)?;
    let absolute = config.units_dir.canonicalize();
    config.units_dir = absolute.map_err(|e| Error::io(format!("find {}", config.units_dir.display()), e))?;
    let lock = lock(&config.units_dir)?;
    let sandbox = SandboxPlan::decide(config.sandbox, &hidden(&config), &config.show)?;
    let cgroup =
        if config.cgroups { limits::probe(&config.installation) } else { Err("switched off".into()) };
    if let Err(why) = &cgroup {
        tracing::info!(%why, "no control groups: memory is watched, processors are not limited");
    }
    let mut found = folders::scan(&config.units_dir)?;
    let (adopted, strangers) = sort(&config, std::mem::take(&mut found.units))?;
    found.foreign.extend(strangers.iter().map(|id| config.units_dir.join(id.as_str())));
    for path in &found.foreign {
        tracing::warn!(path = %path.display(), "left alone: no unit of this installation");
    }
    let inner = Arc::new(Inner {
        sandbox,
        cgroup: cgroup.ok(),
        table: Mutex::new(Table::default()),
        changed: broadcast::channel(CHANGES).0,
        followers: FolderWatcher::new(),
        foreign: found.foreign,
        stopping: Mutex::new(()),
        _lock: lock,
        config,
    });
    // First the ear, then the look: what changes in between is told or seen.
    notify::listen(&inner)?;
    for observed in adopted {
        adopt(&inner, observed)?;
    }
    Ok(inner)
}

/// The other units' folders must be out of sight whatever else is.
fn hidden(config: &ProcessConfig) -> Vec<PathBuf> {
    config.hide.iter().chain([&config.units_dir]).cloned().collect()
}

/// Takes the folder for us. A server that was killed while it started a shim leaves the lock with a copy of itself for
/// the moment until that has become the shim, so a held lock is tried again for a while.
fn lock(units_dir: &Path) -> Result<File, Error> {
    let path = units_dir.join(".lock");
    let open = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = open.map_err(|e| Error::io(format!("open {}", path.display()), e))?;
    for _ in 0..100 {
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            return Ok(file);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(Error::InUse(units_dir.to_path_buf()))
}

/// Tells units of our installation from strangers. A folder without `unit.json` was never accepted; a start of that
/// id will complete it, so it is a stranger until then.
fn sort(config: &ProcessConfig, ids: Vec<UnitId>) -> Result<(Vec<Observed>, Vec<UnitId>), Error> {
    let (mut ours, mut strangers) = (Vec::new(), Vec::new());
    for id in ids {
        let folder = Folder::at(config.units_dir.join(id.as_str()));
        match folder.unit() {
            Ok(Some(unit)) if unit.installation == config.installation && unit.spec.id == id => {
                ours.push(Observed {
                    id,
                    labels: unit.spec.labels,
                    created_at: unit.created_at,
                    phase: Phase::Pending,
                    stopping: folder.stop()?,
                    progress: None,
                    usage: crate::Usage::default(),
                });
            }
            _ => strangers.push(id),
        }
    }
    Ok((ours, strangers))
}

fn adopt(inner: &Arc<Inner>, mut observed: Observed) -> Result<(), Error> {
    let id = observed.id.clone();
    let folder = inner.folder(&id);
    // Known before it is watched, because its end may be told at once.
    inner.lock_table().put(observed.clone());
    let holder = folder.holder();
    if let Some(pid) = holder {
        // It may end between the two lines; then watching fails, and it is settled like one that was found dead.
        if attend::watch(inner, &id, pid, false).is_err() {
            settle_dead(inner, &id, &folder);
        }
        if observed.stopping.is_some() {
            // The last server may have died between writing the wish and telling of it.
            folder.poke();
        }
    } else {
        settle_dead(inner, &id, &folder);
    }
    attend::look(&folder, &mut observed)?;
    inner.lock_table().renew(observed);
    Ok(())
}

fn settle_dead(inner: &Inner, id: &UnitId, folder: &Folder) {
    if folder.holder().is_none()
        && let Err(error) = attend::settle(inner, id, folder)
    {
        tracing::error!(unit = %id, %error, "could not settle a unit whose shim is gone");
    }
}
