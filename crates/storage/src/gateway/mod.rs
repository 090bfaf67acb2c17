//! The S3 gateway: path style, SigV4, on a port of its own.
//!
//! Three guards in a row. [`door`] refuses what must not even be parsed (SigV2, POST forms, unsigned
//! `x-amz-*` headers, session tokens, long presigned URLs). `s3s` checks the signature. [`access`] lets in
//! listed operations of living credentials on their own bucket. Every operation then asks its
//! [`access::Scope`] about each key that it touches.

mod access;
mod checks;
mod convert;
mod copy;
mod door;
mod list;
mod multipart;
mod object;
mod ops;
mod parts;
mod read;

use crate::Service;
use axum::Router;
use axum::error_handling::HandleError;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::S3ServiceBuilder;
use s3s::validation::NameValidation;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::Dispatch;

/// The operations of the gateway.
#[derive(Clone)]
pub(crate) struct Gateway {
    pub(crate) service: Arc<Service>,
    /// Where our own log lines go; those of `s3s` hold signatures and go nowhere.
    pub(crate) log: Dispatch,
}

/// Bucket names are project names; which of them exist is decided by the credential.
struct AnyName;

impl NameValidation for AnyName {
    fn validate_bucket_name(&self, name: &str) -> bool {
        !name.is_empty() && name.len() <= 255
    }
}

/// The gateway as a router, for a server of the caller's.
pub fn gateway(service: Arc<Service>) -> Router {
    let gateway = Gateway { service, log: tracing::dispatcher::get_default(Clone::clone) };
    let mut builder = S3ServiceBuilder::new(gateway.clone());
    builder.set_auth(gateway.clone());
    builder.set_access(gateway);
    builder.set_validation(AnyName);
    let mut config = S3Config::default();
    config.post_object_max_file_size = 0;
    config.xml_max_body_size = 4 << 20;
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    let s3 = HandleError::new(builder.build(), |_| async { StatusCode::INTERNAL_SERVER_ERROR });
    Router::new().fallback_service(s3).layer(from_fn(door::pass))
}

/// Serves the gateway until `stop`; requests that are under way may end.
///
/// # Errors
/// Whatever the listener says.
pub async fn serve_gateway(
    service: Arc<Service>,
    listener: TcpListener,
    stop: CancellationToken,
) -> std::io::Result<()> {
    axum::serve(listener, gateway(service)).with_graceful_shutdown(stop.cancelled_owned()).await
}
