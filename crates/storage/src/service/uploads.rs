//! Uploads: files that people bring.

use super::{Along, OnlyIf, Service, Write};
use crate::error;
use crate::key::Key;
use crate::media;
use crate::model::{Bucket, Upload};
use crate::staging::Staged;
use crate::store::listing::{Sort, Wanted, token};
use crate::store::objects::Metadata;
use crate::store::uploads;
use bytes::Bytes;
use castalia_base::id::UploadId;
use castalia_base::{Ctx, Error, Timestamp};
use castalia_http::Page;
use futures::Stream;
use s3s::checksum::ChecksumHasher;
use schemars::JsonSchema;
use serde::Deserialize;
use std::io::Read;
use std::sync::Arc;

/// Which uploads to list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct UploadFilter {
    /// The project, by name or id.
    pub project: String,
    /// Only those whose media type begins with one of these (`media_type=text/csv&media_type=image/`, at most 8).
    #[serde(default)]
    pub media_type: Vec<String>,
    /// Only those whose name contains this, whatever the case.
    pub name: Option<String>,
    /// The order; oldest first unless told.
    #[serde(default)]
    pub sort: Sort,
    /// The `next` of the page before, in the same order.
    pub after: Option<String>,
    /// How many at most (1 to 500, 100 unless told).
    pub limit: Option<u32>,
}

/// What is said about an upload before its bytes.
#[derive(Clone, Debug, Default)]
pub struct UploadOptions {
    /// The project, by name or id.
    pub project: String,
    /// Its name there; may have folders.
    pub name: String,
    /// Whether an upload of this name may be replaced.
    pub replace: bool,
    /// What it is; guessed when absent.
    pub media_type: Option<String>,
    /// Its SHA-256 in hexadecimal, to be verified.
    pub sha256: Option<String>,
    /// Its size in bytes, when known before.
    pub size: Option<u64>,
}

/// Where an upload will be.
pub(super) struct Place {
    pub(super) bucket: Bucket,
    pub(super) key: Key,
}

impl Service {
    /// Stores a body as an upload. A body that breaks leaves nothing.
    ///
    /// # Errors
    /// `upload_exists`, `upload_too_large`, `quota_exceeded`, `checksum_mismatch`, `broken_body`,
    /// `disk_full`, `invalid_key`, and as the permission `uploads.create` says.
    pub async fn upload<S, E>(
        self: &Arc<Self>,
        ctx: &Ctx,
        options: &UploadOptions,
        body: S,
    ) -> Result<Upload, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: std::fmt::Display,
    {
        let place = self.may_upload(ctx, options).await?;
        let limit = Some(self.config.max_upload_bytes);
        let allowance = self.allowance(&place.bucket, limit, None, 0, place.key.as_str()).await?;
        if let Some(size) = options.size {
            allowance.check(size)?;
        }
        let mut sink = self.staging.sink("new", allowance, ChecksumHasher::default())?;
        sink.write_all(body).await?;
        let staged = sink.finish().await?;
        if options.size.is_some_and(|size| size != staged.size) {
            return Err(error::broken_body("its length is not the announced one"));
        }
        self.finish_upload(ctx, place, UploadId::fresh(), options, staged, None).await
    }

    /// Checks the permission, the name and whether it is free.
    pub(super) async fn may_upload(&self, ctx: &Ctx, options: &UploadOptions) -> Result<Place, Error> {
        let bucket = self.bucket(ctx, "uploads.create", &options.project).await?;
        let key = Key::parse(&format!("uploads/{}", options.name))?;
        if options.size.is_some_and(|size| size > self.config.max_upload_bytes) {
            return Err(error::upload_too_large(self.config.max_upload_bytes, options.size));
        }
        if let Some(kind) = options.media_type.as_deref().filter(|kind| !media::is_media_type(kind)) {
            return Err(Error::invalid(
                "invalid_media_type",
                format!("`{}` is no media type", kind.escape_default()),
            ));
        }
        let old = uploads::find_by_name(&mut self.db.read(), bucket.project.as_str(), &options.name).await?;
        if let Some(old) = old {
            if !options.replace {
                return Err(exists(&options.name));
            }
            self.refuse_in_use(&bucket, old.id.as_str()).await?;
        }
        Ok(Place { bucket, key })
    }

