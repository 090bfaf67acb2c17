-- SQLite uses a partial index only for a query that says the index's condition word for word, so each question that
-- is asked has its own; they hold what has not ended, which is little.
DROP INDEX versions_queue;
DROP INDEX versions_ended;
CREATE INDEX versions_queued ON versions (priority DESC, created_at, process_id) WHERE state = 'queued';
CREATE INDEX versions_queued_project ON versions (project_id) WHERE state = 'queued';
CREATE INDEX versions_admitted ON versions (project_id) WHERE state IN ('starting', 'running');
CREATE INDEX versions_active ON versions (project_id, state) WHERE state IN ('queued', 'starting', 'running');
CREATE INDEX versions_logs ON versions (ended_at) WHERE log_lines > 0;
