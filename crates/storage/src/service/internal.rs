//! Objects for the platform itself: sealed logs and the like, below `logs/`.

use super::{Along, OnlyIf, Service, Write};
use crate::blobs::ByteStream;
use crate::key::Key;
use crate::model::Bucket;
use crate::staging::Allowance;
use crate::store::objects::{self, Metadata, Object};
use bytes::Bytes;
use castalia_base::{Ctx, Error};
use castalia_http::ByteRange;
use futures::Stream;
use s3s::checksum::ChecksumHasher;
use std::sync::Arc;

impl Service {
    /// Writes an object of the platform's own. Call it outside of any transaction.
    ///
    /// # Errors
    /// `invalid_key`, `disk_full`, `broken_body`. The project's quota does not count here: what the
    /// platform owes its users (logs) is kept also when they are over it.
    pub async fn put_internal<S, E>(
        self: &Arc<Self>,
        bucket: &Bucket,
        key: &str,
        bytes: S,
    ) -> Result<Object, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: std::fmt::Display,
    {
        self.put_when(bucket, key, bytes, OnlyIf::Always).await
    }

    /// Writes an object of the platform's own in the place of what has the ETag `over`, or of nothing.
    ///
    /// # Errors
    /// As [`Service::put_internal`]; `precondition_failed` when something else is there.
    pub async fn replace_internal<S, E>(
        self: &Arc<Self>,
        bucket: &Bucket,
        key: &str,
        bytes: S,
        over: Option<&str>,
    ) -> Result<Object, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: std::fmt::Display,
    {
        let only_if = over.map_or(OnlyIf::Absent, |etag| OnlyIf::Etag(etag.to_owned()));
        self.put_when(bucket, key, bytes, only_if).await
    }

    async fn put_when<S, E>(
        self: &Arc<Self>,
        bucket: &Bucket,
        key: &str,
        bytes: S,
        only_if: OnlyIf,
    ) -> Result<Object, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: std::fmt::Display,
    {
        let key = Key::parse(key)?;
        let mut sink = self.staging.sink("new", Allowance::default(), ChecksumHasher::default())?;
        sink.write_all(bytes).await?;
        let write = Write {
            bucket: Bucket { quota_bytes: None, ..bucket.clone() },
            key,
            staged: sink.finish().await?,
            etag: None,
            content_type: "application/octet-stream".into(),
            metadata: Metadata::default(),
            written_by: "system".into(),
            credential: None,
            quota: None,
            only_if,
        };
        self.commit(write, Along::default()).await
    }

    /// Writes an object of the platform's own from memory.
    ///
    /// # Errors
    /// As [`Service::put_internal`].
    pub async fn put_internal_bytes(
        self: &Arc<Self>,
        bucket: &Bucket,
        key: &str,
        bytes: Bytes,
    ) -> Result<Object, Error> {
        let once = futures::stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
        self.put_internal(bucket, key, once).await
    }

    /// The bytes `start..end` of an object, or all; an end behind the last byte means the last byte.
    ///
    /// # Errors
    /// `no_such_key`.
    pub async fn read_range(
        &self,
        bucket: &Bucket,
        key: &str,
        range: Option<(u64, u64)>,
    ) -> Result<(Object, ByteStream), Error> {
        let choose = |object: &Object| {
            Ok(range.map(|(start, end)| {
                let end = end.min(object.size);
                ByteRange { start: start.min(end), end }
            }))
        };
        let (object, _, bytes) = self.read(bucket, &Key::parse(key)?, choose).await?;
        Ok((object, bytes))
    }

    /// The size of an object in bytes, `None` when there is none.
    ///
    /// # Errors
    /// `invalid_key`, or whatever the database says.
    pub async fn size(&self, bucket: &Bucket, key: &str) -> Result<Option<u64>, Error> {
        let key = Key::parse(key)?;
        let found = objects::find(&mut self.db.read(), bucket.project.as_str(), key.as_str()).await?;
        Ok(found.map(|object| object.size))
    }

    /// Removes one object of the platform's own; says whether there was one.
    ///
    /// # Errors
    /// `invalid_key`, or whatever the database or the disk says.
    pub async fn delete_internal(self: &Arc<Self>, bucket: &Bucket, key: &str) -> Result<bool, Error> {
        let ctx = Ctx::system(self.clock.clone());
        self.remove(&ctx, bucket, &Key::parse(key)?, OnlyIf::Always).await
    }

    /// Removes every object below a prefix that ends with a slash. Returns how many there were.
    ///
    /// # Errors
    /// `invalid_key`, or whatever the database or the disk says; calling again goes on.
    pub async fn delete_prefix(self: &Arc<Self>, bucket: &Bucket, prefix: &str) -> Result<u64, Error> {
        let folder = prefix.strip_suffix('/').unwrap_or(prefix);
        Key::parse(folder)?;
        let found =
            objects::all_below(&mut self.db.read(), bucket.project.as_str(), &format!("{folder}/")).await?;
        let (ctx, mut gone) = (Ctx::system(self.clock.clone()), 0);
        for object in found {
            gone += u64::from(self.remove(&ctx, bucket, &Key::parse(&object.key)?, OnlyIf::Always).await?);
        }
        Ok(gone)
    }
}
