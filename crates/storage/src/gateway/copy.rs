//! Copies inside the bucket: the source must be readable, the target writable.

use super::Gateway;
use super::access::Scope;
use super::convert::{etag, kept_headers, metadata, names, time};
use super::object::{Made, content_type};
use crate::key::Key;
use crate::service::OnlyIf;
use crate::staging::Staged;
use crate::store::objects::Object;
use castalia_base::Error;
use castalia_http::ByteRange;
use s3s::checksum::ChecksumHasher;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

type Answer<T> = S3Result<S3Response<T>>;

/// The conditions on a copy's source.
pub(super) struct SourceConditions {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
    pub(super) modified_since: Option<Timestamp>,
    pub(super) unmodified_since: Option<Timestamp>,
}

macro_rules! source_conditions {
    ($input:expr) => {
        $crate::gateway::copy::SourceConditions {
            if_match: $input.copy_source_if_match.clone(),
            if_none_match: $input.copy_source_if_none_match.clone(),
            modified_since: $input.copy_source_if_modified_since.clone(),
            unmodified_since: $input.copy_source_if_unmodified_since.clone(),
        }
    };
}
pub(super) use source_conditions;

impl SourceConditions {
    fn met(&self, source: &Object) -> bool {
        let modified = time(source.modified);
        self.if_match.as_ref().is_none_or(|wanted| names(wanted, &source.etag))
            && self.if_none_match.as_ref().is_none_or(|known| !names(known, &source.etag))
            && self.modified_since.as_ref().is_none_or(|since| modified > *since)
            && self.unmodified_since.as_ref().is_none_or(|since| modified <= *since)
    }
}

/// The key that a copy source names, if the scope may read it.
pub(super) fn source_key(scope: &Scope, source: &CopySource) -> S3Result<Key> {
    match source {
        CopySource::Bucket { bucket, key, version_id: None } => scope.readable_in(bucket, key),
        CopySource::Bucket { .. } => Err(s3_error!(InvalidArgument, "objects have no versions here")),
        _ => Err(s3_error!(AccessDenied, "a copy source is a bucket and a key")),
    }
}

impl Gateway {
    /// Copies the bytes of a readable object to a staging file.
    pub(super) async fn duplicate(
        &self,
        scope: &Scope,
        source: &Key,
        target: &Key,
        range: Option<&str>,
        conditions: &SourceConditions,
        checks: ChecksumHasher,
    ) -> S3Result<(Object, Staged)> {
        let limit = Some(self.service.config.max_upload_bytes);
        let staged = self.service.staged_parts(&scope.0.access_key).await.map_err(|e| self.error(e))?;
        let allowance =
            self.service.allowance(scope.bucket(), limit, scope.quota(), staged, target.as_str()).await;
        let allowance = allowance.map_err(|e| self.error(e))?;
        let choose = |object: &Object| {
            if !conditions.met(object) {
                return OnlyIf::Etag(String::new()).check(None).map(|()| None);
            }
            let wanted = range.map(|text| copy_range(text, object.size)).transpose()?;
            let length = wanted.map_or(object.size, |r| r.end - r.start);
            allowance.check(length).map(|()| wanted)
        };
        let (object, _, bytes) =
            self.service.read(scope.bucket(), source, choose).await.map_err(|e| self.error(e))?;
        let mut sink = self.service.staging.sink("new", allowance, checks).map_err(|e| self.error(e))?;
        sink.write_all(bytes).await.map_err(|e| self.error(e))?;
        Ok((object, sink.finish().await.map_err(|e| self.error(e))?))
    }

    pub(super) async fn copy(&self, req: S3Request<CopyObjectInput>) -> Answer<CopyObjectOutput> {
        let scope = Scope::of(&req)?;
        let input = &req.input;
        let target = scope.writable(&input.key)?;
        let source = source_key(&scope, &input.copy_source)?;
        let replace = input.metadata_directive.as_ref().is_some_and(|d| d.as_str() == "REPLACE");
        if source == target && !replace {
            return Err(s3_error!(InvalidRequest, "a copy onto itself must replace the metadata"));
        }
        let conditions = source_conditions!(input);
        let none = ChecksumHasher::default();
        let (old, staged) = self.duplicate(&scope, &source, &target, None, &conditions, none).await?;
        let (about, kind) = match replace {
            true => {
                let about = metadata(input.metadata.clone(), kept_headers!(input))?;
                (about, content_type(input.content_type.as_deref(), &target))
            }
            false => (old.metadata, old.content_type),
        };
        let made = Made { content_type: kind, metadata: about, ..Made::new(target, staged) };
        let object = self.store(&scope, made).await?;
        let result = CopyObjectResult {
            e_tag: Some(etag(&object.etag)),
            last_modified: Some(time(object.modified)),
            ..CopyObjectResult::default()
        };
        Ok(S3Response::new(CopyObjectOutput {
            copy_object_result: Some(result),
            ..CopyObjectOutput::default()
        }))
    }
}

/// `bytes=first-last`, both given and inside the source.
fn copy_range(text: &str, size: u64) -> Result<ByteRange, Error> {
    let bounds = text.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let parsed =
        bounds.and_then(|(first, last)| Some((first.parse::<u64>().ok()?, last.parse::<u64>().ok()?)));
    match parsed {
        Some((first, last)) if first <= last && last < size => Ok(ByteRange { start: first, end: last + 1 }),
        _ => Err(Error::invalid(
            "invalid_range",
            "the source range must be bytes=first-last inside the source",
        )),
    }
}
