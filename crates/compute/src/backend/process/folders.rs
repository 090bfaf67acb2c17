//! The folder of units: what is ours in it, and how a unit's folder goes.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::{Error, UnitId};

const TRASH: &str = ".trash-";

/// What lies in the units folder.
pub(super) struct Found {
    pub(super) units: Vec<UnitId>,
    pub(super) foreign: Vec<PathBuf>,
}

/// Looks through the units folder and finishes deletions that a crash interrupted.
pub(super) fn scan(units_dir: &Path) -> Result<Found, Error> {
    let list = || format!("list {}", units_dir.display());
    let mut found = Found { units: Vec::new(), foreign: Vec::new() };
    for entry in fs::read_dir(units_dir).map_err(|e| Error::io(list(), e))? {
        let entry = entry.map_err(|e| Error::io(list(), e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(TRASH) {
            delete(&entry.path())?;
        } else if !name.starts_with('.') {
            match name.parse() {
                Ok(id) => found.units.push(id),
                Err(_) => found.foreign.push(entry.path()),
            }
        }
    }
    Ok(found)
}

/// Takes a unit's folder out of sight in one step, so that a half-deleted one is never mistaken for a unit.
pub(super) fn discard(root: &Path) -> Result<PathBuf, Error> {
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let trash = root.with_file_name(format!("{TRASH}{name}"));
    match fs::rename(root, &trash) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::io(format!("discard {}", root.display()), e)),
        _ => Ok(trash),
    }
}

pub(super) fn delete(trash: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(trash) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::io(format!("delete {}", trash.display()), e)),
        _ => Ok(()),
    }
}
