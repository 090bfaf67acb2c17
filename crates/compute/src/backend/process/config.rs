//! Configuration of the process backend.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::{Error, Sandbox};

/// How the process backend works.
#[derive(Debug, Clone)]
pub struct ProcessConfig {
    /// Folder of the units' folders; made if its parent exists. One server at a time.
    pub units_dir: PathBuf,
    /// The program that becomes the shim, and its arguments before the unit's folder.
    pub shim: (PathBuf, Vec<OsString>),
    /// Name of this installation, letters, digits, `_` and `-`; units of another one are left alone.
    pub installation: String,
    /// Whether units run in a sandbox.
    pub sandbox: Sandbox,
    /// Folders that a sandboxed unit must not see: the server's data.
    pub hide: Vec<PathBuf>,
    /// Folders within hidden ones that a sandboxed unit may read, such as virtual environments.
    pub show: Vec<PathBuf>,
    /// Whether to use control groups where the machine lets us.
    pub cgroups: bool,
}

impl ProcessConfig {
    /// A configuration with control groups where possible and without a sandbox.
    pub fn new(
        units_dir: impl Into<PathBuf>,
        shim: impl Into<PathBuf>,
        installation: impl Into<String>,
    ) -> Self {
        ProcessConfig {
            units_dir: units_dir.into(),
            shim: (shim.into(), Vec::new()),
            installation: installation.into(),
            sandbox: Sandbox::Off,
            hide: Vec::new(),
            show: Vec::new(),
            cgroups: true,
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let name = &self.installation;
        let safe = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if name.is_empty() || name.len() > 64 || !name.bytes().all(safe) {
            return Err(Error::Invalid(format!(
                "{name:?} is no name of an installation (letters, digits, _ or -)"
            )));
        }
        Ok(())
    }
}
