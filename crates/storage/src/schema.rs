//! The tables of this crate.
//!
//! `sort_key` is the key in hexadecimal, so that lists are in the order of bytes under every collation.

use castalia_db::{Migration, Migrations};

/// The steps of this crate's schema.
pub const MIGRATIONS: Migrations = Migrations {
    capability: "storage",
    steps: &[
        Migration {
        name: "0001_init",
        sql: "CREATE TABLE objects (
                project_id TEXT NOT NULL, sort_key TEXT NOT NULL, bucket TEXT NOT NULL, key TEXT NOT NULL,
                size BIGINT NOT NULL, etag TEXT NOT NULL, sha256 TEXT NOT NULL, content_type TEXT NOT NULL,
                metadata TEXT NOT NULL, modified BIGINT NOT NULL, written_by TEXT NOT NULL,
                PRIMARY KEY (project_id, sort_key));
              CREATE TABLE bucket_usage (project_id TEXT PRIMARY KEY, bytes BIGINT NOT NULL);
              CREATE TABLE uploads (
                id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,
                size BIGINT NOT NULL, media_type TEXT NOT NULL, sha256 TEXT NOT NULL,
                created_by TEXT NOT NULL, created_at BIGINT NOT NULL, UNIQUE (project_id, name));
              CREATE TABLE upload_sessions (
                id TEXT PRIMARY KEY, project_id TEXT NOT NULL, bucket TEXT NOT NULL, name TEXT NOT NULL,
                size BIGINT NOT NULL, media_type TEXT, sha256 TEXT, replaces BIGINT NOT NULL,
                created_by TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL);
              CREATE INDEX upload_sessions_expiry ON upload_sessions (expires_at);
              CREATE TABLE datasets (
                id TEXT PRIMARY KEY, project_id TEXT NOT NULL, process_id TEXT NOT NULL, version BIGINT NOT NULL,
                name TEXT NOT NULL, key TEXT NOT NULL, media_type TEXT NOT NULL, size BIGINT NOT NULL,
                sha256 TEXT NOT NULL, units TEXT, shape TEXT, columns_text TEXT, description TEXT,
                partial_flag BIGINT NOT NULL, created_at BIGINT NOT NULL, UNIQUE (project_id, key));
              CREATE INDEX datasets_version ON datasets (process_id, version);
              CREATE TABLE dataset_inputs (
                dataset_id TEXT NOT NULL, input_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
                PRIMARY KEY (dataset_id, input_id));
              CREATE INDEX dataset_inputs_input ON dataset_inputs (input_id);
              CREATE TABLE storage_credentials (
                access_key TEXT PRIMARY KEY, project_id TEXT NOT NULL, bucket TEXT NOT NULL,
                process_id TEXT, version BIGINT, owner TEXT NOT NULL, write_prefix TEXT,
                expires_at BIGINT NOT NULL, revoked_at BIGINT, quota_bytes BIGINT, last_write BIGINT,
                created_at BIGINT NOT NULL);
              CREATE INDEX storage_credentials_run ON storage_credentials (process_id, version);
              CREATE INDEX storage_credentials_expiry ON storage_credentials (expires_at);
              CREATE TABLE multipart_uploads (
                id TEXT PRIMARY KEY, project_id TEXT NOT NULL, key TEXT NOT NULL, access_key TEXT NOT NULL,
                content_type TEXT, metadata TEXT NOT NULL, algorithm TEXT, created_at BIGINT NOT NULL,
                completed_etag TEXT);
              CREATE INDEX multipart_uploads_owner ON multipart_uploads (access_key, key);
              CREATE TABLE multipart_parts (
                upload_id TEXT NOT NULL, number BIGINT NOT NULL, file TEXT NOT NULL, size BIGINT NOT NULL,
                md5 TEXT NOT NULL, checksum TEXT, modified BIGINT NOT NULL, PRIMARY KEY (upload_id, number))",
        },
        Migration {
            name: "0002_structure",
            // What contents say of their own structure, found when it is first asked for.
            sql: "ALTER TABLE datasets ADD COLUMN crs TEXT;
              ALTER TABLE datasets ADD COLUMN process_name TEXT;
              CREATE TABLE structures (
                sha256 TEXT NOT NULL, media_type TEXT NOT NULL, revision BIGINT NOT NULL,
                structure TEXT NOT NULL, PRIMARY KEY (sha256, media_type))",
        },
    ],
};
