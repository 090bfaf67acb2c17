//! Writing and removing one object: PUT, DELETE.

use super::Gateway;
use super::access::Scope;
use super::checks::announced;
use super::convert::{etag, kept_headers, metadata};
use crate::key::Key;
use crate::media;
use crate::model::Upload;
use crate::service::{Along, OnlyIf, Write};
use crate::staging::Staged;
use crate::store::objects::{Metadata, Object};
use castalia_base::id::UploadId;
use castalia_base::{Ctx, Grants, Principal};
use futures::StreamExt;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

type Answer<T> = S3Result<S3Response<T>>;

/// A complete staged file on its way to becoming an object.
pub(super) struct Made {
    pub(super) key: Key,
    pub(super) staged: Staged,
    /// The ETag, when it is not the MD5.
    pub(super) etag: Option<String>,
    pub(super) content_type: String,
    pub(super) metadata: Metadata,
    pub(super) only_if: OnlyIf,
    /// The multipart upload that it ends.
    pub(super) multipart: Option<String>,
}

impl Made {
    pub(super) fn new(key: Key, staged: Staged) -> Self {
        let content_type = content_type(None, &key);
        let (metadata, only_if) = (Metadata::default(), OnlyIf::Always);
        Self { key, staged, etag: None, content_type, metadata, only_if, multipart: None }
    }
}

impl Gateway {
    pub(super) async fn put(&self, mut req: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        let scope = Scope::of(&req)?;
        let key = scope.writable(&req.input.key)?;
        let input = &req.input;
        let odd = input.sse_customer_algorithm.is_some()
            || input.tagging.is_some()
            || input.write_offset_bytes.is_some();
        if odd {
            return Err(s3_error!(NotImplemented, "encryption keys, tags and appending are not offered"));
        }
        let only_if = only_if(input.if_none_match.as_ref(), input.if_match.as_ref())?;
        let about = metadata(input.metadata.clone(), kept_headers!(input))?;
        let content_type = content_type(input.content_type.as_deref(), &key);
        let announced = announced!(req);
        let body = req.input.body.take();
        let staged = self.receive(&scope, &key, &announced, body, req.trailing_headers.as_ref()).await?;
        let sums = staged.checksum.clone();
        let object = self
            .store(&scope, Made { content_type, metadata: about, only_if, ..Made::new(key, staged) })
            .await?;
        Ok(S3Response::new(PutObjectOutput {
            e_tag: Some(etag(&object.etag)),
            checksum_crc32: sums.checksum_crc32,
            checksum_crc32c: sums.checksum_crc32c,
            checksum_crc64nvme: sums.checksum_crc64nvme,
            checksum_sha1: sums.checksum_sha1,
            checksum_sha256: sums.checksum_sha256,
            ..PutObjectOutput::default()
        }))
    }

    /// Streams a body to a staging file and checks all that was announced.
    pub(super) async fn receive(
        &self,
        scope: &Scope,
        key: &Key,
        announced: &super::checks::Announced,
        body: Option<StreamingBlob>,
        trailers: Option<&s3s::TrailingHeaders>,
    ) -> S3Result<Staged> {
        let limit = Some(self.service.config.max_upload_bytes);
        let staged = self.service.staged_parts(&scope.0.access_key).await.map_err(|e| self.error(e))?;
        let allowance =
            self.service.allowance(scope.bucket(), limit, scope.quota(), staged, key.as_str()).await;
        let allowance = allowance.map_err(|e| self.error(e))?;
        if let Some(length) = announced.length.and_then(|length| u64::try_from(length).ok()) {
            allowance.check(length).map_err(|e| self.error(e))?;
        }
        let mut sink =
            self.service.staging.sink("new", allowance, announced.hasher()?).map_err(|e| self.error(e))?;
        if let Some(body) = body {
            sink.write_all(body.map(|chunk| chunk.map_err(|e| e.to_string())))
                .await
                .map_err(|e| self.error(e))?;
        }
        let staged = sink.finish().await.map_err(|e| self.error(e))?;
        announced.verify(&staged, trailers).map_err(|e| self.error(e))?;
        metrics::counter!("castalia_s3_bytes_total", "direction" => "in").increment(staged.size);
        Ok(staged)
    }

