-- Why: the archive settles. What is to be settled and resolved, what each partition came to, the
-- exact totals, how far the live boards were from them, the runs that did it, and erasures until
-- they are whole. The archive's own manifests are the truth about versions; `partition` mirrors them.

-- Every ledger that ever spoke also says which bucket of its stream it is in, and its last report.
-- repairs, repaired_at: how often lately it had to publish again because boards differed, and when.
ALTER TABLE ledger ADD COLUMN bucket INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN report TEXT;
ALTER TABLE ledger ADD COLUMN repairs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN repaired_at INTEGER;
CREATE INDEX ledger_bucket ON ledger (bucket, name);

-- Partitions whose conclusions have to be drawn anew. `mark` grows whenever it is marked again:
-- whoever resolved under an older mark does not clear it.
CREATE TABLE unresolved (
  stream TEXT NOT NULL,
  day TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  since INTEGER NOT NULL,
  mark INTEGER NOT NULL,
  PRIMARY KEY (stream, day, bucket)
) STRICT, WITHOUT ROWID;

-- What each partition's manifest says. rule: the version of what it was resolved by. rules: the
-- version of the rules that it was counted by last.
-- damaged: the object that was found damaged, until the partition is rebuilt.
CREATE TABLE partition (
  stream TEXT NOT NULL,
  day TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  version INTEGER NOT NULL,
  facts_rows INTEGER NOT NULL,
  facts_bytes INTEGER NOT NULL,
  resolved_rows INTEGER NOT NULL,
  resolved_bytes INTEGER NOT NULL,
  rule INTEGER NOT NULL,
  rules INTEGER NOT NULL,
  settled_at INTEGER NOT NULL,
  checked_at INTEGER NOT NULL,
  damaged TEXT,
  PRIMARY KEY (stream, day, bucket)
) STRICT, WITHOUT ROWID;
CREATE INDEX partition_checked ON partition (checked_at);
CREATE INDEX partition_rules ON partition (stream, rules);
CREATE INDEX partition_damaged ON partition (stream, day, bucket) WHERE damaged IS NOT NULL;

-- What one partition contributes to each total. fold: how contributions become one. at: the event
-- time of the last thing in it.
CREATE TABLE part (
  stream TEXT NOT NULL,
  day TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  rules INTEGER NOT NULL,
  measure TEXT NOT NULL,
  key TEXT NOT NULL,
  fold TEXT NOT NULL,
  n INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (stream, day, bucket, rules, measure, key)
) STRICT, WITHOUT ROWID;

-- Exact totals, overwritten whole; at: the event time of the last thing in it. An older version of
-- the rules keeps its own rows, until an erasure touches their period: they cannot be counted anew.
CREATE TABLE total (
  stream TEXT NOT NULL,
  rules INTEGER NOT NULL,
  measure TEXT NOT NULL,
  key TEXT NOT NULL,
  period TEXT NOT NULL,
  n INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (stream, rules, measure, key, period)
) STRICT, WITHOUT ROWID;

-- Boards to be compared with what settled.
CREATE TABLE drift_due (
  stream TEXT NOT NULL,
  period TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  since INTEGER NOT NULL,
  mark INTEGER NOT NULL,
  PRIMARY KEY (stream, period, bucket)
) STRICT, WITHOUT ROWID;

-- The last comparison of each board: sums over the members on it, and how many members differed.
CREATE TABLE drift (
  stream TEXT NOT NULL,
  period TEXT NOT NULL,
  measure TEXT NOT NULL,
  key TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  live INTEGER NOT NULL,
  exact INTEGER NOT NULL,
  differing INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (stream, period, measure, key, bucket)
) STRICT, WITHOUT ROWID;

-- kind: settle, rebuild, erase. args, state: JSON. lease: whoever is at it, until when.
CREATE TABLE run (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  args TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  started_at INTEGER,
  stage TEXT NOT NULL,
  state TEXT NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0,
  finished_at INTEGER,
  outcome TEXT,
  lease TEXT,
  lease_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX run_open ON run (asked_at) WHERE finished_at IS NULL;
CREATE INDEX run_asked ON run (asked_at);

-- What a run could not do, by the object that stood in its way.
CREATE TABLE run_fault (
  run TEXT NOT NULL,
  object TEXT NOT NULL,
  fault TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (run, object)
) STRICT, WITHOUT ROWID;

-- Ledgers of the erased: nothing of theirs is archived any more.
CREATE TABLE forgotten_ledger (
  ledger TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- An erasure step by step, for whoever has its id; it says nothing of whose it was.
CREATE TABLE receipt (
  id TEXT PRIMARY KEY,
  scope TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  steps TEXT NOT NULL,
  pending TEXT NOT NULL,
  finished_at INTEGER
) STRICT, WITHOUT ROWID;

-- What came before this is not taken from the account until its person lifts it; null: nothing.
ALTER TABLE connection ADD COLUMN forgotten_to INTEGER;
