//! Access keys for people's own S3 clients.

use crate::{Credentials, Service};
use castalia_base::{Ctx, Error, Timestamp};
use castalia_http::Req;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the key is for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct NewKey {
    /// The project, by name or id.
    project: String,
    /// Its life in seconds (60 to 604800, 3600 unless told).
    expires_in: Option<u32>,
    /// Whether it may write below `uploads/`.
    #[serde(default)]
    write: bool,
}

/// An access key, shown once.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct ShownKey {
    /// The key and its secret.
    #[serde(flatten)]
    credentials: Credentials,
    /// The bucket that it opens.
    bucket: String,
    /// The prefix that it may write, if any.
    write_prefix: Option<String>,
    /// When it dies.
    expires_at: Timestamp,
}

pub(super) async fn create(
    service: Arc<Service>,
    ctx: Ctx,
    req: Req<(), (), NewKey>,
) -> Result<ShownKey, Error> {
    let NewKey { project, expires_in, write } = req.body;
    let (row, credentials) = service.personal_key(&ctx, &project, expires_in.unwrap_or(3600), write).await?;
    Ok(ShownKey {
        credentials,
        bucket: row.bucket.name,
        write_prefix: row.write_prefix,
        expires_at: row.expires_at,
    })
}
