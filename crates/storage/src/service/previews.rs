//! First looks at uploads and datasets.

use super::Service;
use crate::key::Key;
use crate::model::Bucket;
use crate::preview::{HEAD, Preview, Shown, preview};
use crate::store::objects::Object;
use castalia_base::{Ctx, Error};
use castalia_http::ByteRange;
use futures::TryStreamExt;

impl Service {
    /// A first look at a dataset.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn preview_dataset(&self, ctx: &Ctx, id: &str, rows: usize) -> Result<Preview, Error> {
        let dataset = self.dataset_with(ctx, "datasets.view", id).await?;
        let bucket = self.bucket_of(dataset.project.as_str()).await?;
        let mut preview = self.preview(&bucket, &dataset.key, &dataset.media_type, rows).await?;
        match &mut preview.shown {
            Shown::Table { columns, .. } => dataset.said().add_to(columns),
            Shown::Geojson { crs, .. } => *crs = dataset.crs.unwrap_or_else(|| std::mem::take(crs)),
            _ => {}
        }
        Ok(preview)
    }

    /// A first look at an upload.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn preview_upload(&self, ctx: &Ctx, id: &str, rows: usize) -> Result<Preview, Error> {
        let upload = self.upload_with(ctx, "uploads.view", id).await?;
        let bucket = self.bucket_of(upload.project.as_str()).await?;
        self.preview(&bucket, &upload.key, &upload.media_type, rows).await
    }

    async fn preview(
        &self,
        bucket: &Bucket,
        key: &str,
        media_type: &str,
        rows: usize,
    ) -> Result<Preview, Error> {
        let head = |object: &Object| Ok(Some(ByteRange { start: 0, end: object.size.min(HEAD) }));
        let (object, _, bytes) = self.read(bucket, &Key::parse(key)?, head).await?;
        let collect = |mut all: Vec<u8>, chunk: bytes::Bytes| async move {
            all.extend_from_slice(&chunk);
            Ok(all)
        };
        let head = bytes.try_fold(Vec::new(), collect).await.map_err(crate::error::io)?;
        let media_type = media_type.to_owned();
        let work = move || preview(&media_type, object.size, &head, rows);
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}
