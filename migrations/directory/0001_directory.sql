-- Why: what must be found before it is known which shard holds it: where a member is kept, and
-- which member a caller is. Small, and nothing in it is worth a key: keyed digests and internal ids.

-- A shard is two databases, phi-N and keys-N. A closed one takes no new members and keeps its own.
CREATE TABLE shard (
  number INTEGER PRIMARY KEY,
  open INTEGER NOT NULL DEFAULT 1
) STRICT;
INSERT INTO shard (number) VALUES (0), (1);

-- Written once: a member never moves. erased_at mirrors the shard's tombstone, which decides.
CREATE TABLE placement (
  member TEXT PRIMARY KEY,
  shard INTEGER NOT NULL,
  erased_at INTEGER
) STRICT, WITHOUT ROWID;

-- A person by keyed digest. It outlives an erasure: a token issued up to not_before is refused.
CREATE TABLE principal (
  hash TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  not_before INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX principal_member ON principal (member);

-- Who may have been allowed to read whom: a hint of where to look. The member's shard decides.
CREATE TABLE roster (
  grantee TEXT NOT NULL,
  member TEXT NOT NULL,
  PRIMARY KEY (grantee, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX roster_member ON roster (member);
