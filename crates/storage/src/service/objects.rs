//! Objects: write, read, delete. All ways in and out of a bucket pass here.
//!
//! Within one server a lock per key makes “the row and the bytes belong together” exact. A write is: check,
//! set the old blob aside, rename the new one into place, record it. When recording fails the old blob comes
//! back; when the server dies in between, the next start settles it by the recorded ETag.

use super::Service;
use crate::blobs::{Aside, ByteStream};
use crate::error;
use crate::key::Key;
use crate::model::{Bucket, Upload};
use crate::staging::{Allowance, Staged};
use crate::store::objects::{self, Metadata, Object};
use crate::store::{credentials, multipart, uploads};
use castalia_base::{Ctx, Error, Kind};
use castalia_db::Sql;
use castalia_events::{NewEvent, append};
use castalia_http::ByteRange;
use serde_json::json;
use std::sync::Arc;

/// Under which condition a write or a delete happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum OnlyIf {
    #[default]
    Always,
    /// Nothing is there yet.
    Absent,
    /// What is there has this ETag.
    Etag(String),
}

/// A complete staged file on its way into a bucket.
pub(crate) struct Write {
    pub(crate) bucket: Bucket,
    pub(crate) key: Key,
    pub(crate) staged: Staged,
    /// The ETag, when it is not the MD5.
    pub(crate) etag: Option<String>,
    pub(crate) content_type: String,
    pub(crate) metadata: Metadata,
    pub(crate) written_by: String,
    /// The access key that must still be alive when the write is recorded.
    pub(crate) credential: Option<String>,
    /// A prefix that may not hold more than so many bytes.
    pub(crate) quota: Option<(String, u64)>,
    pub(crate) only_if: OnlyIf,
}

/// What is recorded together with an object.
#[derive(Default)]
pub(crate) struct Along {
    /// The upload that it is, and who brings it.
    pub(crate) upload: Option<(Ctx, Upload)>,
    /// The resumable upload that it ends.
    pub(crate) session: Option<String>,
    /// The multipart upload that it ends.
    pub(crate) multipart: Option<String>,
}

impl Service {
    /// Makes a staged file an object. Goes on to its end also when the caller goes away.
    ///
    /// # Errors
    /// `quota_exceeded`, `precondition_failed`, `key_conflict`, `disk_full`.
    pub(crate) async fn commit(self: &Arc<Self>, write: Write, along: Along) -> Result<Object, Error> {
        let service = self.clone();
        tokio::spawn(async move { service.commit_now(write, along).await }).await.map_err(Error::internal)?
    }

    async fn commit_now(&self, mut write: Write, along: Along) -> Result<Object, Error> {
        let object = Object {
            key: write.key.as_str().to_owned(),
            size: write.staged.size,
            etag: write.etag.clone().unwrap_or_else(|| hex::encode(write.staged.md5)),
            sha256: write.staged.sha256.clone(),
            content_type: write.content_type.clone(),
            metadata: write.metadata.clone(),
            modified: self.clock.now(),
            written_by: write.written_by.clone(),
        };
        let _lock = self.keys.write(write.bucket.project.as_str(), object.key.as_str()).await;
        let existed = self.may_write(&mut self.db.read(), &write).await?;
        let bucket = write.bucket.name.clone();
        let aside = match existed {
            true => self.blobs.set_aside(&self.staging, &bucket, &write.key, &object.etag).await?,
            false => None,
        };
        if let Err(error) = self.blobs.publish(&bucket, &write.key, &mut write.staged.file).await {
            aside.into_iter().for_each(Aside::forget);
            return Err(error);
        }
        match self.record(&write, &object, &along).await {
            Ok(()) => {
                aside.into_iter().for_each(Aside::forget);
                Ok(object)
            }
            Err(error) => self.undo(&write, object, aside, existed, error).await,
        }
    }

    /// Checks the condition, the shape of the tree and the quotas; says whether the object exists.
    async fn may_write(&self, sql: &mut impl Sql, write: &Write) -> Result<bool, Error> {
        let project = write.bucket.project.as_str();
        let old = objects::find(sql, project, write.key.as_str()).await?;
        write.only_if.check(old.as_ref())?;
        if old.is_none() && objects::clashes(sql, project, write.key.as_str()).await? {
            return Err(error::key_is_folder(write.key.as_str()));
        }
        let freed = old.as_ref().map_or(0, |old| old.size);
        let quota = write.quota.as_ref().map(|(prefix, quota)| (prefix.as_str(), *quota));
        let rooms = rooms(sql, &write.bucket, quota, freed).await?;
        Allowance { file: None, rooms }.check(write.staged.size)?;
        Ok(old.is_some())
    }

