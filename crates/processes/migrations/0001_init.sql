CREATE TABLE environments (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, state TEXT NOT NULL, message TEXT, python TEXT,
  packages TEXT NOT NULL, fingerprint TEXT NOT NULL, errors TEXT NOT NULL, created_at BIGINT NOT NULL, refreshed_at BIGINT NOT NULL);

CREATE TABLE process_types (
  environment_id TEXT NOT NULL REFERENCES environments (id), name TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL,
  version TEXT NOT NULL, schema_json TEXT NOT NULL, deterministic BIGINT NOT NULL, resources TEXT NOT NULL, outputs TEXT NOT NULL,
  command TEXT, PRIMARY KEY (environment_id, name));

CREATE TABLE processes (
  id TEXT PRIMARY KEY, project_id TEXT NOT NULL, project_name TEXT NOT NULL, name TEXT NOT NULL, type_name TEXT NOT NULL,
  environment TEXT NOT NULL, created_by TEXT NOT NULL, created_at BIGINT NOT NULL, latest BIGINT NOT NULL);
CREATE INDEX processes_project ON processes (project_id, id);

CREATE TABLE versions (
  process_id TEXT NOT NULL REFERENCES processes (id), version BIGINT NOT NULL, project_id TEXT NOT NULL, bucket TEXT NOT NULL,
  type_name TEXT NOT NULL, type_version TEXT NOT NULL, program TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'starting', 'running', 'completed', 'failed', 'cancelled')),
  reason TEXT, reason_code TEXT, stop_reason TEXT, priority BIGINT NOT NULL,
  parameters TEXT NOT NULL, inputs TEXT NOT NULL, resources TEXT NOT NULL,
  cpu_millis BIGINT NOT NULL, memory_mb BIGINT NOT NULL, gpu BIGINT NOT NULL,
  held BIGINT NOT NULL, cost BIGINT NOT NULL, created_by TEXT NOT NULL, created_at BIGINT NOT NULL,
  started_at BIGINT, ended_at BIGINT, exit_json TEXT, progress_ppm BIGINT, progress_message TEXT,
  cache_key TEXT, reused_from TEXT, log_lines BIGINT, outputs TEXT NOT NULL, access_key TEXT,
  PRIMARY KEY (process_id, version));
CREATE INDEX versions_queue ON versions (state, priority, created_at, process_id) WHERE state IN ('queued', 'starting', 'running');
CREATE INDEX versions_cache ON versions (project_id, cache_key) WHERE cache_key IS NOT NULL;
CREATE INDEX versions_ended ON versions (ended_at);

CREATE TABLE version_inputs (
  process_id TEXT NOT NULL, version BIGINT NOT NULL, path TEXT NOT NULL, input_id TEXT NOT NULL,
  source_process TEXT, source_version BIGINT, PRIMARY KEY (process_id, version, path));
CREATE INDEX version_inputs_source ON version_inputs (source_process);
CREATE INDEX version_inputs_input ON version_inputs (input_id);

CREATE TABLE admission_turn (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO admission_turn (name, value) VALUES ('admission', 0);
