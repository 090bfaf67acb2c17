//! What an operator can set.

use castalia_base::Error;
use std::path::{Path, PathBuf};

/// Where the blobs are.
#[derive(Clone, Debug, Default)]
pub enum BlobConfig {
    /// `DATA/buckets/{bucket}/{key}`.
    #[default]
    Folder,
    /// A bucket of an S3 service, below a prefix.
    S3(S3Config),
    /// Memory, for tests.
    Memory,
}

/// A bucket of an S3 service.
#[derive(Clone)]
pub struct S3Config {
    /// The bucket's name.
    pub bucket: String,
    /// What all keys begin with; may be empty.
    pub prefix: String,
    /// The service's URL; `None` for AWS.
    pub endpoint: Option<String>,
    /// The region.
    pub region: String,
    /// The access key.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
}

impl std::fmt::Debug for S3Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { bucket, prefix, endpoint, region, .. } = self;
        write!(
            f,
            "S3Config {{ bucket: {bucket:?}, prefix: {prefix:?}, endpoint: {endpoint:?}, region: {region:?} }}"
        )
    }
}

/// The key from which the secrets of all credentials are derived.
#[derive(Clone)]
pub struct MasterKey(pub(crate) [u8; 32]);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// A key from elsewhere.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    /// Reads the key at `path`, or makes one there that only this user can read.
    ///
    /// # Errors
    /// `internal` when the file can't be read or written or is not a key.
    pub fn load_or_create(path: &Path) -> Result<Self, Error> {
        use std::io::{Read, Write};
        use std::os::unix::fs::OpenOptionsExt;
        match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                let bytes: [u8; 32] = rand::random();
                file.write_all(hex::encode(bytes).as_bytes())
                    .and_then(|()| file.sync_all())
                    .map_err(Error::internal)?;
                Ok(Self(bytes))
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let mut text = String::new();
                std::fs::File::open(path)
                    .and_then(|mut f| f.read_to_string(&mut text))
                    .map_err(Error::internal)?;
                let bytes = hex::decode(text.trim()).map_err(Error::internal)?;
                bytes
                    .try_into()
                    .map(Self)
                    .map_err(|_| Error::internal("the storage key file does not hold 32 bytes"))
            }
            Err(error) => Err(Error::internal(error)),
        }
    }
}

/// The settings of storage.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder; blobs go to `buckets/` and unfinished writes to `staging/` below it.
    pub data: PathBuf,
    /// Where the blobs are.
    pub blobs: BlobConfig,
    /// The largest upload, in bytes.
    pub max_upload_bytes: u64,
    /// After how long without progress an unfinished upload is given up, in milliseconds.
    pub upload_expiry_ms: i64,
    /// The key from which secrets are derived.
    pub master_key: MasterKey,
}

impl Config {
    /// The defaults: a folder, 5 GB per upload, a day for unfinished ones.
    pub fn new(data: impl Into<PathBuf>, master_key: MasterKey) -> Self {
        Self {
            data: data.into(),
            blobs: BlobConfig::Folder,
            max_upload_bytes: 5_000_000_000,
            upload_expiry_ms: 24 * 3_600_000,
            master_key,
        }
    }
}