    /// Makes a staged file an object of the scope's bucket.
    pub(super) async fn store(&self, scope: &Scope, made: Made) -> S3Result<Object> {
        self.service.refuse_used_upload(scope.bucket(), &made.key).await.map_err(|e| self.error(e))?;
        let upload = self.upload_of(scope, &made);
        let along = Along { upload, session: None, multipart: made.multipart };
        let write = Write {
            bucket: scope.bucket().clone(),
            key: made.key,
            staged: made.staged,
            etag: made.etag,
            content_type: made.content_type,
            metadata: made.metadata,
            written_by: scope.0.access_key.clone(),
            credential: Some(scope.0.access_key.clone()),
            quota: scope.quota().map(|(prefix, quota)| (prefix.to_owned(), quota)),
            only_if: made.only_if,
        };
        self.service.commit(write, along).await.map_err(|e| self.error(e))
    }

    /// What a person's key writes below `uploads/` is an upload.
    fn upload_of(&self, scope: &Scope, made: &Made) -> Option<(Ctx, Upload)> {
        let name = made.key.as_str().strip_prefix("uploads/")?;
        let upload = Upload {
            id: UploadId::fresh(),
            project: scope.bucket().project.clone(),
            name: name.to_owned(),
            key: made.key.as_str().to_owned(),
            size: made.staged.size,
            media_type: made.content_type.clone(),
            sha256: made.staged.sha256.clone(),
            columns: Vec::new(),
            crs: None,
            created_by: scope.0.owner.clone(),
            created_at: self.service.clock.now(),
        };
        Some((self.ctx(scope), upload))
    }

    /// The context of the person or the run that a key belongs to; the key has been checked already.
    fn ctx(&self, scope: &Scope) -> Ctx {
        let (id, name) = (scope.0.owner.clone(), scope.0.access_key.clone());
        let principal = Principal { id, name, roles: Vec::new(), grants: Grants::default() };
        Ctx::new(principal, self.service.clock.clone(), "s3")
    }

    pub(super) async fn delete(&self, req: S3Request<DeleteObjectInput>) -> Answer<DeleteObjectOutput> {
        let scope = Scope::of(&req)?;
        let key = scope.writable(&req.input.key)?;
        let only_if = only_if(None, req.input.if_match.as_ref())?;
        self.service
            .remove(&self.ctx(&scope), scope.bucket(), &key, only_if)
            .await
            .map_err(|e| self.error(e))?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    pub(super) async fn delete_many(
        &self,
        req: S3Request<DeleteObjectsInput>,
    ) -> Answer<DeleteObjectsOutput> {
        let scope = Scope::of(&req)?;
        let (ctx, mut deleted, mut errors) = (self.ctx(&scope), Vec::new(), Vec::new());
        for object in &req.input.delete.objects {
            let gone = match scope.writable(&object.key) {
                Ok(key) => {
                    let gone = self.service.remove(&ctx, scope.bucket(), &key, OnlyIf::Always).await;
                    gone.map_err(|e| self.error(e))
                }
                Err(error) => Err(error),
            };
            match gone {
                Ok(_) => {
                    deleted.push(DeletedObject { key: Some(object.key.clone()), ..DeletedObject::default() })
                }
                Err(error) => errors.push(s3s::dto::Error {
                    code: Some(error.code().as_str().to_owned()),
                    key: Some(object.key.clone()),
                    message: error.message().map(str::to_owned),
                    version_id: None,
                }),
            }
        }
        let quiet = req.input.delete.quiet.unwrap_or_default();
        Ok(S3Response::new(DeleteObjectsOutput {
            deleted: (!quiet).then_some(deleted),
            errors: (!errors.is_empty()).then_some(errors),
            ..DeleteObjectsOutput::default()
        }))
    }
}

/// The condition of a write.
pub(super) fn only_if(none: Option<&ETagCondition>, matching: Option<&ETagCondition>) -> S3Result<OnlyIf> {
    match (none, matching) {
        (None, None) => Ok(OnlyIf::Always),
        (Some(ETagCondition::Any), None) => Ok(OnlyIf::Absent),
        (None, Some(ETagCondition::ETag(etag))) => Ok(OnlyIf::Etag(etag.value().to_owned())),
        _ => Err(s3_error!(NotImplemented, "this condition is not offered for writes")),
    }
}

/// The type that was given, else what the name says.
pub(super) fn content_type(given: Option<&str>, key: &Key) -> String {
    let vague = |kind: &str| matches!(kind, "" | "binary/octet-stream" | "application/octet-stream");
    match given {
        Some(kind) if !vague(kind) && media::is_media_type(kind) => kind.to_owned(),
        _ => media::by_name(key.as_str()).unwrap_or("application/octet-stream").to_owned(),
    }
}
