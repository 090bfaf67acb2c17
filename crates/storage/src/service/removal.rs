//! Removing objects.

use super::objects::upload_event;
use super::{OnlyIf, Service};
use crate::key::Key;
use crate::model::Bucket;
use crate::store::{objects, uploads};
use castalia_base::{Ctx, Error};
use castalia_events::append;
use std::sync::Arc;

/// The id of the platform itself.
const SYSTEM: &str = "system";

impl Service {
    /// Removes an object; says whether there was one. What a person removes must not be in use.
    pub(crate) async fn remove(
        self: &Arc<Self>,
        ctx: &Ctx,
        bucket: &Bucket,
        key: &Key,
        only_if: OnlyIf,
    ) -> Result<bool, Error> {
        let (service, ctx, bucket, key) = (self.clone(), ctx.clone(), bucket.clone(), key.clone());
        let work = async move {
            let _lock = service.keys.write(bucket.project.as_str(), key.as_str()).await;
            if ctx.principal().id != SYSTEM {
                service.refuse_used_upload(&bucket, &key).await?;
            }
            let gone = service.remove_row(&ctx, &bucket, &key, &only_if).await?;
            // The row is gone: a blob that outlives it is garbage for the sweep.
            service.blobs.delete(&bucket.name, &key).await?;
            Ok(gone)
        };
        tokio::spawn(work).await.map_err(Error::internal)?
    }

    async fn remove_row(
        &self,
        ctx: &Ctx,
        bucket: &Bucket,
        key: &Key,
        only_if: &OnlyIf,
    ) -> Result<bool, Error> {
        let project = bucket.project.as_str();
        let mut tx = self.db.begin().await?;
        objects::lock(&mut tx, project).await?;
        only_if.check(objects::find(&mut tx, project, key.as_str()).await?.as_ref())?;
        let gone = objects::delete(&mut tx, project, key.as_str()).await?;
        let mut events = Vec::new();
        if let Some(name) = key.as_str().strip_prefix("uploads/")
            && let Some(upload) = uploads::find_by_name(&mut tx, project, name).await?
        {
            uploads::delete_by_name(&mut tx, project, name).await?;
            events.push(upload_event("upload.deleted", &upload));
        }
        append(&mut tx, ctx, events).await?;
        tx.commit().await?;
        Ok(gone)
    }

    /// Refuses when the key is an upload that a queued or running version needs.
    pub(crate) async fn refuse_used_upload(&self, bucket: &Bucket, key: &Key) -> Result<(), Error> {
        let Some(name) = key.as_str().strip_prefix("uploads/") else { return Ok(()) };
        match uploads::find_by_name(&mut self.db.read(), bucket.project.as_str(), name).await? {
            Some(upload) => self.refuse_in_use(bucket, upload.id.as_str()).await,
            None => Ok(()),
        }
    }
}
