//! The promises of storage: uploads, datasets, references, sweep, the REST operations, and real S3 clients.

mod clients;
mod content;
mod datasets;
mod objects;
mod rest;
mod samples;
mod support;
mod tus;
mod uploads;
