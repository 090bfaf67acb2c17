CREATE TABLE notebook_files (
  notebook_id TEXT PRIMARY KEY, file_name TEXT, sha256 TEXT, base BYTEA, next_sha256 TEXT, next_base BYTEA,
  saved_at BIGINT);
CREATE TABLE notebook_versions (
  id TEXT PRIMARY KEY, notebook_id TEXT NOT NULL, at BIGINT NOT NULL, label TEXT, sha256 TEXT NOT NULL,
  cells BIGINT NOT NULL, bytes BIGINT NOT NULL, created_by TEXT NOT NULL, created_by_name TEXT NOT NULL);
CREATE INDEX notebook_versions_at ON notebook_versions (notebook_id, at);
