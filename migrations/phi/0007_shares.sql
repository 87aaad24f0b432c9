-- Why: a member shows daily aggregates to somebody without an account, by a link. For whom, what and
-- of which days is sealed like a reading (`sealed`, row share/<id>); here is what decides an opening,
-- beside the member's tombstone, so that one statement sees both.

-- hash: of the code, which is kept nowhere. Never overwritten, but for revoked_at, which is set once,
-- and for how often it was opened.
CREATE TABLE share (
  id TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  hash TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER,
  opened INTEGER NOT NULL DEFAULT 0,
  last_opened_at INTEGER,
  CHECK (expires_at > made_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX share_member ON share (member, hash);
CREATE INDEX share_expires ON share (expires_at);
