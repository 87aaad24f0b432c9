-- Why: one ciphertext a fact and column group instead of one a column; consents that forbid and
-- that begin; break-glass; erasures of less than a member. Persons moved to the directory. Nothing
-- was deployed with the earlier sealed form: what it held goes.
DROP TABLE principal;
DROP TABLE sealed;
DELETE FROM parked;
DELETE FROM member;

-- Columns that are sealed together, of one row. columns: JSON {column: [revision, keyed digest]},
-- an empty digest where the source emptied it. version grows with every write: a writer that read
-- another one starts over. bytes: sealed length; body or object holds them, neither: nothing left.
-- keys: JSON list of every data key that ever sealed it and may still be there; erasing it for good
-- takes all of them.
CREATE TABLE sealed (
  member TEXT NOT NULL,
  row_id TEXT NOT NULL,
  group_name TEXT NOT NULL,
  version INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  columns TEXT NOT NULL,
  key_id TEXT NOT NULL,
  keys TEXT NOT NULL,
  connection TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  body BLOB,
  object TEXT,
  PRIMARY KEY (member, row_id, group_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_object ON sealed (object) WHERE object IS NOT NULL;

-- What a retracted row was ever sealed with, until it is erased for good.
ALTER TABLE retraction ADD COLUMN keys TEXT NOT NULL DEFAULT '[]';

-- Replacing a member's key is one worker's at a time: its lease, and until when.
ALTER TABLE member ADD COLUMN lease TEXT;
ALTER TABLE member ADD COLUMN lease_until INTEGER;
-- A restore could not bring back their privacy zones: nobody else sees their tracks until they set
-- them again.
ALTER TABLE member ADD COLUMN zones_lost INTEGER NOT NULL DEFAULT 0;
CREATE INDEX member_lease ON member (lease_until) WHERE lease IS NOT NULL;

-- A connection whose data was erased: nothing is sealed for it any more.
CREATE TABLE ended_connection (
  member TEXT NOT NULL,
  connection TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (member, connection)
) STRICT, WITHOUT ROWID;

ALTER TABLE consent ADD COLUMN effect TEXT NOT NULL DEFAULT 'permit';
ALTER TABLE consent ADD COLUMN not_before INTEGER;

-- An operator's access without consent, of 15 minutes at most. The reason is sealed under the
-- member's own key.
CREATE TABLE break_glass (
  id TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  operator TEXT NOT NULL,
  at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  CHECK (until - at <= 900000)
) STRICT, WITHOUT ROWID;
CREATE INDEX break_glass_member ON break_glass (member, at);

-- erasures: how many changes that no restore may undo (erasures, revocations, forbids, changes of
-- privacy zones) this database knows of. The journal beside it knows as many or fewer; if it knows
-- more, this database is an old copy (docs/privacy.md). finishes: how many finished erasures it
-- knows of; if it knows more than the database of keys does, that one is an old copy.
CREATE TABLE shard_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  erasures INTEGER NOT NULL,
  finishes INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO shard_state (id, erasures) VALUES (1, 0);
