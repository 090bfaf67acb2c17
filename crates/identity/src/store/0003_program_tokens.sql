-- Tokens for the programs of a running thing carry its id as their client, and end with it.
CREATE INDEX api_tokens_client ON api_tokens (client_id);