    /// Verifies a complete body and makes it visible.
    pub(super) async fn finish_upload(
        self: &Arc<Self>,
        ctx: &Ctx,
        place: Place,
        id: UploadId,
        options: &UploadOptions,
        staged: Staged,
        session: Option<String>,
    ) -> Result<Upload, Error> {
        if options.sha256.as_ref().is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&staged.sha256)) {
            return Err(error::checksum_mismatch("SHA-256"));
        }
        let media_type = match &options.media_type {
            Some(kind) => kind.clone(),
            None => media::guess(&options.name, &head(&staged)).to_owned(),
        };
        let upload = Upload {
            id,
            project: place.bucket.project.clone(),
            name: options.name.clone(),
            key: place.key.as_str().to_owned(),
            size: staged.size,
            media_type: media_type.clone(),
            sha256: staged.sha256.clone(),
            columns: Vec::new(),
            crs: None,
            created_by: ctx.principal().id.clone(),
            created_at: ctx.now(),
        };
        let write = Write {
            bucket: place.bucket,
            key: place.key,
            staged,
            etag: None,
            content_type: media_type,
            metadata: Metadata::default(),
            written_by: ctx.principal().id.clone(),
            credential: None,
            quota: None,
            only_if: if options.replace { OnlyIf::Always } else { OnlyIf::Absent },
        };
        let along = Along { upload: Some((ctx.clone(), upload.clone())), session, multipart: None };
        match self.commit(write, along).await {
            Ok(_) => {
                let mut upload = upload;
                // It is stored; what it looks like can be found later too.
                if let Err(error) = self.structure_uploads(std::slice::from_mut(&mut upload)).await {
                    tracing::warn!(
                        upload = upload.id.as_str(),
                        error = error.chain(),
                        "can't look into an upload"
                    );
                }
                Ok(upload)
            }
            Err(error) if error.code() == "precondition_failed" => Err(exists(&options.name)),
            Err(error) => Err(error),
        }
    }

    /// The upload, if the caller may see it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_upload(&self, ctx: &Ctx, id: &str) -> Result<Upload, Error> {
        let mut upload = self.upload_with(ctx, "uploads.view", id).await?;
        self.structure_uploads(std::slice::from_mut(&mut upload)).await?;
        Ok(upload)
    }

    pub(super) async fn upload_with(&self, ctx: &Ctx, permission: &str, id: &str) -> Result<Upload, Error> {
        let found = uploads::find(&mut self.db.read(), id).await?;
        let upload = found.ok_or_else(|| Error::not_found("upload", id))?;
        ctx.require(permission, upload.project.as_str(), "upload", id)?;
        Ok(upload)
    }

    /// The uploads of a project.
    ///
    /// # Errors
    /// As the permission `uploads.view` says.
    pub async fn list_uploads(&self, ctx: &Ctx, filter: &UploadFilter) -> Result<Page<Upload>, Error> {
        let bucket = self.bucket(ctx, "uploads.view", &filter.project).await?;
        let limit = filter.limit.unwrap_or(100).clamp(1, 500) as usize;
        let wanted = Wanted {
            media_types: filter.media_type.clone(),
            name: filter.name.clone().unwrap_or_default(),
            sort: filter.sort,
            after: filter.after.clone().unwrap_or_default(),
            limit: limit + 1,
        };
        let found = uploads::list(&mut self.db.read(), bucket.project.as_str(), &wanted).await?;
        let mut page = Page::of(found, limit, |u| token(filter.sort, u.id.as_str(), &u.name, u.size));
        self.structure_uploads(&mut page.items).await?;
        Ok(page)
    }

    /// Deletes an upload that nobody needs now. Datasets that were made from it remember its name.
    ///
    /// # Errors
    /// `in_use`, `not_found`, and as the permission `uploads.delete` says.
    pub async fn delete_upload(self: &Arc<Self>, ctx: &Ctx, id: &str) -> Result<(), Error> {
        let upload = self.upload_with(ctx, "uploads.delete", id).await?;
        let bucket = self.bucket_of(upload.project.as_str()).await?;
        self.refuse_in_use(&bucket, id).await?;
        // Only these bytes: an upload that replaced them meanwhile stays.
        let object = self.head(&bucket, &Key::parse(&upload.key)?).await;
        let only_if = match object {
            Ok(object) if object.sha256 == upload.sha256 => OnlyIf::Etag(object.etag),
            _ => OnlyIf::Always,
        };
        self.remove(ctx, &bucket, &Key::parse(&upload.key)?, only_if).await.map(|_| ())
    }

    /// When an unfinished upload is given up if nothing more comes.
    pub(super) fn upload_expiry(&self) -> Timestamp {
        self.clock.now().plus_ms(self.config.upload_expiry_ms)
    }
}

fn exists(name: &str) -> Error {
    let text = format!("an upload `{name}` exists already; choose another name or allow replacing it");
    Error::conflict("upload_exists", text)
}

/// The first bytes of a file, for guessing what it is.
fn head(staged: &Staged) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    let file = std::fs::File::open(staged.file.path());
    // A guess may fail: then the name decides.
    file.and_then(|file| file.take(64).read_to_end(&mut bytes)).ok();
    bytes
}
