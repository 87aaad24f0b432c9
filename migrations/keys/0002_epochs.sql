-- Why: a member key is wrapped under an epoch whose key is destroyed in time, so that a restored
-- copy of these rows stays shut; and erasing a part replaces the member key, for which the old and
-- the new generation stand side by side for a moment. Nothing was deployed with the earlier form:
-- its keys go, and what they opened (phi/0002).
DROP TABLE data_key;
DROP TABLE member_key;

-- A generation that is closing takes no new data key: it is being replaced.
CREATE TABLE member_key (
  member TEXT NOT NULL,
  key_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  wrapped BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  closing INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (member, key_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_key_epoch ON member_key (epoch);

-- One live key a connection; "self" holds what is the member's own. A retired one opens what is
-- not sealed anew yet, and seals nothing.
CREATE TABLE data_key (
  member TEXT NOT NULL,
  generation TEXT NOT NULL,
  key_id TEXT NOT NULL,
  connection TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  retired INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (member, generation, key_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX data_key_live ON data_key (member, generation, connection) WHERE retired = 0;

-- The epoch that new member keys are wrapped under; a writer that remembers an older one is refused.
CREATE TABLE epoch (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  current INTEGER NOT NULL
) STRICT;
INSERT INTO epoch (id, current) VALUES (1, 1);

-- An erased member: no key is made for them again, however late the attempt.
CREATE TABLE gone_member (
  member TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- How many erasures were finished here; phi's shard_state knows as many or fewer. If it knows more,
-- this database is an old copy, with keys in it that were destroyed since.
CREATE TABLE key_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  finishes INTEGER NOT NULL
) STRICT;
INSERT INTO key_state (id, finishes) VALUES (1, 0);
