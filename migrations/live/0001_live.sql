-- Why: one thing that is watched as it happens. What each thing adds is kept once, under a version that
-- only grows, so that what comes again or late changes nothing; sums by minute are kept beside it, so
-- that a look reads minutes and not things. Forgotten after two days, but for what a count of stock
-- still needs (durable-objects/live-things.ts).
CREATE TABLE thing (
  ledger TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  -- JSON [[key, [n, …]], …]; []: it adds nothing any more, and what is older of it is refused.
  entries TEXT NOT NULL,
  -- Of a store's own articles: which one it is of.
  sku TEXT,
  PRIMARY KEY (ledger, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX thing_sku ON thing (sku, at) WHERE sku IS NOT NULL;

-- Sums of what happened in a minute (since 1970), by key.
CREATE TABLE cell (
  minute INTEGER NOT NULL,
  key TEXT NOT NULL,
  n0 INTEGER NOT NULL,
  n1 INTEGER NOT NULL,
  n2 INTEGER NOT NULL,
  PRIMARY KEY (minute, key)
) STRICT, WITHOUT ROWID;

-- An article as it was counted, and what was sold of it since.
CREATE TABLE stock (
  sku TEXT PRIMARY KEY,
  counted INTEGER NOT NULL,
  threshold INTEGER NOT NULL,
  counted_at INTEGER NOT NULL,
  sold INTEGER NOT NULL,
  -- 1: said, and not said again before it was above its threshold.
  is_low INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Said here in the transaction in which it fell; gone once the warehouse has it.
CREATE TABLE fallen (
  sku TEXT NOT NULL,
  at INTEGER NOT NULL,
  merchant TEXT NOT NULL,
  store TEXT NOT NULL,
  level INTEGER NOT NULL,
  threshold INTEGER NOT NULL,
  PRIMARY KEY (sku, at)
) STRICT, WITHOUT ROWID;
