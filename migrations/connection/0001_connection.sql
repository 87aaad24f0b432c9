-- Why: what one account still has to have read, and what was said of it without proof.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Notices coalesce: one row a collection and stretch of time, or one a record said to be gone.
CREATE TABLE pending (
  id INTEGER PRIMARY KEY,
  collection TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  gone TEXT,
  cursor TEXT,
  noted INTEGER NOT NULL
) STRICT;

CREATE TABLE claim (what TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
