//! The data folder: one server at a time, secrets readable by the owner alone.

use anyhow::{Context, bail};
use rand::RngCore;
use rustix::fs::{FlockOperation, flock};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The data folder, ours as long as this lives.
pub(super) struct DataFolder {
    root: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if need be and takes it.
    pub(super) fn take(path: &Path) -> anyhow::Result<Self> {
        let make = |path: &Path| {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
                .with_context(|| format!("could not make the folder {}", path.display()))
        };
        make(path)?;
        let root = path.canonicalize().with_context(|| format!("could not read {}", path.display()))?;
        for name in ["units", "buckets", "staging", "secrets", "workspaces", "workspace-logs"] {
            make(&root.join(name))?;
        }
        let lock = lock_file(&root)?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            bail!("another server works on {}; stop it or choose another --data", root.display());
        }
        Ok(Self { root, _lock: lock })
    }

    /// A path below the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The key from which secrets are derived: `CASTALIA_MASTER_KEY` (64 hex digits, for several replicas), else made
    /// once and kept in the folder.
    pub(super) fn master_key(&self) -> anyhow::Result<[u8; 32]> {
        if let Ok(text) = std::env::var("CASTALIA_MASTER_KEY") {
            let bytes = hex::decode(text.trim()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
            return bytes.context("CASTALIA_MASTER_KEY must be 64 hexadecimal digits");
        }
        let text = self.once("secrets/master.key", || {
            let mut key = [0; 32];
            rand::rng().fill_bytes(&mut key);
            hex::encode(key)
        })?;
        let bytes = hex::decode(text.trim()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
        bytes.context("secrets/master.key is damaged; restore it from a backup")
    }

    /// The label of this installation, made once.
    pub(super) fn installation(&self) -> anyhow::Result<String> {
        self.once("installation", || castalia_base::id::fresh("inst"))
    }

    fn once(&self, name: &str, make: impl FnOnce() -> String) -> anyhow::Result<String> {
        let path = self.path(name);
        match std::fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("could not read {}", path.display())),
        }
        let text = make();
        // Written beside and renamed: a crash leaves no half of it.
        let beside = path.with_extension("new");
        let mut file =
            OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, &path)?;
        Ok(text)
    }
}

fn lock_file(root: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    let file = options.create(true).write(true).truncate(false).open(root.join("server.lock"));
    file.context("could not open the lock file")
}

/// Waits until no server works on a folder.
pub(super) async fn until_free(path: &Path) -> anyhow::Result<()> {
    if !path.join("server.lock").exists() {
        return Ok(());
    }
    let (lock, mut told) = (lock_file(path)?, false);
    while flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
        if !told {
            tracing::info!(data = %path.display(), "another server works on the data folder; waiting until it has ended");
            told = true;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // Given back by the end of `lock`, and taken again with the folder.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_at_a_time_and_the_same_secrets_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = DataFolder::take(folder.path()).expect("takes it");
        assert!(DataFolder::take(folder.path()).is_err());
        let (key, name) = (first.master_key().expect("a key"), first.installation().expect("a name"));
        drop(first);
        let again = DataFolder::take(folder.path()).expect("takes it again");
        assert_eq!((again.master_key().expect("a key"), again.installation().expect("a name")), (key, name));
    }
}
