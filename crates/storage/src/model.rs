//! What others see of storage: buckets, uploads, datasets, references, credentials.

use crate::preview::Column;
use async_trait::async_trait;
use castalia_base::id::{DatasetId, ProcessId, ProjectId, UploadId};
use castalia_base::{Error, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The bucket of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The project it belongs to.
    pub project: ProjectId,
    /// Its name, which is the project's: the first path segment for S3 clients and the folder's name.
    pub name: String,
    /// How many bytes it may hold; `None` for no limit.
    pub quota_bytes: Option<u64>,
}

/// Where buckets are looked up; the wiring answers from the projects.
#[async_trait]
pub trait Buckets: Send + Sync {
    /// The bucket of the project with this name or id.
    async fn find(&self, name_or_id: &str) -> Result<Option<Bucket>, Error>;
}

/// Asks whoever runs things whether an upload or a dataset is needed now.
#[async_trait]
pub trait InUse: Send + Sync {
    /// Says in words who needs the input (“version 2 of process proc_… is running”), or `None`.
    async fn in_use(&self, project: &ProjectId, input_id: &str) -> Result<Option<String>, Error>;
}

/// A file that a person brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Upload {
    /// `up_…`.
    pub id: UploadId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// The name under which processes refer to it (`upload:NAME`).
    pub name: String,
    /// Its key in the project's bucket.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// As the sender said, or guessed from the name and the first bytes.
    pub media_type: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// The columns of a table, a GeoJSON collection or an array, as far as its first 256 KiB show them.
    pub columns: Vec<Column>,
    /// The reference system of its positions, where it is known, for instance `EPSG:32633`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Who brought it.
    pub created_by: String,
    /// When it became complete.
    pub created_at: Timestamp,
}

/// A file that a version wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Dataset {
    /// `ds_…`.
    pub id: DatasetId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// The process that wrote it.
    pub process: ProcessId,
    /// The process's name when it wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_name: Option<String>,
    /// The version that wrote it.
    pub version: u32,
    /// Its path below the version's directory.
    pub name: String,
    /// Its key in the project's bucket.
    pub key: String,
    /// What kind of data it is.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// The units of its values, as its writer said: one for all, or a JSON object from column to unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<String>,
    /// The lengths of its axes, as its writer said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<u64>>,
    /// What its writer said of the columns: names, or objects with name and unit.
    #[serde(skip)]
    pub declared: Option<serde_json::Value>,
    /// The columns of a table, a GeoJSON collection or an array, as far as its first 256 KiB and its writer say.
    pub columns: Vec<Column>,
    /// The reference system of its positions, where its writer or its content says it, for instance `EPSG:32633`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// What its writer said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether its version ended before it was done; such data can't be an input.
    pub partial: bool,
    /// When it was recorded.
    pub created_at: Timestamp,
}

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// A file that a person brought.
    Upload,
    /// A file that a version wrote.
    Dataset,
}

impl InputKind {
    /// The word for it in references and rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Dataset => "dataset",
        }
    }
}

/// One input of a version, for the lineage of what it writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputRef {
    /// Upload or dataset.
    pub kind: InputKind,
    /// `up_…` or `ds_…`.
    pub id: String,
    /// Its name when it was used; an upload may be gone or replaced later.
    pub name: String,
}

/// What a reference (`upload:NAME`, `dataset:ID`) stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ResolvedInput {
    /// The reference as it was given.
    pub reference: String,
    /// Upload or dataset.
    pub kind: InputKind,
    /// `up_…` or `ds_…`.
    pub id: String,
    /// Its key in the project's bucket.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What kind of data it is.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// The units of its values, where known.
    pub units: Option<String>,
    /// The lengths of its axes, where known.
    pub shape: Option<Vec<u64>>,
    /// The process and version that wrote it, for datasets.
    pub producer: Option<(ProcessId, u32)>,
}

impl ResolvedInput {
    /// The input as lineage records it.
    pub fn input_ref(&self) -> InputRef {
        InputRef { kind: self.kind, id: self.id.clone(), name: self.name.clone() }
    }
}

/// What a running version may do with its project's bucket.
#[derive(Clone, Debug)]
pub struct RunScope {
    /// The bucket it reads, and writes to below its own directory.
    pub bucket: Bucket,
    /// The process.
    pub process: ProcessId,
    /// The version.
    pub version: u32,
    /// When the credentials die if nobody revokes them before.
    pub expires: Timestamp,
    /// How many bytes the version may write; `None` for no limit of its own.
    pub quota_bytes: Option<u64>,
}

/// An access key and its secret, for S3 clients. The secret is shown once and stored nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Credentials {
    /// The public half.
    pub access_key: String,
    /// The secret half.
    pub secret_key: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// The directory of a version in its project's bucket, with a slash at the end.
pub fn version_prefix(process: &ProcessId, version: u32) -> String {
    format!("processes/{process}/v{version}/")
}
