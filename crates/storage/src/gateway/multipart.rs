//! Multipart uploads. An upload id belongs to one key and one access key; parts lie in the staging folder
//! until the whole is put together, checked and published like any other object.

use super::Gateway;
use super::access::Scope;
use super::checks::{Algorithm, announced};
use super::convert::{etag, kept_headers, length, metadata, time};
use super::copy::{source_conditions, source_key};
use super::object::{Made, content_type, only_if};
use super::parts::{choose_parts, joint_etag, verify_composite, whole_checksum};
use crate::key::Key;
use crate::staging::Staged;
use crate::store::multipart::{Multipart, Part};
use s3s::checksum::ChecksumHasher;
use s3s::dto::{self, *};
use s3s::{S3Request, S3Response, S3Result, s3_error};

type Answer<T> = S3Result<S3Response<T>>;

impl Gateway {
    /// The upload, if it is this scope's and for this key.
    async fn upload(&self, scope: &Scope, key: &Key, id: &str) -> S3Result<Multipart> {
        let found = self.service.multipart(id).await.map_err(|e| self.error(e))?;
        found
            .filter(|upload| upload.access_key == scope.0.access_key && upload.key == key.as_str())
            .ok_or_else(|| s3_error!(NoSuchUpload, "no such multipart upload of this access key and key"))
    }

    async fn open_upload(&self, scope: &Scope, key: &Key, id: &str) -> S3Result<Multipart> {
        let upload = self.upload(scope, key, id).await?;
        match upload.completed_etag {
            None => Ok(upload),
            Some(_) => Err(s3_error!(NoSuchUpload, "this multipart upload is complete")),
        }
    }

