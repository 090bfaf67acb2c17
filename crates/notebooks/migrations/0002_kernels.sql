CREATE TABLE notebook_kernels (
  notebook_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, run BIGINT NOT NULL, node TEXT NOT NULL, spec TEXT NOT NULL,
  active BIGINT NOT NULL, started_at BIGINT, stop_reason TEXT,
  base BIGINT NOT NULL, incarnation BIGINT NOT NULL, journal BIGINT NOT NULL,
  by_id TEXT NOT NULL, by_name TEXT NOT NULL, asked_at BIGINT NOT NULL);
CREATE INDEX notebook_kernels_active ON notebook_kernels (node, active);
CREATE TABLE notebook_runs (
  id TEXT PRIMARY KEY, notebook_id TEXT NOT NULL, cell_id TEXT NOT NULL, by_id TEXT NOT NULL, by_name TEXT NOT NULL,
  state TEXT NOT NULL, stop_on_error BIGINT NOT NULL, kernel_run BIGINT, incarnation BIGINT, source_sha256 TEXT,
  queued_at BIGINT NOT NULL, started_at BIGINT, ended_at BIGINT);
CREATE INDEX notebook_runs_of ON notebook_runs (notebook_id, id);
CREATE INDEX notebook_runs_open ON notebook_runs (notebook_id, state);
CREATE TABLE notebook_outputs (
  output_id TEXT NOT NULL, part BIGINT NOT NULL, notebook_id TEXT NOT NULL, cell_id TEXT NOT NULL,
  media TEXT NOT NULL, bytes BIGINT NOT NULL,
  PRIMARY KEY (output_id, part));
CREATE INDEX notebook_outputs_of ON notebook_outputs (notebook_id, cell_id);
CREATE TABLE notebook_comms (
  notebook_id TEXT NOT NULL, comm_id TEXT NOT NULL, state TEXT NOT NULL,
  PRIMARY KEY (notebook_id, comm_id));
