-- Which server looks after what runs on a node. Times are the database's own, in milliseconds UTC.
-- holder: the process (machine, process id, start), so that its end is known at once on the same machine.
CREATE TABLE workspace_servers (
  node TEXT PRIMARY KEY, holder TEXT NOT NULL, url TEXT NOT NULL, seen_at BIGINT NOT NULL, expires_at BIGINT NOT NULL);
