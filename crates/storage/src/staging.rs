//! Bytes on their way in: streamed to a file that nobody sees, hashed while they pass.
//!
//! A [`Staged`] file is complete, synced and hashed; it is deleted when it is dropped without having been
//! published. Memory is bounded by [`BATCH`] per write.

use crate::error;
use bytes::Bytes;
use castalia_base::{Error, id};
use futures::{Stream, StreamExt};
use md5::{Digest, Md5};
use s3s::checksum::ChecksumHasher;
use s3s::dto::Checksum;
use sha2::Sha256;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many bytes are gathered before they are hashed and written on a blocking thread.
const BATCH: usize = 512 << 10;
/// A sender that is silent for so long is given up.
const STALL: Duration = Duration::from_secs(60);

/// How much may still be written, and what to say when it is more.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allowance {
    /// The largest file.
    pub(crate) file: Option<u64>,
    /// Used bytes and quota; several may hold at once.
    pub(crate) rooms: [Option<(u64, u64)>; 2],
}

impl Allowance {
    pub(crate) fn check(&self, size: u64) -> Result<(), Error> {
        if let Some(limit) = self.file.filter(|limit| size > *limit) {
            return Err(error::upload_too_large(limit, None));
        }
        for (used, quota) in self.rooms.into_iter().flatten() {
            if used.saturating_add(size) > quota {
                return Err(error::quota_exceeded(used, quota, size));
            }
        }
        Ok(())
    }
}

/// The folder of unfinished writes.
#[derive(Clone, Debug)]
pub(crate) struct Staging {
    root: PathBuf,
}

impl Staging {
    pub(crate) fn open(root: PathBuf) -> Result<Self, Error> {
        for folder in ["new", "uploads", "parts", "undo"] {
            std::fs::create_dir_all(root.join(folder)).map_err(error::io)?;
        }
        Ok(Self { root })
    }
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
    /// The file of an unfinished resumable upload.
    pub(crate) fn session(&self, id: &str) -> PathBuf {
        self.root.join("uploads").join(id)
    }
    /// A new file of bytes on their way in.
    pub(crate) fn sink(
        &self,
        folder: &str,
        allowance: Allowance,
        checks: ChecksumHasher,
    ) -> Result<Sink, Error> {
        let path = self.root.join(folder).join(id::fresh("tmp"));
        let file = File::options().write(true).create_new(true).open(&path).map_err(error::io)?;
        let core = Core { file, md5: Md5::new(), sha256: Sha256::new(), checks, size: 0 };
        Ok(Sink {
            path: Temporary(Some(path)),
            core: Some(core),
            pending: Vec::new(),
            held: 0,
            total: 0,
            allowance,
        })
    }
}

/// Deletes its file when dropped.
#[derive(Debug)]
pub(crate) struct Temporary(Option<PathBuf>);

impl Temporary {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(Some(path))
    }
    pub(crate) fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or(Path::new(""))
    }
    /// Leaves the file where it is.
    pub(crate) fn keep(&mut self) -> Option<PathBuf> {
        self.0.take()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // Gone already when it was published; anything else is left to the sweep.
            std::fs::remove_file(path).ok();
        }
    }
}

struct Core {
    file: File,
    md5: Md5,
    sha256: Sha256,
    checks: ChecksumHasher,
    size: u64,
}

impl Core {
    fn take(mut self, batch: Vec<Bytes>) -> std::io::Result<Self> {
        for bytes in batch {
            self.md5.update(&bytes);
            self.sha256.update(&bytes);
            self.checks.update(&bytes);
            self.file.write_all(&bytes)?;
            self.size += bytes.len() as u64;
        }
        Ok(self)
    }
}

/// A file that is being written.
pub(crate) struct Sink {
    path: Temporary,
    core: Option<Core>,
    pending: Vec<Bytes>,
    held: usize,
    total: u64,
    allowance: Allowance,
}

impl Sink {
    /// Takes more bytes.
    pub(crate) async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.total += bytes.len() as u64;
        self.allowance.check(self.total)?;
        self.held += bytes.len();
        self.pending.push(bytes);
        if self.held >= BATCH { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Error> {
        let batch = std::mem::take(&mut self.pending);
        self.held = 0;
        let core = self.core.take().ok_or_else(|| Error::internal("a write failed before"))?;
        self.core = Some(blocking(move || core.take(batch)).await?);
        Ok(())
    }

    /// Takes a whole body.
    ///
    /// # Errors
    /// `broken_body` when it breaks or the sender falls silent, and as [`Sink::write`].
    pub(crate) async fn write_all<S, E>(&mut self, body: S) -> Result<(), Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: std::fmt::Display,
    {
        let mut body = std::pin::pin!(body);
        loop {
            let next = tokio::time::timeout(STALL, body.next()).await;
            match next.map_err(|_| error::broken_body("no bytes for a minute"))? {
                None => return Ok(()),
                Some(Ok(bytes)) => self.write(bytes).await?,
                Some(Err(error)) => return Err(error::broken_body(&error.to_string())),
            }
        }
    }

    /// Writes what is held, syncs the file and returns its digests.
    pub(crate) async fn finish(mut self) -> Result<Staged, Error> {
        let batch = std::mem::take(&mut self.pending);
        let core = self.core.take().ok_or_else(|| Error::internal("a write failed before"))?;
        let core = blocking(move || {
            let core = core.take(batch)?;
            core.file.sync_data()?;
            Ok(core)
        })
        .await?;
        Ok(Staged {
            file: self.path,
            size: core.size,
            md5: core.md5.finalize().into(),
            sha256: hex::encode(core.sha256.finalize()),
            checksum: core.checks.finalize(),
        })
    }
}

/// A complete file that nobody sees yet.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) file: Temporary,
    pub(crate) size: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) sha256: String,
    pub(crate) checksum: Checksum,
}

/// Hashes a file that was written piece by piece.
pub(crate) async fn hash_file(path: PathBuf) -> Result<Staged, Error> {
    blocking(move || {
        let mut file = File::open(&path)?;
        let (mut md5, mut sha256, mut size) = (Md5::new(), Sha256::new(), 0);
        let mut buffer = vec![0; BATCH];
        loop {
            let read = std::io::Read::read(&mut file, &mut buffer)?;
            if read == 0 {
                break;
            }
            md5.update(&buffer[..read]);
            sha256.update(&buffer[..read]);
            size += read as u64;
        }
        file.sync_data()?;
        let (md5, sha256) = (md5.finalize().into(), hex::encode(sha256.finalize()));
        Ok(Staged { file: Temporary::new(path), size, md5, sha256, checksum: Checksum::default() })
    })
    .await
}

/// Runs file work on a blocking thread.
pub(crate) async fn blocking<T, F>(work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce() -> std::io::Result<T> + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(error::io)
}