    pub(super) async fn begin(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> Answer<CreateMultipartUploadOutput> {
        let scope = Scope::of(&req)?;
        let input = req.input;
        let key = scope.writable(&input.key)?;
        if input.sse_customer_algorithm.is_some() || input.tagging.is_some() {
            return Err(s3_error!(NotImplemented, "encryption keys and tags are not offered"));
        }
        let upload = Multipart {
            id: castalia_base::id::fresh("mpu"),
            project: scope.bucket().project.to_string(),
            key: key.as_str().to_owned(),
            access_key: scope.0.access_key.clone(),
            content_type: input.content_type.clone(),
            metadata: metadata(input.metadata.clone(), kept_headers!(input))?,
            algorithm: input.checksum_algorithm.as_ref().map(|a| a.as_str().to_owned()),
            created_at: self.service.clock.now(),
            completed_etag: None,
        };
        self.service.begin_multipart(&upload).await.map_err(|e| self.error(e))?;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(upload.id),
            checksum_algorithm: input.checksum_algorithm,
            checksum_type: input.checksum_type,
            ..CreateMultipartUploadOutput::default()
        }))
    }

    pub(super) async fn part(&self, mut req: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
        let scope = Scope::of(&req)?;
        let key = scope.writable(&req.input.key)?;
        let number = part_number(req.input.part_number)?;
        let upload = self.open_upload(&scope, &key, &req.input.upload_id).await?;
        let mut announced = announced!(req);
        announced.algorithm = announced.algorithm.or(upload.algorithm.clone());
        let body = req.input.body.take();
        let staged = self.receive(&scope, &key, &announced, body, req.trailing_headers.as_ref()).await?;
        let sums = staged.checksum.clone();
        let part = self.keep_part(&upload, number, staged).await?;
        Ok(S3Response::new(UploadPartOutput {
            e_tag: Some(etag(&part.md5)),
            checksum_crc32: sums.checksum_crc32,
            checksum_crc32c: sums.checksum_crc32c,
            checksum_crc64nvme: sums.checksum_crc64nvme,
            checksum_sha1: sums.checksum_sha1,
            checksum_sha256: sums.checksum_sha256,
            ..UploadPartOutput::default()
        }))
    }

    pub(super) async fn part_copy(
        &self,
        req: S3Request<UploadPartCopyInput>,
    ) -> Answer<UploadPartCopyOutput> {
        let scope = Scope::of(&req)?;
        let input = &req.input;
        let key = scope.writable(&input.key)?;
        let number = part_number(input.part_number)?;
        let source = source_key(&scope, &input.copy_source)?;
        let upload = self.open_upload(&scope, &key, &input.upload_id).await?;
        let mut checks = ChecksumHasher::default();
        if let Some(algorithm) = upload.algorithm.as_deref().and_then(Algorithm::parse) {
            algorithm.add_to(&mut checks);
        }
        let conditions = source_conditions!(input);
        let range = input.copy_source_range.as_deref();
        let (_, staged) = self.duplicate(&scope, &source, &key, range, &conditions, checks).await?;
        let part = self.keep_part(&upload, number, staged).await?;
        let result = CopyPartResult {
            e_tag: Some(etag(&part.md5)),
            last_modified: Some(time(part.modified)),
            ..CopyPartResult::default()
        };
        Ok(S3Response::new(UploadPartCopyOutput {
            copy_part_result: Some(result),
            ..UploadPartCopyOutput::default()
        }))
    }

    async fn keep_part(&self, upload: &Multipart, number: u32, mut staged: Staged) -> S3Result<Part> {
        let algorithm = upload.algorithm.as_deref().and_then(Algorithm::parse);
        let part = Part {
            number,
            file: castalia_base::id::fresh("part"),
            size: staged.size,
            md5: hex::encode(staged.md5),
            checksum: algorithm.and_then(|a| a.of(&staged.checksum)).cloned(),
            modified: self.service.clock.now(),
        };
        self.service.keep_part(upload, &part, &mut staged.file).await.map_err(|e| self.error(e))?;
        Ok(part)
    }

    pub(super) async fn complete(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> Answer<CompleteMultipartUploadOutput> {
        let scope = Scope::of(&req)?;
        let input = req.input;
        let key = scope.writable(&input.key)?;
        let upload = self.upload(&scope, &key, &input.upload_id).await?;
        let answer = |etag: &str| {
            S3Response::new(CompleteMultipartUploadOutput {
                bucket: Some(input.bucket.clone()),
                key: Some(input.key.clone()),
                e_tag: Some(self::etag(etag)),
                ..CompleteMultipartUploadOutput::default()
            })
        };
        if let Some(etag) = &upload.completed_etag {
            // The client did not get our first answer.
            return Ok(answer(etag));
        }
        let condition = only_if(input.if_none_match.as_ref(), input.if_match.as_ref())?;
        let named = input.multipart_upload.clone().and_then(|list| list.parts).unwrap_or_default();
        let kept = self.service.parts(&upload.id).await.map_err(|e| self.error(e))?;
        let algorithm = upload.algorithm.as_deref().and_then(Algorithm::parse);
        let parts = choose_parts(&named, &kept, algorithm)?;
        let size: u64 = parts.iter().map(|part| part.size).sum();
        if input.mpu_object_size.is_some_and(|announced| u64::try_from(announced).ok() != Some(size)) {
            return Err(s3_error!(InvalidRequest, "the parts together do not have the announced size"));
        }
        let wanted = whole_checksum(&input);
        verify_composite(wanted.as_ref(), &parts)?;
        let mut checks = ChecksumHasher::default();
        if let Some((algorithm, _)) = &wanted {
            algorithm.add_to(&mut checks);
        }
        let staged = self.service.join_parts(&parts, checks).await.map_err(|e| self.error(e))?;
        let whole = wanted.as_ref().filter(|(_, sum)| !sum.contains('-'));
        if whole.is_some_and(|(algorithm, sum)| algorithm.of(&staged.checksum) != Some(sum)) {
            return Err(s3_error!(BadDigest, "the checksum of the whole is not the announced one"));
        }
        let made = Made {
            etag: Some(joint_etag(&parts)),
            content_type: content_type(upload.content_type.as_deref(), &key),
            metadata: upload.metadata.clone(),
            only_if: condition,
            multipart: Some(upload.id.clone()),
            ..Made::new(key, staged)
        };
        let object = self.store(&scope, made).await?;
        self.service.drop_parts(&kept);
        Ok(answer(&object.etag))
    }

    pub(super) async fn abort(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> Answer<AbortMultipartUploadOutput> {
        let scope = Scope::of(&req)?;
        let key = scope.writable(&req.input.key)?;
        let upload = self.open_upload(&scope, &key, &req.input.upload_id).await?;
        self.service.abort_multipart(&upload.id).await.map_err(|e| self.error(e))?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }

    pub(super) async fn parts(&self, req: S3Request<ListPartsInput>) -> Answer<ListPartsOutput> {
        let scope = Scope::of(&req)?;
        let input = req.input;
        let key = scope.writable(&input.key)?;
        let upload = self.open_upload(&scope, &key, &input.upload_id).await?;
        let kept = self.service.parts(&upload.id).await.map_err(|e| self.error(e))?;
        let after = input.part_number_marker.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        let limit = input.max_parts.and_then(|n| usize::try_from(n).ok()).unwrap_or(1000).min(1000);
        let behind = kept.iter().filter(|part| part.number > after);
        let more = behind.clone().count() > limit;
        let shown: Vec<&Part> = behind.take(limit).collect();
        let part = |part: &&Part| dto::Part {
            e_tag: Some(etag(&part.md5)),
            last_modified: Some(time(part.modified)),
            part_number: i32::try_from(part.number).ok(),
            size: Some(length(part.size)),
            ..dto::Part::default()
        };
        Ok(S3Response::new(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(upload.id),
            is_truncated: Some(more),
            max_parts: i32::try_from(limit).ok(),
            part_number_marker: input.part_number_marker,
            next_part_number_marker: shown.last().and_then(|part| i32::try_from(part.number).ok()),
            parts: Some(shown.iter().map(part).collect()),
            ..ListPartsOutput::default()
        }))
    }

    pub(super) async fn uploads(
        &self,
        req: S3Request<ListMultipartUploadsInput>,
    ) -> Answer<ListMultipartUploadsOutput> {
        let scope = Scope::of(&req)?;
        let input = req.input;
        let prefix = input.prefix.clone().unwrap_or_default();
        let all = self.service.multiparts_of(&scope.0.access_key).await.map_err(|e| self.error(e))?;
        let shown =
            all.into_iter().filter(|upload| upload.key.starts_with(&prefix)).map(|upload| MultipartUpload {
                initiated: Some(time(upload.created_at)),
                key: Some(upload.key),
                upload_id: Some(upload.id),
                ..MultipartUpload::default()
            });
        Ok(S3Response::new(ListMultipartUploadsOutput {
            bucket: Some(input.bucket),
            is_truncated: Some(false),
            uploads: Some(shown.collect()),
            prefix: input.prefix,
            ..ListMultipartUploadsOutput::default()
        }))
    }
}

fn part_number(number: i32) -> S3Result<u32> {
    match u32::try_from(number) {
        Ok(number @ 1..=10_000) => Ok(number),
        _ => Err(s3_error!(InvalidArgument, "part numbers go from 1 to 10000")),
    }
}
