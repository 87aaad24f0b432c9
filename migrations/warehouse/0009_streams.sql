-- What follows the totals of listens and sales: who may read which of it, statements of royalties,
-- what gateways settled, snapshots to learn from, and what runs short.

-- Whom a role lets read what: an artist's or label's own names, a merchant's own stores.
CREATE TABLE reader (
  member TEXT NOT NULL,
  role TEXT NOT NULL,
  -- artist, label: the key of an artist's name. merchandiser, finance, scientist: a merchant.
  of TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (member, role, of)
) STRICT, WITHOUT ROWID;

-- What is shared out for a month, in the currency's smallest unit.
CREATE TABLE royalty_pool (
  period TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  put_at INTEGER NOT NULL,
  PRIMARY KEY (period)
) STRICT, WITHOUT ROWID;

-- One statement a period and version of the rules, made by overwriting. body: JSON, all but its
-- lines; sha256: of the whole of it.
CREATE TABLE royalty_statement (
  period TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (period, version)
) STRICT, WITHOUT ROWID;
-- Its lines, which an artist or a label reads their own of.
CREATE TABLE royalty_line (
  period TEXT NOT NULL,
  version INTEGER NOT NULL,
  artist TEXT NOT NULL,
  track TEXT NOT NULL,
  territory TEXT NOT NULL,
  listens INTEGER NOT NULL,
  qualified INTEGER NOT NULL,
  looked INTEGER NOT NULL,
  why TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  PRIMARY KEY (period, version, artist, track, territory)
) STRICT, WITHOUT ROWID;

-- A gateway's settlement file, row by row; the same file again is the same rows.
CREATE TABLE settlement_row (
  merchant TEXT NOT NULL,
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  -- All that the row names what was paid by, U+001F between them; empty: nothing.
  reference TEXT NOT NULL,
  kind TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  fee_minor INTEGER NOT NULL,
  day TEXT NOT NULL,
  PRIMARY KEY (merchant, file, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX settlement_row_day ON settlement_row (merchant, day);

-- A named, frozen list of objects to learn from. Only a redaction changes one, and each is listed.
-- made_at: null until the run that copies the days is done.
CREATE TABLE snapshot (
  merchant TEXT NOT NULL,
  name TEXT NOT NULL,
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL,
  -- JSON [{ object, day, rows, bytes, sha256, versions }]
  objects TEXT NOT NULL,
  run TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  made_at INTEGER,
  PRIMARY KEY (merchant, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot_redaction (
  merchant TEXT NOT NULL,
  name TEXT NOT NULL,
  object TEXT NOT NULL,
  at INTEGER NOT NULL,
  why TEXT NOT NULL,
  rows INTEGER NOT NULL,
  sha256_before TEXT NOT NULL,
  sha256_after TEXT NOT NULL,
  PRIMARY KEY (merchant, name, object, sha256_before)
) STRICT, WITHOUT ROWID;

-- Customers whom a merchant forgot: no snapshot names them, whenever it is made.
CREATE TABLE forgotten_customer (
  merchant TEXT NOT NULL,
  person TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (merchant, person)
) STRICT, WITHOUT ROWID;

-- Stores of which something was counted: what is watched of them is forgotten with their merchant.
CREATE TABLE counted_store (
  merchant TEXT NOT NULL,
  store TEXT NOT NULL,
  PRIMARY KEY (merchant, store)
) STRICT, WITHOUT ROWID;

-- Said once when an article falls to its threshold, and again only after it was above it.
CREATE TABLE low_stock (
  merchant TEXT NOT NULL,
  store TEXT NOT NULL,
  sku TEXT NOT NULL,
  at INTEGER NOT NULL,
  level INTEGER NOT NULL,
  threshold INTEGER NOT NULL,
  PRIMARY KEY (merchant, store, sku, at)
) STRICT, WITHOUT ROWID;
