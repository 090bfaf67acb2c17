-- A notebook whose file lies in a workspace's volume: the workspace's id, and the path inside the volume.
ALTER TABLE notebooks ADD COLUMN workspace_id TEXT;
ALTER TABLE notebooks ADD COLUMN path TEXT;
CREATE UNIQUE INDEX notebooks_in_volumes ON notebooks (workspace_id, path);
