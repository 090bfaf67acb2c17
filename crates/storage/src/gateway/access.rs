//! Who asks, and what that credential may touch.

use super::Gateway;
use crate::key::Key;
use crate::model::Bucket;
use crate::store::credentials::Credential;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, s3_error};
use std::sync::Arc;

/// The operations that exist here; everything else is denied.
const ALLOWED: [&str; 20] = [
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateBucket",
    "CreateMultipartUpload",
    "DeleteObject",
    "DeleteObjects",
    "GetBucketLocation",
    "GetObject",
    "HeadBucket",
    "HeadObject",
    "ListBuckets",
    "ListMultipartUploads",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
    "PutObject",
    "UploadPart",
    "UploadPartCopy",
    // s3cmd, rclone and mc ask for it before they write; the answer is that there are no versions.
    "GetBucketVersioning",
];

/// What the credential of a request may touch.
#[derive(Clone, Debug)]
pub(super) struct Scope(pub(super) Arc<Credential>);

fn denied() -> S3Error {
    s3_error!(AccessDenied, "this access key may not do that")
}

impl Scope {
    /// The scope of a request that passed [`S3Access::check`].
    pub(super) fn of<T>(request: &S3Request<T>) -> S3Result<Self> {
        request.extensions.get::<Self>().cloned().ok_or_else(denied)
    }
    pub(super) fn bucket(&self) -> &Bucket {
        &self.0.bucket
    }
    /// A key that may be read.
    pub(super) fn readable(&self, key: &str) -> S3Result<Key> {
        let key = parse(key)?;
        if key.is_public() { Ok(key) } else { Err(denied()) }
    }
    /// A key that may be written.
    pub(super) fn writable(&self, key: &str) -> S3Result<Key> {
        let key = parse(key)?;
        let inside = self.0.write_prefix.as_deref().is_some_and(|prefix| key.as_str().starts_with(prefix));
        if inside && key.is_public() { Ok(key) } else { Err(denied()) }
    }
    /// A key of a bucket named elsewhere than in the path.
    pub(super) fn readable_in(&self, bucket: &str, key: &str) -> S3Result<Key> {
        if bucket == self.0.bucket.name { self.readable(key) } else { Err(denied()) }
    }
    /// The prefix that counts against the credential's own quota.
    pub(super) fn quota(&self) -> Option<(&str, u64)> {
        self.0.write_prefix.as_deref().zip(self.0.quota_bytes)
    }
}

fn parse(key: &str) -> S3Result<Key> {
    Key::parse(key)
        .map_err(|error| S3Error::with_message(S3ErrorCode::InvalidArgument, error.detail().to_owned()))
}

#[async_trait::async_trait]
impl S3Auth for Gateway {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        self.alive(access_key).await?;
        Ok(SecretKey::from(self.service.secret_of(access_key).map_err(|e| self.error(e))?))
    }
}

impl Gateway {
    /// The credential, if it lives. Asked at every request: a revoked key is dead at once.
    async fn alive(&self, access_key: &str) -> S3Result<Credential> {
        let plain = access_key.len() <= 64 && access_key.bytes().all(|b| b.is_ascii_alphanumeric());
        let found = match plain {
            true => self.service.credential(access_key).await.map_err(|e| self.error(e))?,
            false => None,
        };
        let unknown = || s3_error!(InvalidAccessKeyId, "this access key does not exist or was revoked");
        let credential = found.filter(|c| c.revoked_at.is_none()).ok_or_else(unknown)?;
        if credential.expires_at <= self.service.clock.now() {
            return Err(s3_error!(ExpiredToken, "this access key has expired"));
        }
        Ok(credential)
    }
}

#[async_trait::async_trait]
impl S3Access for Gateway {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let operation = ALLOWED.iter().find(|name| **name == cx.s3_op().name()).ok_or_else(denied)?;
        let signed_by = cx.credentials().ok_or_else(denied)?;
        let mut credential = self.alive(&signed_by.access_key).await?;
        if cx.s3_path().get_bucket_name().is_some_and(|name| name != credential.bucket.name) {
            return Err(denied());
        }
        // The project's quota may change during the life of a credential.
        let project = credential.bucket.project.as_str();
        credential.bucket.quota_bytes =
            self.service.bucket_of(project).await.map_err(|e| self.error(e))?.quota_bytes;
        metrics::counter!("castalia_s3_requests_total", "operation" => *operation).increment(1);
        cx.extensions_mut().insert(Scope(Arc::new(credential)));
        Ok(())
    }
}
