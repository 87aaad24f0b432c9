-- Why: one subject's statements, each identity once, what they resolve to, and what is not yet
-- confirmed elsewhere. Only open fields are ever written here.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- at/until are null while the identity is retracted, so a retracted one is in no window.
CREATE TABLE fact (
  id TEXT PRIMARY KEY,
  revision INTEGER NOT NULL,
  at INTEGER,
  until INTEGER,
  body TEXT,
  days TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX fact_at ON fact (at) WHERE at IS NOT NULL;

-- The number that a content without a revision of its own got when it first came.
CREATE TABLE receipt (
  fact TEXT NOT NULL,
  content TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (fact, content)
) STRICT, WITHOUT ROWID;

CREATE TABLE resolved (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  day TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX resolved_from ON resolved (from_ms);
CREATE INDEX resolved_at ON resolved (at, id);

-- Which keys a resolved thing counts for; finds the last thing counted in a period in one row.
CREATE TABLE counted (
  key TEXT NOT NULL,
  day TEXT NOT NULL,
  at INTEGER NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (key, day, at, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX counted_id ON counted (id);

-- Absolute sums of a period; above `published` they wait for their board.
CREATE TABLE total (
  period TEXT PRIMARY KEY,
  sums TEXT NOT NULL,
  version INTEGER NOT NULL,
  published INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX total_unpublished ON total (period) WHERE version > published;

-- What lies above a consumer's mark. sent_at and attempts say when a change counts as lost.
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY,
  consumer TEXT NOT NULL,
  body TEXT NOT NULL,
  sent_at INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  confirmed INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE mark (consumer TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Answers to requests that carried an idempotency key.
CREATE TABLE reply (
  key TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  reply TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reply_at ON reply (at);
