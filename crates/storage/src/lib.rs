//! Buckets, uploads, datasets and the S3 gateway with scoped credentials.
//!
//! A project has one bucket. The `objects` table is the truth about what is in it; the blobs lie in a folder
//! (or an object store) under the same names, so people can look at them. A blob is written beside, hashed,
//! checked, renamed into place and only then recorded: a reader sees whole objects or none, and a crash
//! leaves garbage that the next start sweeps away.
//!
//! What may stand in a bucket: `uploads/{name}` (brought by people), `processes/{id}/v{n}/…` (written by
//! versions), `logs/…` (internal, never reachable from outside). Keys are checked in [`Key`] alone.
//!
//! Deliberately absent: ACLs, object versions, public buckets, server-side encryption, SigV2, POST forms.

mod actions;
mod blobs;
mod config;
mod error;
mod gateway;
mod http;
mod key;
mod linger;
mod media;
mod model;
mod preview;
mod sample;
mod schema;
mod service;
mod staging;
mod store;

pub use actions::actions;
pub use blobs::ByteStream;
pub use config::{BlobConfig, Config, MasterKey, S3Config};
pub use gateway::{gateway, serve_gateway};
pub use http::api;
pub use key::Key;
pub use model::{
    Bucket, Buckets, Credentials, Dataset, InUse, InputKind, InputRef, ResolvedInput, RunScope, Upload,
    version_prefix,
};
pub use preview::{Column, ColumnType, Preview, Role};
pub use sample::{Cell, Grid, Series};
pub use schema::MIGRATIONS;
pub use service::{
    DatasetDetail, DatasetFilter, Deps, GridQuery, Lineage, LineageEdge, LineageNode, SeriesQuery, Service,
    UploadFilter, UploadOptions,
};
pub use store::listing::Sort;
pub use store::objects::{Metadata, Object};
