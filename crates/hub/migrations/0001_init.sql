-- run counts the starts; the unit's name is made from id and run, so a start runs at most once.
-- node: the installation whose backend runs it; only that one reconciles it.
-- definition and resources are what the run was started with, so that it is judged by what it was.
CREATE TABLE workspaces (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, project_id TEXT NOT NULL,
  owner_id TEXT NOT NULL, owner_name TEXT NOT NULL, service TEXT NOT NULL, profile TEXT NOT NULL,
  node TEXT NOT NULL, run BIGINT NOT NULL, state TEXT NOT NULL, reason TEXT, reason_code TEXT,
  health TEXT NOT NULL, health_reason TEXT, definition TEXT NOT NULL, resources TEXT NOT NULL,
  cpu_millis BIGINT NOT NULL, memory_mb BIGINT NOT NULL, options TEXT NOT NULL,
  port BIGINT, sealed_secret TEXT, secret_hash TEXT, stop_reason TEXT, stop_code TEXT,
  created_at BIGINT NOT NULL, queued_at BIGINT, admitted_at BIGINT, started_at BIGINT, ready_at BIGINT, ended_at BIGINT,
  exit_json TEXT, log_lines BIGINT, last_activity BIGINT, warned_at BIGINT, kept_until BIGINT);
CREATE INDEX workspaces_owner ON workspaces (owner_id);
CREATE INDEX workspaces_project ON workspaces (project_id);
CREATE INDEX workspaces_queued ON workspaces (queued_at, id) WHERE state = 'queued';
CREATE INDEX workspaces_active ON workspaces (node) WHERE state IN ('starting', 'ready', 'stopping');

CREATE TABLE workspace_stages (
  workspace_id TEXT NOT NULL, run BIGINT NOT NULL, n BIGINT NOT NULL, stage TEXT NOT NULL, note TEXT,
  at BIGINT NOT NULL, PRIMARY KEY (workspace_id, run, n));

CREATE TABLE workspace_shares (
  workspace_id TEXT NOT NULL, user_id TEXT NOT NULL, level TEXT NOT NULL, since BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, user_id));
CREATE INDEX workspace_shares_user ON workspace_shares (user_id);

-- How long services took to become ready, for the start periods that are learnt.
CREATE TABLE workspace_boots (service TEXT NOT NULL, at BIGINT NOT NULL, ms BIGINT NOT NULL);
CREATE INDEX workspace_boots_service ON workspace_boots (service, at);

CREATE TABLE workspace_turn (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO workspace_turn (name, value) VALUES ('admission', 0);
