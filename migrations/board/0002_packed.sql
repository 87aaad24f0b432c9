-- Why: one packed row a member holds all their open periods, and shards are those of a generation.
-- What stood here is said again by the ledgers, which publish a row of the new form after any change.
DROP TABLE score;
CREATE TABLE score (
  member TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
