CREATE TABLE project_types (
  project_id TEXT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL, version TEXT NOT NULL,
  schema_json TEXT NOT NULL, resources TEXT NOT NULL, outputs TEXT NOT NULL, program TEXT NOT NULL, changed_at BIGINT NOT NULL,
  PRIMARY KEY (project_id, name));
-- What programs are given to read, by content: a version that was made keeps what it was made with.
CREATE TABLE program_files (sha256 TEXT PRIMARY KEY, content TEXT NOT NULL);
