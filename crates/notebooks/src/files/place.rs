//! Where a file lies: in the project's bucket, or in a folder.
//!
//! A file is known by the SHA-256 of its bytes, never by its time. A write says which content it replaces; if another is
//! there it is refused, so that nobody's change is overwritten unseen.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use castalia_base::{Error, Kind};
use castalia_storage::{Bucket, Object};
use futures::TryStreamExt;
use futures::stream::BoxStream;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;

/// What is refused with this code was overtaken by another writer: look at the file and come again.
pub(crate) const CHANGED: &str = "file_changed";

/// Bytes that come in pieces.
pub type Pieces = BoxStream<'static, Result<Bytes, Error>>;

/// A place of one file.
#[async_trait]
pub(crate) trait Place: Send + Sync {
    /// The digest of what is there; `None` when nothing is.
    async fn digest(&self) -> Result<Option<String>, Error>;
    /// What is there.
    async fn read(&self) -> Result<Option<Bytes>, Error>;
    /// Puts bytes there as one act, if what is there has the digest `over`.
    async fn write(&self, bytes: Pieces, over: Option<&str>) -> Result<(), Error>;
    /// Whether other programs work with it at the same time, so that it is to be looked at now and then.
    fn is_shared(&self) -> bool {
        false
    }
    /// Tells for little whether it may have changed. `None` when nothing is there, or it is not shared.
    async fn stamp(&self) -> Result<Option<Stamp>, Error> {
        Ok(None)
    }
}

/// A file as its folder has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The number of the file.
    pub(super) file: u64,
    /// Its length.
    pub(super) bytes: i64,
    /// When it was written.
    pub(super) seconds: i64,
    pub(super) nanoseconds: i64,
}

pub(super) fn changed() -> Error {
    Error::conflict(CHANGED, "the file was changed by somebody else meanwhile")
}

/// A file in the project's bucket.
pub(crate) struct InBucket {
    pub(crate) storage: Arc<castalia_storage::Service>,
    pub(crate) bucket: Bucket,
    pub(crate) key: String,
}

impl InBucket {
    async fn object(&self) -> Result<Option<Object>, Error> {
        match self.storage.read_range(&self.bucket, &self.key, Some((0, 0))).await {
            Ok((object, _)) => Ok(Some(object)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Place for InBucket {
    async fn digest(&self) -> Result<Option<String>, Error> {
        Ok(self.object().await?.map(|object| object.sha256))
    }

    async fn read(&self) -> Result<Option<Bytes>, Error> {
        read_object(&self.storage, &self.bucket, &self.key).await
    }

    async fn write(&self, bytes: Pieces, over: Option<&str>) -> Result<(), Error> {
        let there = self.object().await?;
        if there.as_ref().map(|object| object.sha256.as_str()) != over {
            return Err(changed());
        }
        let etag = there.as_ref().map(|object| object.etag.as_str());
        match self.storage.replace_internal(&self.bucket, &self.key, bytes, etag).await {
            Err(error) if error.code() == "precondition_failed" => Err(changed()),
            done => done.map(drop),
        }
    }
}

/// The bytes of an object; `None` when there is none.
pub(crate) async fn read_object(
    storage: &castalia_storage::Service,
    bucket: &Bucket,
    key: &str,
) -> Result<Option<Bytes>, Error> {
    read_part(storage, bucket, key, None).await
}

/// Some of the bytes of an object.
pub(crate) async fn read_part(
    storage: &castalia_storage::Service,
    bucket: &Bucket,
    key: &str,
    part: Option<(u64, u64)>,
) -> Result<Option<Bytes>, Error> {
    let stream = match storage.read_range(bucket, key, part).await {
        Ok((_, stream)) => stream,
        Err(error) if error.kind() == Kind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let all: BytesMut = stream.try_collect().await.map_err(Error::internal)?;
    Ok(Some(all.freeze()))
}

/// A file in a folder that others write to as well.
pub(crate) struct InFolder {
    pub(crate) path: PathBuf,
}

#[async_trait]
impl Place for InFolder {
    async fn digest(&self) -> Result<Option<String>, Error> {
        let path = self.path.clone();
        blocking(move || digest_of(&path)).await
    }

    async fn read(&self) -> Result<Option<Bytes>, Error> {
        let path = self.path.clone();
        blocking(move || read_file(&path)).await
    }

    /// Writes beside and renames into place, with a lock that other servers of ours respect.
    async fn write(&self, bytes: Pieces, over: Option<&str>) -> Result<(), Error> {
        let (path, over) = (self.path.clone(), over.map(str::to_owned));
        let (beside, file) = blocking({
            let path = path.clone();
            move || tempfile_beside(&path)
        })
        .await?;
        let filled = fill(&path, file, bytes).await;
        let done = match filled {
            Ok(()) => {
                let beside = beside.clone();
                blocking(move || replace(&path, &beside, over.as_deref())).await
            }
            Err(error) => Err(error),
        };
        if done.is_err() {
            drop(tokio::fs::remove_file(&beside).await);
        }
        done
    }
}

pub(super) async fn fill(path: &Path, file: std::fs::File, mut bytes: Pieces) -> Result<(), Error> {
    let io = |error: std::io::Error| refused(path, &error);
    let mut file = tokio::fs::File::from_std(file);
    while let Some(piece) = bytes.try_next().await? {
        file.write_all(&piece).await.map_err(io)?;
    }
    file.flush().await.map_err(io)?;
    file.sync_all().await.map_err(io)
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

fn read_file(path: &Path) -> Result<Option<Bytes>, Error> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused(path, &error)),
    }
}

/// The digest of a file; `None` when there is none.
fn digest_of(path: &Path) -> Result<Option<String>, Error> {
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(path, &error)),
    };
    let mut hash = Sha256::new();
    std::io::copy(&mut file, &mut hash).map_err(|error| refused(path, &error))?;
    Ok(Some(hex::encode(hash.finalize())))
}

fn replace(path: &Path, beside: &Path, over: Option<&str>) -> Result<(), Error> {
    let io = |error: std::io::Error| refused(path, &error);
    let lock = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(hidden_beside(path, ".lock"))
        .map_err(io)?;
    lock.lock().map_err(io)?;
    if digest_of(path)?.as_deref() != over {
        return Err(changed());
    }
    if let Ok(before) = std::fs::metadata(path) {
        std::fs::set_permissions(beside, before.permissions()).map_err(io)?;
    }
    std::fs::rename(beside, path).map_err(io)
}

fn hidden_beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}{ending}"))
}

fn tempfile_beside(path: &Path) -> Result<(PathBuf, std::fs::File), Error> {
    let io = |error: std::io::Error| refused(path, &error);
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(io)?;
    let beside = hidden_beside(path, &format!(".{:016x}.tmp", rand::random::<u64>()));
    let file = std::fs::OpenOptions::new().create_new(true).write(true).open(&beside).map_err(io)?;
    Ok((beside, file))
}

/// A failure of the disk in words for the banner.
pub(super) fn refused(path: &Path, error: &std::io::Error) -> Error {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (code, why) = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            ("disk_full", "the disk is full")
        }
        std::io::ErrorKind::PermissionDenied => ("not_writable", "the server may not write there"),
        std::io::ErrorKind::ReadOnlyFilesystem => ("not_writable", "the disk can only be read"),
        _ => {
            return Error::new(
                Kind::Unavailable,
                "file_failed",
                format!("`{name}` could not be written: {error}"),
            );
        }
    };
    Error::new(Kind::Unavailable, code, format!("`{name}` could not be written: {why}"))
}
