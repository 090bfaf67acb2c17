-- JSON documents that people keep: layouts of the workbench (one owner, found by name) and figures (the
-- project's, found by id). The revision grows with each change; a change names the one it was based on.
CREATE TABLE saved_documents (
  id TEXT PRIMARY KEY, project_id TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL,
  document TEXT NOT NULL, revision BIGINT NOT NULL,
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  CHECK ((kind = 'layout') = (owner <> '')));
CREATE UNIQUE INDEX saved_layouts ON saved_documents (project_id, owner, name) WHERE kind = 'layout';
CREATE INDEX saved_documents_project ON saved_documents (project_id, kind, id)
