//! What this machine offers for running units, for `castalia doctor`.

use crate::{limits, sandbox};

/// One thing that a machine may offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Short name.
    pub name: &'static str,
    /// Whether it works here.
    pub available: bool,
    /// What it is for, and what happens without it.
    pub purpose: &'static str,
    /// What was found, or why it does not work.
    pub detail: String,
    /// What to do about it.
    pub remedy: Option<&'static str>,
}

/// Tries everything that the process backend can use. Takes about a tenth of a second.
pub fn examine(installation: &str) -> Vec<Finding> {
    vec![sandbox_finding(), cgroup_finding(installation), pidfd_finding()]
}

fn sandbox_finding() -> Finding {
    let found = sandbox::find_working();
    Finding {
        name: "bubblewrap",
        available: found.is_ok(),
        purpose: "runs each unit in a sandbox; without it units see what the server's user sees",
        remedy: found.is_err().then_some("install the package bubblewrap and allow user namespaces"),
        detail: found.map_or_else(|why| why, |path| path.display().to_string()),
    }
}

fn cgroup_finding(installation: &str) -> Finding {
    let found = limits::probe(installation);
    Finding {
        name: "cgroups",
        available: found.is_ok(),
        purpose: "limit memory and processor; without them memory is watched every 100 ms and processors are not limited",
        remedy: found
            .is_err()
            .then_some("run the server as root or in a delegated group (systemd Delegate=yes)"),
        detail: found.map_or_else(|why| why, |plan| format!("{plan:?}")),
    }
}

fn pidfd_finding() -> Finding {
    let own = rustix::process::pidfd_open(rustix::process::getpid(), rustix::process::PidfdFlags::empty());
    Finding {
        name: "pidfd",
        available: own.is_ok(),
        purpose: "tells the end of a unit at once; the process backend needs it",
        remedy: own.is_err().then_some("use Linux 5.3 or newer"),
        detail: own.map_or_else(|e| e.to_string(), |_| "yes".into()),
    }
}
