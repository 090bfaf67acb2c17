//! Blobs in an object store elsewhere: `{prefix}/{bucket}/{key}`.

use super::ByteStream;
use super::transport::Connector;
use crate::config::S3Config;
use crate::error;
use crate::key::Key;
use crate::staging::Temporary;
use bytes::Bytes;
use castalia_base::Error;
use castalia_http::ByteRange;
use futures::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, RetryConfig, WriteMultipart};
use std::sync::Arc;
use std::time::Duration;
use sync_wrapper::SyncStream;
use tokio::io::AsyncReadExt;

/// The size of the parts in which large blobs are sent.
const PART: usize = 8 << 20;
/// How many parts are on their way at once.
const CONCURRENCY: usize = 4;

pub(crate) struct Remote {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

type Result<T, E = Error> = std::result::Result<T, E>;

fn convert(key: &Key) -> impl Fn(object_store::Error) -> Error {
    let key = key.clone();
    move |error| match error {
        object_store::Error::NotFound { .. } => error::no_such_key(key.as_str()),
        error => {
            Error::unavailable("the object store can't be reached or refused; try again").with_source(error)
        }
    }
}

impl Remote {
    pub(crate) fn memory() -> Self {
        Self { store: Arc::new(object_store::memory::InMemory::new()), prefix: Path::default() }
    }

    pub(crate) fn s3(config: &S3Config) -> Result<Self> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            .with_access_key_id(&config.access_key)
            .with_secret_access_key(&config.secret_key)
            .with_retry(RetryConfig {
                max_retries: 4,
                retry_timeout: Duration::from_secs(60),
                ..RetryConfig::default()
            })
            .with_http_connector(Connector);
        if let Some(endpoint) = &config.endpoint {
            // Services of one's own are rarely reached by a host name per bucket, or by TLS.
            builder = builder
                .with_endpoint(endpoint)
                .with_virtual_hosted_style_request(false)
                .with_allow_http(true);
        }
        let bad = |e: object_store::Error| {
            Error::invalid("invalid_blobs", format!("the S3 settings do not fit: {e}"))
        };
        let prefix = Path::parse(&config.prefix).map_err(|e| bad(e.into()))?;
        Ok(Self { store: Arc::new(builder.build().map_err(bad)?), prefix })
    }

    fn path(&self, bucket: &str, key: &Key) -> Result<Path> {
        let text = format!("{}/{bucket}/{key}", self.prefix);
        Path::parse(text.trim_start_matches('/')).map_err(|e| {
            Error::invalid("invalid_key", format!("the object store can't hold the key `{key}`"))
                .with_source(e)
        })
    }

    pub(super) async fn publish(&self, bucket: &str, key: &Key, file: &Temporary) -> Result<()> {
        let path = self.path(bucket, key)?;
        let mut source = tokio::fs::File::open(file.path()).await.map_err(error::io)?;
        let size = source.metadata().await.map_err(error::io)?.len();
        if size <= PART as u64 {
            let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(PART));
            source.read_to_end(&mut bytes).await.map_err(error::io)?;
            self.store.put(&path, Bytes::from(bytes).into()).await.map_err(convert(key))?;
            return Ok(());
        }
        let upload = self.store.put_multipart(&path).await.map_err(convert(key))?;
        let mut writer = WriteMultipart::new_with_chunk_size(upload, PART);
        let mut buffer = vec![0; PART];
        loop {
            writer.wait_for_capacity(CONCURRENCY).await.map_err(convert(key))?;
            let read = source.read(&mut buffer).await.map_err(error::io)?;
            if read == 0 {
                break;
            }
            writer.write(&buffer[..read]);
        }
        writer.finish().await.map_err(convert(key))?;
        Ok(())
    }

    pub(super) async fn read(&self, bucket: &str, key: &Key, range: ByteRange) -> Result<ByteStream> {
        if range.start == range.end {
            return Ok(Box::pin(futures::stream::empty()));
        }
        let options =
            GetOptions { range: Some(GetRange::Bounded(range.start..range.end)), ..GetOptions::default() };
        let got = self.store.get_opts(&self.path(bucket, key)?, options).await.map_err(convert(key))?;
        Ok(Box::pin(SyncStream::new(got.into_stream().map_err(std::io::Error::other))))
    }

    pub(super) async fn delete(&self, bucket: &str, key: &Key) -> Result<()> {
        match self.store.delete(&self.path(bucket, key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(convert(key)(error)),
        }
    }
}
