//! Root is given up before anything else happens: the home folder is handed to the workspace's user, and this program
//! becomes that user. Whoever is not root is left as it is. There is no half: where a step fails, nothing is started.

use nix::unistd::{Gid, Uid, setgroups, setresgid, setresuid};
use std::os::unix::fs::{MetadataExt, lchown};
use std::path::{Path, PathBuf};

/// A user and a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

impl Default for Owner {
    /// `1000:100`, as in the images of Jupyter.
    fn default() -> Self {
        Self { uid: 1000, gid: 100 }
    }
}

/// Who the services run as when this program is started as root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunAs {
    /// This user.
    Owner(Owner),
    /// Whoever started it, also if that is root.
    Keep,
}

impl std::str::FromStr for RunAs {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "keep" {
            return Ok(Self::Keep);
        }
        let (uid, gid) = text.split_once(':').unwrap_or((text, "100"));
        match (uid.parse(), gid.parse()) {
            (Ok(uid @ 1..), Ok(gid)) => Ok(Self::Owner(Owner { uid, gid })),
            _ => Err(format!("`{text}` is neither UID:GID, such as 1000:100, nor `keep`")),
        }
    }
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// Nothing: this program was not root, or is to stay it.
    Nothing,
    /// The home folder belongs to this owner, and so does this program.
    Dropped {
        /// Entries whose owner was changed.
        changed: u64,
        /// Who it is now.
        owner: Owner,
    },
}

/// Folders that are never handed over as a whole, whatever a variable says.
fn is_of_the_system(home: &Path) -> bool {
    let depth = home.components().count();
    // `/` and what lies directly in it, except folders that somebody made for the purpose.
    const THEIRS: &[&str] = &[
        "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root", "run",
        "sbin", "srv", "sys", "tmp", "usr", "var",
    ];
    let first = home.components().nth(1).map(|c| c.as_os_str().to_string_lossy().into_owned());
    let first = first.unwrap_or_default();
    depth < 2
        || (depth == 2 && THEIRS.contains(&first.as_str()))
        || ["bin", "boot", "dev", "etc", "lib", "lib64", "proc", "root", "sbin", "sys", "usr"]
            .contains(&first.as_str())
}

/// Hands the home folder over and gives root up. Must be called before threads are started.
///
/// # Errors
/// In words; then nothing may be started.
pub(crate) fn settle(run_as: RunAs, home: &Path) -> Result<Done, String> {
    let RunAs::Owner(owner) = run_as else { return Ok(Done::Nothing) };
    if !rustix::process::geteuid().is_root() {
        return Ok(Done::Nothing);
    }
    let whole =
        home.canonicalize().map_err(|e| format!("the home folder {} can't be used: {e}", home.display()))?;
    if is_of_the_system(&whole) {
        return Err(format!(
            "the home folder would be {}, which is not for a user; say --home FOLDER, or --user keep to stay root",
            whole.display()
        ));
    }
    let changed = hand_over(&whole, owner)?;
    drop_to(owner)?;
    Ok(Done::Dropped { changed, owner })
}

/// Gives a folder and everything in it to an owner. Links are changed themselves and not followed; other file systems
/// that are mounted inside are left alone, and so is what vanishes meanwhile or can't be changed because it is read-only.
fn hand_over(root: &Path, owner: Owner) -> Result<u64, String> {
    let failed = |path: &Path, e: std::io::Error| {
        format!("{} can't be given to {}:{}: {e}", path.display(), owner.uid, owner.gid)
    };
    let device = root.symlink_metadata().map_err(|e| failed(root, e))?.dev();
    let mut changed = 0;
    let mut waiting: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(path) = waiting.pop() {
        let metadata = match path.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            Err(e) => return Err(failed(&path, e)),
        };
        if metadata.dev() != device {
            continue;
        }
        if (metadata.uid(), metadata.gid()) != (owner.uid, owner.gid) {
            match lchown(&path, Some(owner.uid), Some(owner.gid)) {
                Ok(()) => changed += 1,
                Err(e)
                    if matches!(
                        e.kind(),
                        std::io::ErrorKind::NotFound | std::io::ErrorKind::ReadOnlyFilesystem
                    ) => {}
                Err(e) => return Err(failed(&path, e)),
            }
        }
        if metadata.is_dir() {
            let entries = std::fs::read_dir(&path).map_err(|e| failed(&path, e))?;
            waiting.extend(entries.filter_map(Result::ok).map(|entry| entry.path()));
        }
    }
    Ok(changed)
}

