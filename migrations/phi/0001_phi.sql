-- Why: restricted readings as ciphertext, who may look at them, and who did. Consent, tombstone,
-- key generation and ciphertext of a member share one database, so that one batch decides a read.

-- key_id mirrors the generation of the member's key, null once the member is erased.
CREATE TABLE member (
  id TEXT PRIMARY KEY,
  key_id TEXT,
  erased_at INTEGER
) STRICT, WITHOUT ROWID;

-- A person by keyed digest. It outlives an erasure: a token issued up to not_before is refused.
CREATE TABLE principal (
  hash TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  not_before INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX principal_member ON principal (member);

-- A column of a row: its ciphertext, or the name of the object that holds it. Neither: emptied.
CREATE TABLE sealed (
  member TEXT NOT NULL,
  row_id TEXT NOT NULL,
  column_name TEXT NOT NULL,
  revision INTEGER NOT NULL,
  digest TEXT NOT NULL,
  key_id TEXT NOT NULL,
  connection TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  body BLOB,
  object TEXT,
  PRIMARY KEY (member, row_id, column_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_object ON sealed (object) WHERE object IS NOT NULL;

-- The greatest revision a row was retracted at, and nothing up to it may come back.
CREATE TABLE retraction (
  member TEXT NOT NULL,
  row_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (member, row_id)
) STRICT, WITHOUT ROWID;

-- Never overwritten, but for revoked_at, which is set once.
CREATE TABLE consent (
  id TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  version INTEGER NOT NULL,
  grantee_kind TEXT NOT NULL,
  grantee TEXT NOT NULL,
  columns TEXT NOT NULL,
  purpose TEXT NOT NULL,
  granted_at INTEGER NOT NULL,
  not_after INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_member ON consent (member, granted_at);

-- Append only. An outcome names the seq of the intent it closes, and an intent is closed once.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  actor TEXT NOT NULL,
  actor_role TEXT NOT NULL,
  member TEXT NOT NULL,
  columns TEXT NOT NULL,
  rows INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  outcome TEXT NOT NULL,
  ground TEXT NOT NULL,
  intent INTEGER
) STRICT;
CREATE INDEX audit_member ON audit (member, seq) WHERE intent IS NULL;
CREATE UNIQUE INDEX audit_intent ON audit (intent) WHERE intent IS NOT NULL;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit log is append only');
END;

CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit log is append only');
END;

-- What could not be read, sealed whole, until an operator replays it.
CREATE TABLE parked (
  id TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  connection TEXT NOT NULL,
  provider TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  body BLOB,
  object TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_member ON parked (member);
CREATE INDEX parked_object ON parked (object) WHERE object IS NOT NULL;

-- Objects that may have lost their row. The sweep destroys those that no row points at.
CREATE TABLE orphan (
  object TEXT PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX orphan_since ON orphan (since);
