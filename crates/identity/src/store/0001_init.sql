CREATE TABLE users (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, email TEXT,
  password_hash TEXT, roles TEXT NOT NULL, disabled BIGINT NOT NULL,
  -- Counts changes of the password; a JWT carries the value it was made under.
  epoch BIGINT NOT NULL, created_at BIGINT NOT NULL, signed_in_at BIGINT);

CREATE TABLE roles (
  name TEXT PRIMARY KEY, description TEXT NOT NULL, permissions TEXT NOT NULL, everywhere TEXT NOT NULL);

CREATE TABLE memberships (
  project_id TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT NOT NULL, since BIGINT NOT NULL,
  PRIMARY KEY (project_id, user_id));
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL, created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, address TEXT, agent TEXT);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- kind: 'named' by people, 'run' by the platform for something that it runs.
CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
  scopes TEXT, project_id TEXT, created_at BIGINT NOT NULL, expires_at BIGINT, used_at BIGINT);
CREATE INDEX api_tokens_user ON api_tokens (user_id, kind);
CREATE INDEX api_tokens_expiry ON api_tokens (expires_at);

-- The secret half is sealed with the master key.
CREATE TABLE signing_keys (
  id TEXT PRIMARY KEY, public_key TEXT NOT NULL, sealed_secret TEXT NOT NULL, created_at BIGINT NOT NULL);

CREATE TABLE sign_in_brakes (
  subject TEXT PRIMARY KEY, failures BIGINT NOT NULL, last_at BIGINT NOT NULL, blocked_until BIGINT NOT NULL);

CREATE TABLE setup_tokens (hash TEXT PRIMARY KEY, created_at BIGINT NOT NULL);

-- One row that is updated, and so locked, by every change which must see all users at once.
CREATE TABLE identity_lock (id BIGINT PRIMARY KEY, revision BIGINT NOT NULL);
INSERT INTO identity_lock (id, revision) VALUES (1, 0)