/// Becomes the user for good: groups first, then the group, then the user, then it is tried whether root comes back.
fn drop_to(owner: Owner) -> Result<(), String> {
    let (uid, gid) = (Uid::from_raw(owner.uid), Gid::from_raw(owner.gid));
    let failed =
        |what: &str, e: nix::Error| format!("root could not be given up ({what}: {e}); nothing was started");
    setgroups(&[gid]).map_err(|e| failed("setgroups", e))?;
    setresgid(gid, gid, gid).map_err(|e| failed("setresgid", e))?;
    setresuid(uid, uid, uid).map_err(|e| failed("setresuid", e))?;
    let is = (nix::unistd::getresuid(), nix::unistd::getresgid());
    let whole = matches!(is, (Ok(u), Ok(g)) if [u.real, u.effective, u.saved] == [uid; 3]
        && [g.real, g.effective, g.saved] == [gid; 3]);
    if !whole || setresuid(Uid::from_raw(0), Uid::from_raw(0), Uid::from_raw(0)).is_ok() {
        return Err("root could not be given up for good; nothing was started".into());
    }
    Ok(())
}

/// The home folder of a user as the machine knows it.
pub(crate) fn home_of(uid: u32) -> Option<PathBuf> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.get(2)?.parse::<u32>().ok()? == uid)
            .then(|| PathBuf::from(fields.get(5).copied().unwrap_or("/")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_read() {
        assert_eq!("1000:100".parse(), Ok(RunAs::Owner(Owner::default())));
        assert_eq!("keep".parse(), Ok(RunAs::Keep));
        for bad in ["0:0", "root", "", "1000:x", "-1:1"] {
            assert!(bad.parse::<RunAs>().is_err(), "{bad}");
        }
    }

    #[test]
    fn folders_of_the_system_are_never_handed_over() {
        for path in ["/", "/root", "/root/x", "/etc/castalia", "/home", "/tmp", "/usr/share", "/var"] {
            assert!(is_of_the_system(Path::new(path)), "{path}");
        }
        for path in ["/home/ada", "/tmp/x", "/data", "/srv/ada", "/workspace", "/var/lib/x"] {
            assert!(!is_of_the_system(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn links_are_changed_and_not_followed() {
        if !rustix::process::geteuid().is_root() {
            // Only root may give files away; the program as a whole is tried without it elsewhere.
            return;
        }
        let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir(home.path().join("a")).unwrap();
        std::fs::write(home.path().join("a/f"), "").unwrap();
        std::fs::write(other.path().join("theirs"), "").unwrap();
        std::os::unix::fs::symlink(other.path(), home.path().join("link")).unwrap();
        assert_eq!(hand_over(home.path(), Owner { uid: 4242, gid: 4243 }), Ok(4));
        assert_eq!(hand_over(home.path(), Owner { uid: 4242, gid: 4243 }), Ok(0));
        let owner = |path: &Path| path.symlink_metadata().map(|m| (m.uid(), m.gid())).unwrap();
        assert_eq!(owner(&home.path().join("a/f")), (4242, 4243));
        assert_eq!(owner(&home.path().join("link")), (4242, 4243));
        assert_eq!(owner(&other.path().join("theirs")), (0, 0));
        assert_eq!(owner(other.path()), (0, 0));
    }
}
