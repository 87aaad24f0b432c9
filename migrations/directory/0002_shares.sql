-- Why: whoever has a share's code comes without a token, so the code has to lead to a member before
-- the shard is known. Only its hash is kept: 130 random bits need no key to stay unguessed. The
-- member's shard decides whether the share holds; a row that goes here opens nothing any more.
CREATE TABLE share (
  hash TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX share_member ON share (member);
CREATE INDEX share_expires ON share (expires_at);
