//! What a keeper is told.

use crate::Error;
use crate::spec::KernelSpec;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The keeper's configuration; a JSON file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeeperConfig {
    /// The kernel.
    pub spec: KernelSpec,
    /// Its folder, which outlives it: journal, big values, the socket.
    pub folder: PathBuf,
    /// Where the kernel begins; the keeper's own place if none.
    #[serde(default)]
    pub work: Option<PathBuf>,
    /// Added to the kernel's environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Bytes that the folder may hold before big values are cut.
    #[serde(default = "default_limit")]
    pub limit: u64,
    /// Seconds in which a kernel must answer after its start.
    #[serde(default = "default_patience")]
    pub patience_s: u64,
}

fn default_limit() -> u64 {
    2 << 30
}

fn default_patience() -> u64 {
    60
}

impl KeeperConfig {
    /// A kernel with its usual limits.
    pub fn new(spec: KernelSpec, folder: PathBuf) -> Self {
        let (limit, patience_s) = (default_limit(), default_patience());
        Self { spec, folder, work: None, env: BTreeMap::new(), limit, patience_s }
    }

    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read(path).map_err(Error::io(format!("could not read {}", path.display())))?;
        serde_json::from_slice(&text).map_err(|e| Error::Protocol(format!("{}: {e}", path.display())))
    }
}
