-- Why: what must be found without knowing which object holds it: whose account this is, which
-- ledgers exist, what has landed by event time and what is still to be settled. Internal ids and
-- keyed hashes only; no reading, no name, no provider's user id is ever written here.

-- zones: JSON [{zone, fromMs}], oldest first. An erased member keeps its row, so the id stays dead.
CREATE TABLE member (
  id TEXT PRIMARY KEY,
  made_at INTEGER NOT NULL,
  settings_version INTEGER NOT NULL,
  zones TEXT NOT NULL,
  on_boards INTEGER NOT NULL DEFAULT 0,
  erased_at INTEGER
) STRICT, WITHOUT ROWID;

-- A keyed hash of (issuer, subject) → the member it signed up as.
CREATE TABLE person (
  hash TEXT PRIMARY KEY,
  member TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX person_member ON person (member);

-- account: a keyed hash. One account has one live connection; ended ones stay for the record.
CREATE TABLE connection (
  id TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  provider TEXT NOT NULL,
  account TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX connection_account ON connection (provider, account) WHERE ended_at IS NULL;
CREATE INDEX connection_member ON connection (member);

-- A second member claimed a linked account: one row for each of the two, so that both are told.
CREATE TABLE refused_link (
  id INTEGER PRIMARY KEY,
  member TEXT NOT NULL,
  provider TEXT NOT NULL,
  at INTEGER NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('claimant', 'holder'))
) STRICT;
CREATE INDEX refused_link_member ON refused_link (member, at);

-- Every ledger that ever spoke; a sweep asks the longest unasked whether anything is left to send.
CREATE TABLE ledger (
  name TEXT PRIMARY KEY,
  swept_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_swept ON ledger (swept_at);

-- The landing objects of the archive. A statement may be in two of them, and one day may hold a
-- fact and its tombstone at the same revision (a zone changed there and back): of one identity on
-- one day, what its ledger published last, by seq, is what stands.
CREATE TABLE landed (
  object TEXT PRIMARY KEY,
  stream TEXT NOT NULL,
  day TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  facts INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  landed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX landed_partition ON landed (stream, day, bucket);

-- Partitions to settle, since when. Written in the transaction that writes `landed`: a settlement
-- may clear a mark only where the partition's `landed` rows are still the ones that it read.
CREATE TABLE dirty (
  stream TEXT NOT NULL,
  day TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (stream, day, bucket)
) STRICT, WITHOUT ROWID;

-- Changes that could not land. Null where the body does not say; ledger '?' where it names none.
CREATE TABLE parked_change (
  ledger TEXT NOT NULL,
  seq INTEGER NOT NULL,
  stream TEXT,
  day TEXT,
  bucket INTEGER,
  body TEXT NOT NULL,
  reason TEXT NOT NULL,
  parked_at INTEGER NOT NULL,
  PRIMARY KEY (ledger, seq)
) STRICT, WITHOUT ROWID;

-- Hashes under a secret that no erasure destroys: what is listed here does not come back by itself.
CREATE TABLE forgotten (
  hash TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('person', 'account')),
  at INTEGER NOT NULL,
  PRIMARY KEY (hash, kind)
) STRICT, WITHOUT ROWID;
