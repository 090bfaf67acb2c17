-- kind: also 'instance', for a running thing, and 'oauth', for the browser of somebody who uses one.
ALTER TABLE api_tokens ADD COLUMN instance TEXT;
ALTER TABLE api_tokens ADD COLUMN client_id TEXT;
ALTER TABLE api_tokens ADD COLUMN session_id TEXT;
CREATE INDEX api_tokens_instance ON api_tokens (instance);

-- A client is a running thing that people sign in to; it goes with it.
CREATE TABLE oauth_clients (
  id TEXT PRIMARY KEY, secret_hash TEXT NOT NULL, redirect_uri TEXT NOT NULL, instance TEXT NOT NULL,
  project_id TEXT NOT NULL, created_at BIGINT NOT NULL);
CREATE INDEX oauth_clients_instance ON oauth_clients (instance);

-- token_id: what the code was exchanged for; a code that comes twice ends it.
CREATE TABLE oauth_codes (
  hash TEXT PRIMARY KEY, client_id TEXT NOT NULL, user_id TEXT NOT NULL, session_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL, challenge TEXT NOT NULL, expires_at BIGINT NOT NULL, token_id TEXT);
CREATE INDEX oauth_codes_expiry ON oauth_codes (expires_at);
