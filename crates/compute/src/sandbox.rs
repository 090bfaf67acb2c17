//! Wraps a unit's program into bubblewrap.
//!
//! Inside: the root is read-only, `/tmp` is its own, the server's data folder is empty but for the unit's own
//! `work` and `files`, processes see only each other, there are no capabilities and no new privileges. The network is
//! kept, because the S3 gateway listens on loopback.

use std::env;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::folder::Folder;
use crate::{Error, UnitSpec};

/// Whether units run in a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sandbox {
    /// When this machine can.
    Auto,
    /// Never.
    #[default]
    Off,
    /// Always; without bubblewrap nothing starts.
    Required,
}

/// How to sandbox one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SandboxPlan {
    program: PathBuf,
    /// Folders that must look empty inside.
    hide: Vec<PathBuf>,
    /// Folders within those that are seen nevertheless, read-only.
    #[serde(default)]
    show: Vec<PathBuf>,
}

impl SandboxPlan {
    /// Decides once per server; trying is the only honest test, since user namespaces may be forbidden.
    pub(crate) fn decide(wish: Sandbox, hide: &[PathBuf], show: &[PathBuf]) -> Result<Option<Self>, Error> {
        if wish == Sandbox::Off {
            return Ok(None);
        }
        match find_working() {
            Ok(program) => Ok(Some(SandboxPlan { program, hide: hide.to_vec(), show: show.to_vec() })),
            Err(_) if wish == Sandbox::Auto => Ok(None),
            Err(why) => Err(Error::Unavailable(format!("the sandbox is required but {why}"))),
        }
    }

    /// The command that runs `command` inside.
    pub(crate) fn wrap(&self, folder: &Folder, command: &[String], spec: &UnitSpec) -> Vec<String> {
        let show = &spec.show;
        let mut all = vec![text(&self.program)];
        all.extend(isolation());
        for dir in &self.hide {
            all.extend(["--tmpfs".into(), text(dir)]);
        }
        for dir in self.show.iter().chain(show.iter().filter(|path| self.is_shown(path))) {
            // A folder that is not there yet is not worth a failure.
            all.extend(["--ro-bind-try".into(), text(dir), text(dir)]);
        }
        let (work, files) = (text(&folder.work()), text(&folder.files()));
        all.extend(["--bind".into(), work.clone(), work.clone(), "--ro-bind".into(), files.clone(), files]);
        for volume in &spec.volumes {
            all.extend(["--bind".into(), text(volume), text(volume)]);
        }
        let begin = spec.work.as_deref().map_or(work, text);
        all.extend(["--chdir".into(), begin, "--".into()]);
        all.extend(command.iter().cloned());
        all
    }
}

impl SandboxPlan {
    /// What a unit asks to see is shown if it would be covered otherwise, and if it uncovers nothing else.
    fn is_shown(&self, path: &Path) -> bool {
        let covered = |by: &Path| path.starts_with(by) && path != by;
        let uncovers = |dir: &Path| dir.starts_with(path);
        let hidden = || self.hide.iter().map(PathBuf::as_path).chain([Path::new("/tmp")]);
        path.is_absolute() && hidden().any(covered) && !hidden().any(uncovers)
    }
}

fn isolation() -> Vec<String> {
    let options = "--ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --unshare-pid --unshare-ipc --unshare-uts \
                   --die-with-parent --cap-drop ALL";
    options.split_whitespace().map(String::from).collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The path of a bubblewrap that works here, or why there is none.
pub(crate) fn find_working() -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|dir| dir.join("bwrap")).find(|p| p.is_file());
    let program = found.ok_or("bubblewrap (bwrap) is not installed")?;
    let tried = std::process::Command::new(&program).args(isolation()).arg("true").output();
    match tried {
        Ok(output) if output.status.success() => Ok(program),
        Ok(output) => Err(format!("bubblewrap fails: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(e) => Err(format!("bubblewrap does not run: {e}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_sees_what_it_needs_and_uncovers_nothing() {
        let plan = SandboxPlan {
            program: "bwrap".into(),
            hide: vec!["/tmp/data".into(), "/srv/c".into()],
            show: vec![],
        };
        for (path, shown) in [
            ("/tmp/venv", true),
            ("/tmp/data/environments/x", true),
            ("/usr/lib/python3", false),
            ("/tmp", false),
            ("/", false),
            ("/srv", false),
            ("/tmp/data", false),
            ("relative", false),
        ] {
            assert_eq!(plan.is_shown(Path::new(path)), shown, "{path}");
        }
    }
}
