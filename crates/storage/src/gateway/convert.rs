//! Between our words and those of S3.

use super::Gateway;
use crate::store::objects::Metadata;
use castalia_base::{Error, Kind, Timestamp};
use s3s::dto::{self, ETag, ETagCondition};
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// The most bytes of `x-amz-meta-*` names and values together.
const MAX_METADATA: usize = 8 << 10;

impl Gateway {
    /// Our failure as S3's; what is our fault goes to our log.
    pub(super) fn error(&self, error: Error) -> S3Error {
        let code = match (error.kind(), error.code()) {
            (_, "no_such_key") => S3ErrorCode::NoSuchKey,
            (_, "precondition_failed") => S3ErrorCode::PreconditionFailed,
            (_, "range_not_satisfiable") => S3ErrorCode::InvalidRange,
            (_, "checksum_mismatch") => S3ErrorCode::BadDigest,
            (_, "broken_body") => S3ErrorCode::IncompleteBody,
            (_, "upload_too_large") => S3ErrorCode::EntityTooLarge,
            (_, "quota_exceeded") => return quota(&error),
            (_, "key_conflict") => S3ErrorCode::InvalidArgument,
            (Kind::Invalid | Kind::Unprocessable, _) => S3ErrorCode::InvalidArgument,
            (Kind::Forbidden | Kind::Unauthenticated | Kind::NotFound, _) => S3ErrorCode::AccessDenied,
            (Kind::Conflict, _) => S3ErrorCode::OperationAborted,
            (Kind::Unavailable | Kind::RateLimited, _) => S3ErrorCode::ServiceUnavailable,
            _ => S3ErrorCode::InternalError,
        };
        if matches!(code, S3ErrorCode::InternalError | S3ErrorCode::ServiceUnavailable) {
            let chain = error.chain();
            tracing::dispatcher::with_default(&self.log, || {
                tracing::error!(error = chain, "an S3 request could not be served");
            });
        }
        S3Error::with_message(code, error.detail().to_owned())
    }
}

/// S3 has no word for it that clients do not take for a reason to try again.
fn quota(error: &Error) -> S3Error {
    let mut answer =
        S3Error::with_message(S3ErrorCode::Custom("QuotaExceeded".into()), error.detail().to_owned());
    answer.set_status_code(axum::http::StatusCode::FORBIDDEN);
    answer
}

pub(super) fn etag(text: &str) -> ETag {
    ETag::Strong(text.to_owned())
}

pub(super) fn time(at: Timestamp) -> dto::Timestamp {
    // S3 counts in seconds, and so do the conditions on it.
    let seconds = u64::try_from(at.0 / 1000).unwrap_or_default();
    (SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).into()
}

pub(super) fn length(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// Whether a condition on the ETag names this one.
pub(super) fn names(condition: &ETagCondition, etag: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(given) => given.value() == etag,
    }
}

/// The headers that are kept and given back, out of an input that has them all.
macro_rules! kept_headers {
    ($input:expr) => {
        [
            ("cache-control", $input.cache_control.clone()),
            ("content-disposition", $input.content_disposition.clone()),
            ("content-encoding", $input.content_encoding.clone()),
            ("content-language", $input.content_language.clone()),
        ]
    };
}
pub(super) use kept_headers;

/// What a writer says about an object, within bounds.
pub(super) fn metadata(
    meta: Option<dto::Metadata>,
    headers: impl IntoIterator<Item = (&'static str, Option<String>)>,
) -> S3Result<Metadata> {
    let meta: BTreeMap<String, String> = meta.unwrap_or_default().into_iter().collect();
    let bytes: usize = meta.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MAX_METADATA {
        return Err(s3_error!(MetadataTooLarge, "x-amz-meta headers may have 8192 bytes together"));
    }
    let mut kept = BTreeMap::new();
    for (name, value) in headers {
        // `aws-chunked` says how the body came, not what it is.
        let value = value.map(|text| without_chunked(&text)).filter(|text| !text.is_empty());
        if let Some(value) = value {
            kept.insert(name.to_owned(), value);
        }
    }
    Ok(Metadata { meta, headers: kept })
}

fn without_chunked(text: &str) -> String {
    let parts = text.split(',').map(str::trim).filter(|part| !part.eq_ignore_ascii_case("aws-chunked"));
    parts.collect::<Vec<_>>().join(",")
}
