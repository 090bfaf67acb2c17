CREATE TABLE notebook_comments (
  id TEXT PRIMARY KEY, notebook_id TEXT NOT NULL, thread_id TEXT NOT NULL, cell_id TEXT,
  body TEXT NOT NULL, mentions TEXT NOT NULL,
  author_id TEXT NOT NULL, author_name TEXT NOT NULL,
  created_at BIGINT NOT NULL, edited_at BIGINT,
  resolved_at BIGINT, resolved_by TEXT, resolved_by_name TEXT);
CREATE INDEX notebook_comments_place ON notebook_comments (notebook_id, thread_id, id);
