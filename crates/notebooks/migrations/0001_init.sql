CREATE TABLE notebooks (
  id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL,
  kernel TEXT, language TEXT, epoch TEXT NOT NULL, cells BIGINT NOT NULL,
  log_seq BIGINT NOT NULL, log_bytes BIGINT NOT NULL,
  lease_owner TEXT, lease_until BIGINT,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  created_by TEXT NOT NULL, created_by_name TEXT NOT NULL,
  UNIQUE (project_id, name));
CREATE TABLE notebook_updates (
  notebook_id TEXT NOT NULL, seq BIGINT NOT NULL, data BYTEA NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (notebook_id, seq));
CREATE TABLE notebook_snapshots (
  notebook_id TEXT PRIMARY KEY, seq BIGINT NOT NULL, data BYTEA NOT NULL, at BIGINT NOT NULL);
