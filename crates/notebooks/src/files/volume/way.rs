//! The way to a file inside a folder that belongs to others.

use super::gone;
use crate::files::place::refused;
use castalia_base::{Error, Kind};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::path::{Component, Path};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A path inside a volume, as it is stored.
///
/// # Errors
/// `invalid_path` for one that leads out, or is no notebook's.
pub(super) fn checked_path(path: &str) -> Result<String, Error> {
    let wrong = |why: &str| Err(Error::field("invalid_path", "/path", why));
    if path.len() > 1024 || path.chars().any(char::is_control) {
        return wrong("a path has at most 1024 bytes and no control characters");
    }
    let mut parts = Vec::new();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(part) => parts.push(part.to_string_lossy()),
            Component::CurDir => {}
            _ => return wrong("a path begins in the workspace's folder and does not lead out of it"),
        }
    }
    if parts.iter().any(|part| part.starts_with('.')) {
        return wrong("no part of a notebook's path begins with a dot");
    }
    match parts.last() {
        Some(name) if name.ends_with(".ipynb") && !path.ends_with('/') => Ok(parts.join("/")),
        _ => wrong("the path of a notebook ends in .ipynb"),
    }
}

/// The volume's own folder.
///
/// # Errors
/// `volume_gone`.
pub(super) fn root(folder: &Path) -> Result<OwnedFd, Error> {
    match rustix::fs::open(folder, FOLDER, Mode::empty()) {
        Ok(root) => Ok(root),
        Err(Errno::NOENT) => Err(gone()),
        Err(error) => Err(failed("the workspace's folder", error)),
    }
}

/// A folder in a folder; `None` when it is not there.
///
/// # Errors
/// `outside_volume` for a link.
pub(super) fn step(folder: &OwnedFd, name: &str) -> Result<Option<OwnedFd>, Error> {
    match rustix::fs::openat(folder, name, FOLDER, Mode::empty()) {
        Ok(next) => Ok(Some(next)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(failed(name, error)),
    }
}

/// What the kernel said, in words.
pub(super) fn failed(name: &str, error: Errno) -> Error {
    match error {
        Errno::LOOP | Errno::NOTDIR | Errno::NXIO => outside(name),
        _ => refused(Path::new(name), &error.into()),
    }
}

/// Something that is neither a folder nor a file of the volume.
pub(super) fn outside(name: &str) -> Error {
    let why =
        format!("`{name}` is a link or no plain file: a notebook's file and its folders are never links");
    Error::new(Kind::Conflict, "outside_volume", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_are_refused() {
        for good in ["a.ipynb", "./a.ipynb", "x/y/ä b.ipynb"] {
            assert!(checked_path(good).is_ok(), "{good}");
        }
        let bad = [
            "",
            "/etc/a.ipynb",
            "../a.ipynb",
            "x/../../a.ipynb",
            "x/../a.ipynb",
            "a.py",
            "x/.ipynb",
            ".x/a.ipynb",
        ];
        for bad in bad.into_iter().chain(["a\n.ipynb", "a.ipynb/", "a.ipynb/.."]) {
            assert!(checked_path(bad).is_err(), "{bad}");
        }
        assert_eq!(checked_path("./x//a.ipynb").expect("is one"), "x/a.ipynb");
    }
}
