//! Where a file lies: in the project's bucket, or in a folder.
//!
//! A file is known by the SHA-256 of its bytes, never by its time. A write says which content it replaces; if another is
//! there it is refused, so that nobody's change is overwritten unseen.

use crate::document::model::sha256;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use castalia_base::{Error, Kind};
use castalia_storage::{Bucket, Object};
use futures::TryStreamExt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is refused with this code was overtaken by another writer: look at the file and come again.
pub(crate) const CHANGED: &str = "file_changed";

/// A place of one file.
#[async_trait]
pub(crate) trait Place: Send + Sync {
    /// The digest of what is there; `None` when nothing is.
    async fn digest(&self) -> Result<Option<String>, Error>;
    /// What is there.
    async fn read(&self) -> Result<Option<Bytes>, Error>;
    /// Puts bytes there as one act, if what is there has the digest `over`.
    async fn write(&self, bytes: Bytes, over: Option<&str>) -> Result<(), Error>;
}

fn changed() -> Error {
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

    async fn write(&self, bytes: Bytes, over: Option<&str>) -> Result<(), Error> {
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
        Ok(self.read().await?.map(|bytes| sha256(&bytes)))
    }

    async fn read(&self) -> Result<Option<Bytes>, Error> {
        let path = self.path.clone();
        blocking(move || read_file(&path)).await
    }

    async fn write(&self, bytes: Bytes, over: Option<&str>) -> Result<(), Error> {
        let (path, over) = (self.path.clone(), over.map(str::to_owned));
        blocking(move || replace(&path, &bytes, over.as_deref())).await
    }
}

async fn blocking<T: Send + 'static>(
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

/// Writes beside and renames into place, with a lock that other servers of ours respect.
fn replace(path: &Path, bytes: &[u8], over: Option<&str>) -> Result<(), Error> {
    let io = |error: std::io::Error| refused(path, &error);
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    std::fs::create_dir_all(folder).map_err(io)?;
    let lock = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(format!(".{name}.lock")))
        .map_err(io)?;
    lock.lock().map_err(io)?;
    if read_file(path)?.map(|there| sha256(&there)).as_deref() != over {
        return Err(changed());
    }
    let (beside, mut file) = tempfile_in(folder, &name).map_err(io)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let renamed = written.and_then(|()| {
        if let Ok(before) = std::fs::metadata(path) {
            std::fs::set_permissions(&beside, before.permissions())?;
        }
        std::fs::rename(&beside, path)
    });
    if renamed.is_err() {
        drop(std::fs::remove_file(&beside));
    }
    renamed.map_err(io)
}

fn tempfile_in(folder: &Path, name: &str) -> std::io::Result<(PathBuf, std::fs::File)> {
    let path = folder.join(format!(".{name}.{:016x}.tmp", rand::random::<u64>()));
    let file = std::fs::OpenOptions::new().create_new(true).write(true).open(&path)?;
    Ok((path, file))
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
