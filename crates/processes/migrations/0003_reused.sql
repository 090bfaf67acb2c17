CREATE INDEX versions_reused ON versions (reused_from) WHERE reused_from IS NOT NULL;
