//! The Python programs that tests compare with; `scripts/test-kernels` installs them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python that has this module.
pub(super) fn python(module: &str) -> Option<PathBuf> {
    let target = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target"));
    let named = std::env::var_os("CASTALIA_TEST_KERNELS").map(PathBuf::from);
    let places = ["test-kernels/bin/python", "test-jupyterhub/bin/python"].map(|place| target.join(place));
    let found = named.into_iter().chain(places).find(|python| {
        let asked = Command::new(python).args(["-c", &format!("import {module}")]).output();
        asked.is_ok_and(|asked| asked.status.success())
    });
    if found.is_none() {
        eprintln!("SKIPPED: no Python with {module}; `make test` installs it");
    }
    found
}

/// Runs a script that gets a folder; fails with what it says.
pub(super) fn run_python(python: &Path, script: &str, folder: &Path) {
    let ran = Command::new(python).args(["-c", script]).arg(folder).output().expect("python runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}
