-- Why: what a member takes away with them is staged here first, a bounded step at a time. Files are
-- sealed objects; their names, sizes and digests are sealed in `state`, since the digest of a small
-- file would confirm a guess of what is in it.

-- step: how many steps were taken; each is a compare-and-set on it. writer: which one took the last.
-- log, entry: where its intent stands in the log; null once that is closed.
CREATE TABLE export (
  id TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  gone_at INTEGER NOT NULL,
  step INTEGER NOT NULL,
  writer TEXT NOT NULL,
  key_id TEXT NOT NULL,
  state BLOB NOT NULL,
  log INTEGER NOT NULL,
  entry INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX export_member ON export (member, asked_at);
CREATE INDEX export_gone ON export (gone_at);

-- bytes: sealed length.
CREATE TABLE export_file (
  export TEXT NOT NULL,
  name TEXT NOT NULL,
  member TEXT NOT NULL,
  key_id TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  object TEXT NOT NULL,
  PRIMARY KEY (export, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX export_file_member ON export_file (member);
CREATE INDEX export_file_object ON export_file (object);