    async fn record(&self, write: &Write, object: &Object, along: &Along) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        objects::lock(&mut tx, write.bucket.project.as_str()).await?;
        if let Some(key) = &write.credential
            && !credentials::hold(&mut tx, key, self.clock.now()).await?
        {
            return Err(Error::forbidden("a living access key"));
        }
        self.may_write(&mut tx, write).await?;
        objects::upsert(&mut tx, write.bucket.project.as_str(), &write.bucket.name, object).await?;
        if let Some(id) = &along.multipart {
            multipart::complete(&mut tx, id, &object.etag).await?;
        }
        if let Some(id) = &along.session {
            uploads::end_session(&mut tx, id).await?;
        }
        if let Some((ctx, upload)) = &along.upload {
            uploads::put(&mut tx, upload).await?;
            append(&mut tx, ctx, vec![upload_event("upload.created", upload)]).await?;
        }
        tx.commit().await
    }

    /// The change was not recorded, or nobody knows: make the blob fit the row again.
    async fn undo(
        &self,
        write: &Write,
        object: Object,
        aside: Option<Aside>,
        existed: bool,
        error: Error,
    ) -> Result<Object, Error> {
        let row = objects::find(&mut self.db.read(), write.bucket.project.as_str(), &object.key).await;
        match row {
            // The database can't be asked: what was set aside stays for the next start.
            Err(_) => return Err(error),
            Ok(Some(row)) if row.etag == object.etag && row.modified == object.modified => {
                aside.into_iter().for_each(Aside::forget);
                return Ok(object);
            }
            Ok(_) => {}
        }
        let undone = match aside {
            Some(aside) => aside.restore().await,
            None if existed => Ok(()),
            None => self.blobs.delete(&write.bucket.name, &write.key).await,
        };
        if let Err(undo) = undone {
            tracing::warn!(
                key = object.key,
                error = undo.chain(),
                "a failed write could not be undone at once"
            );
        }
        Err(error)
    }

    /// How much may be written to a bucket, known before the first byte.
    pub(crate) async fn allowance(
        &self,
        bucket: &Bucket,
        file: Option<u64>,
        quota: Option<(&str, u64)>,
        staged: u64,
        key: &str,
    ) -> Result<Allowance, Error> {
        let mut sql = self.db.read();
        let old = objects::find(&mut sql, bucket.project.as_str(), key).await?;
        let mut rooms = rooms(&mut sql, bucket, quota, old.map_or(0, |old| old.size)).await?;
        for (used, _) in rooms.iter_mut().flatten() {
            *used = used.saturating_add(staged);
        }
        Ok(Allowance { file, rooms })
    }

    /// The row of an object.
    pub(crate) async fn head(&self, bucket: &Bucket, key: &Key) -> Result<Object, Error> {
        let found = objects::find(&mut self.db.read(), bucket.project.as_str(), key.as_str()).await?;
        found.ok_or_else(|| error::no_such_key(key.as_str()))
    }

    /// An object and its bytes. `choose` sees the row and says which part is wanted (`None` for none).
    pub(crate) async fn read<F>(
        &self,
        bucket: &Bucket,
        key: &Key,
        choose: F,
    ) -> Result<(Object, ByteRange, ByteStream), Error>
    where
        F: FnOnce(&Object) -> Result<Option<ByteRange>, Error> + Send,
    {
        let _lock = self.keys.read(bucket.project.as_str(), key.as_str()).await;
        let object = self.head(bucket, key).await?;
        let range = choose(&object)?.unwrap_or(ByteRange { start: 0, end: object.size });
        let bytes = self.blobs.read(&bucket.name, key, range, object.size).await?;
        Ok((object, range, bytes))
    }
}

/// What is used of a prefix' quota and of the project's, apart from what is about to be replaced.
async fn rooms(
    sql: &mut impl Sql,
    bucket: &Bucket,
    quota: Option<(&str, u64)>,
    freed: u64,
) -> Result<[Option<(u64, u64)>; 2], Error> {
    let project = bucket.project.as_str();
    let mut rooms = [None; 2];
    if let Some((prefix, quota)) = quota {
        rooms[0] = Some((objects::used(sql, project, prefix).await?.saturating_sub(freed), quota));
    }
    if let Some(quota) = bucket.quota_bytes {
        rooms[1] = Some((objects::used_by(sql, project).await?.saturating_sub(freed), quota));
    }
    Ok(rooms)
}

/// The event about an upload.
pub(super) fn upload_event(kind: &'static str, upload: &Upload) -> NewEvent {
    NewEvent {
        topic: format!("upload.{}", upload.id),
        kind,
        project: Some(upload.project.to_string()),
        data: json!({"id": upload.id, "name": upload.name, "size": upload.size, "media_type": upload.media_type}),
    }
}

impl OnlyIf {
    pub(crate) fn check(&self, old: Option<&Object>) -> Result<(), Error> {
        let met = match self {
            Self::Always => true,
            Self::Absent => old.is_none(),
            Self::Etag(etag) => old.is_some_and(|old| old.etag == *etag),
        };
        if met {
            return Ok(());
        }
        Err(Error::new(
            Kind::Conflict,
            "precondition_failed",
            "the object that is there does not meet the condition",
        ))
    }
}
