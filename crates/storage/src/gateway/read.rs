//! Reading one object: HEAD and GET.

use super::Gateway;
use super::access::Scope;
use super::convert::{etag, length, names, time};
use crate::store::objects::{Metadata, Object};
use castalia_base::Error;
use castalia_http::ByteRange;
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

type Answer<T> = S3Result<S3Response<T>>;

/// The conditions of a GET or HEAD.
struct Conditions {
    if_match: Option<ETagCondition>,
    if_none_match: Option<ETagCondition>,
    modified_since: Option<Timestamp>,
    unmodified_since: Option<Timestamp>,
}

macro_rules! conditions {
    ($input:expr) => {
        Conditions {
            if_match: $input.if_match.clone(),
            if_none_match: $input.if_none_match.clone(),
            modified_since: $input.if_modified_since.clone(),
            unmodified_since: $input.if_unmodified_since.clone(),
        }
    };
}

impl Conditions {
    /// In the order of RFC 9110 §13.2.2.
    fn check(&self, object: &Object) -> S3Result<()> {
        let modified = time(object.modified);
        let failed = match (&self.if_match, &self.unmodified_since) {
            (Some(wanted), _) => !names(wanted, &object.etag),
            (None, Some(since)) => modified > *since,
            (None, None) => false,
        };
        if failed {
            return Err(s3_error!(PreconditionFailed, "the object does not meet the condition"));
        }
        let same = match (&self.if_none_match, &self.modified_since) {
            (Some(known), _) => names(known, &object.etag),
            (None, Some(since)) => modified <= *since,
            (None, None) => false,
        };
        if same { Err(S3Error::new(S3ErrorCode::NotModified)) } else { Ok(()) }
    }
}

/// The bytes that a `Range` asks for.
fn part(range: Option<&Range>, size: u64) -> S3Result<Option<ByteRange>> {
    let Some(range) = range else { return Ok(None) };
    let bytes =
        range.check(size).map_err(|_| s3_error!(InvalidRange, "the range lies outside the object"))?;
    Ok(Some(ByteRange { start: bytes.start, end: bytes.end }))
}

fn content_range(range: Option<ByteRange>, size: u64) -> Option<String> {
    range.map(|r| format!("bytes {}-{}/{size}", r.start, r.end.saturating_sub(1)))
}

fn meta(metadata: &Metadata) -> Option<s3s::dto::Metadata> {
    Some(metadata.meta.clone().into_iter().collect())
}

impl Gateway {
    pub(super) async fn head(&self, req: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
        let scope = Scope::of(&req)?;
        let key = scope.readable(&req.input.key)?;
        let object = self.service.head(scope.bucket(), &key).await.map_err(|e| self.error(e))?;
        conditions!(req.input).check(&object)?;
        let range = part(req.input.range.as_ref(), object.size)?;
        let header = |name: &str| object.metadata.headers.get(name).cloned();
        Ok(S3Response::new(HeadObjectOutput {
            accept_ranges: Some("bytes".into()),
            cache_control: header("cache-control"),
            content_disposition: header("content-disposition"),
            content_encoding: header("content-encoding"),
            content_language: header("content-language"),
            content_length: Some(length(range.map_or(object.size, |r| r.end - r.start))),
            content_range: content_range(range, object.size),
            content_type: Some(object.content_type.clone()),
            e_tag: Some(etag(&object.etag)),
            last_modified: Some(time(object.modified)),
            metadata: meta(&object.metadata),
            ..HeadObjectOutput::default()
        }))
    }

    pub(super) async fn get(&self, req: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        let scope = Scope::of(&req)?;
        let key = scope.readable(&req.input.key)?;
        let conditions = conditions!(req.input);
        let mut refused = None;
        let mut chosen = None;
        let choose = |object: &Object| {
            let wanted = conditions.check(object).and_then(|()| part(req.input.range.as_ref(), object.size));
            match wanted {
                Ok(range) => {
                    chosen = range;
                    Ok(range)
                }
                Err(error) => {
                    refused = Some(error);
                    Err(Error::invalid("refused", ""))
                }
            }
        };
        let read = self.service.read(scope.bucket(), &key, choose).await;
        let (object, range, bytes) = match (read, refused) {
            (_, Some(refused)) => return Err(refused),
            (Ok(read), None) => read,
            (Err(error), None) => return Err(self.error(error)),
        };
        let header = |name: &str| object.metadata.headers.get(name).cloned();
        metrics::counter!("castalia_s3_bytes_total", "direction" => "out").increment(range.end - range.start);
        let mut response = S3Response::new(GetObjectOutput {
            accept_ranges: Some("bytes".into()),
            body: Some(StreamingBlob::wrap(bytes)),
            cache_control: header("cache-control"),
            content_disposition: header("content-disposition"),
            content_encoding: header("content-encoding"),
            content_language: header("content-language"),
            content_length: Some(length(range.end - range.start)),
            content_range: content_range(chosen, object.size),
            content_type: Some(object.content_type.clone()),
            e_tag: Some(etag(&object.etag)),
            last_modified: Some(time(object.modified)),
            metadata: meta(&object.metadata),
            ..GetObjectOutput::default()
        });
        // Whatever a version wrote must not run in a browser that opens a presigned URL.
        for (name, value) in [
            ("content-security-policy", "sandbox; default-src 'none'"),
            ("x-content-type-options", "nosniff"),
        ] {
            response.headers.insert(name, axum::http::HeaderValue::from_static(value));
        }
        Ok(response)
    }
}
