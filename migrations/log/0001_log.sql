-- Why: one log of who looked. Rows are what one object writes most of, so each is kept cheap: a
-- member's read of their own data writes 4 (the intent and its place under the member, the closing
-- and its place under what it closes). Entries of nobody, and actors who are the member, have no
-- row in an index.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- `member`: NULL for nobody's and for closings. `actor`: NULL when it is the member. `bucket`: the
-- file of its day that it will be archived in; a closing's is its deed's, which may be gone by then.
CREATE TABLE entry (
  idx INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  text TEXT NOT NULL,
  bucket TEXT NOT NULL,
  member TEXT,
  actor TEXT,
  action TEXT,
  closes INTEGER
) STRICT;
CREATE INDEX entry_member ON entry (member) WHERE member IS NOT NULL;
CREATE INDEX entry_actor ON entry (actor) WHERE actor IS NOT NULL;
CREATE UNIQUE INDEX entry_closes ON entry (closes) WHERE closes IS NOT NULL;

-- Days whose entries are in the archive, and no longer here.
CREATE TABLE archived (
  day TEXT PRIMARY KEY,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
