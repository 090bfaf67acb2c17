//! Where the bytes are: a folder, or an object store elsewhere.
//!
//! The folder is ours and not `object_store`'s, because that follows symbolic links out of its root and
//! copies by hard links; people and programs can write into a bucket's folder.

mod folder;
mod remote;
mod transport;

use crate::config::BlobConfig;
use crate::key::Key;
use crate::staging::{Staging, Temporary};
use bytes::Bytes;
use castalia_base::Error;
use castalia_http::ByteRange;
use futures::Stream;
use std::path::Path;
use std::pin::Pin;

pub(crate) use folder::{Aside, Folder};
use remote::Remote;

/// Bytes on their way out.
pub type ByteStream = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send + Sync>>;

/// The blobs of all buckets.
pub(crate) enum Blobs {
    Folder(Folder),
    Remote(Remote),
}

impl Blobs {
    pub(crate) fn open(config: &BlobConfig, data: &Path) -> Result<Self, Error> {
        Ok(match config {
            BlobConfig::Folder => Self::Folder(Folder::open(data.join("buckets"))?),
            BlobConfig::S3(config) => Self::Remote(Remote::s3(config)?),
            BlobConfig::Memory => Self::Remote(Remote::memory()),
        })
    }
    /// Makes a staged file the blob of `key`, in one step for all readers.
    pub(crate) async fn publish(&self, bucket: &str, key: &Key, file: &mut Temporary) -> Result<(), Error> {
        match self {
            Self::Folder(folder) => folder.publish(bucket, key, file).await,
            Self::Remote(remote) => remote.publish(bucket, key, file).await,
        }
    }
    /// The bytes of a blob that has `size` bytes.
    pub(crate) async fn read(
        &self,
        bucket: &str,
        key: &Key,
        range: ByteRange,
        size: u64,
    ) -> Result<ByteStream, Error> {
        match self {
            Self::Folder(folder) => folder.read(bucket, key, range, size).await,
            Self::Remote(remote) => remote.read(bucket, key, range).await,
        }
    }
    /// Removes a blob; one that is gone already is no error.
    pub(crate) async fn delete(&self, bucket: &str, key: &Key) -> Result<(), Error> {
        match self {
            Self::Folder(folder) => folder.delete(bucket, key).await,
            Self::Remote(remote) => remote.delete(bucket, key).await,
        }
    }
    /// Keeps the present blob aside until a change of its row is sure; `None` where that can't be done
    /// or there is none.
    pub(crate) async fn set_aside(
        &self,
        staging: &Staging,
        bucket: &str,
        key: &Key,
        new_etag: &str,
    ) -> Result<Option<Aside>, Error> {
        match self {
            Self::Folder(folder) => folder.set_aside(staging, bucket, key, new_etag).await,
            Self::Remote(_) => Ok(None),
        }
    }
}
