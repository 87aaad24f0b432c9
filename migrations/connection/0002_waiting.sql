-- Why: notices, re-readings, history and addresses that a provider named wait in one line, each with
-- its own place, patience and cause; what a window has brought so far is known by its digests.

-- kind: live, reread or backfill. kept: the row of a sealed address. fact: a record that a complete
-- window did not bring. ask: 1 when the stretch is asked
-- for and sent later. turn: the order in line. pages: read so far. since: when it was first noted;
-- again: and anew, while it was being read. due: not before. tries: faults in a row at this place;
-- faults: since it was noted; broken: those of them that are the row's own. why: the last one.
-- least: calls without which a try gets nowhere.
ALTER TABLE pending ADD COLUMN kind TEXT NOT NULL DEFAULT 'live';
ALTER TABLE pending ADD COLUMN kept TEXT;
ALTER TABLE pending ADD COLUMN fact TEXT;
ALTER TABLE pending ADD COLUMN ask INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pending ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pending ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pending ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pending ADD COLUMN again INTEGER;
ALTER TABLE pending ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pending ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pending ADD COLUMN faults INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pending ADD COLUMN broken INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pending ADD COLUMN why TEXT;
ALTER TABLE pending ADD COLUMN least INTEGER NOT NULL DEFAULT 1;
UPDATE pending SET turn = id, pages = (cursor IS NOT NULL), since = unixepoch() * 1000;
CREATE UNIQUE INDEX pending_fact ON pending (fact) WHERE fact IS NOT NULL;
CREATE UNIQUE INDEX pending_kept ON pending (kept) WHERE kept IS NOT NULL;

-- Digests of the records that a window brought, and the cursors that led through it.
CREATE TABLE seen (
  pending INTEGER NOT NULL,
  fact TEXT NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (pending, fact)
) STRICT, WITHOUT ROWID;
CREATE TABLE passed (
  pending INTEGER NOT NULL,
  cursor TEXT NOT NULL,
  PRIMARY KEY (pending, cursor)
) STRICT, WITHOUT ROWID;

-- Records whose readings were no good, and how often: after a few times they are taken without.
CREATE TABLE spoilt (
  pending INTEGER NOT NULL,
  fact TEXT NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (pending, fact)
) STRICT, WITHOUT ROWID;

-- ask: 1 while the provider is still to be asked about it.
ALTER TABLE claim ADD COLUMN ask INTEGER NOT NULL DEFAULT 0;
UPDATE claim SET ask = 1 WHERE what = 'deregistered'
  AND EXISTS (SELECT 1 FROM meta WHERE key = 'toAsk' AND value = 'true');

INSERT INTO meta (key, value)
  SELECT 'reconnect', 'grant-ended' FROM meta WHERE key = 'failing' AND value = 'needs-reconnecting';
INSERT INTO meta (key, value) SELECT 'checked', value FROM meta WHERE key = 'lastRead';
INSERT INTO meta (key, value) SELECT 'caughtUp', value FROM meta WHERE key = 'lastRead';
DELETE FROM meta WHERE key IN ('failing', 'lastRead', 'toAsk', 'attempts');
