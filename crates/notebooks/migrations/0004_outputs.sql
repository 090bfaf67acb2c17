CREATE TABLE notebook_stored (
  notebook_id TEXT NOT NULL, output_id TEXT NOT NULL, part BIGINT NOT NULL, project_id TEXT NOT NULL,
  cell_id TEXT NOT NULL, media TEXT NOT NULL, bytes BIGINT NOT NULL, unused_since BIGINT,
  PRIMARY KEY (notebook_id, output_id, part));
INSERT INTO notebook_stored (notebook_id, output_id, part, project_id, cell_id, media, bytes)
  SELECT o.notebook_id, o.output_id, o.part, n.project_id, o.cell_id, o.media, o.bytes
  FROM notebook_outputs o JOIN notebooks n ON n.id = o.notebook_id;
DROP TABLE notebook_outputs;
ALTER TABLE notebook_stored RENAME TO notebook_outputs;
CREATE INDEX notebook_outputs_cell ON notebook_outputs (notebook_id, cell_id);
CREATE INDEX notebook_outputs_project ON notebook_outputs (project_id);
CREATE TABLE notebook_version_outputs (
  version_id TEXT NOT NULL, notebook_id TEXT NOT NULL, output_id TEXT NOT NULL,
  PRIMARY KEY (version_id, output_id));
CREATE INDEX notebook_version_outputs_of ON notebook_version_outputs (notebook_id, output_id);
