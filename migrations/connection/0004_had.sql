-- Why: what was had need not be read again, and what was read too early is to be read once more.

-- later: how often its readings were still being made. later_ms: when it is read once more for that,
-- whatever is said of it until then; NULL: now, or it is not.
ALTER TABLE pending ADD COLUMN later INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pending ADD COLUMN later_ms INTEGER;

-- Records by their digests, and a digest of what each looked like when it was last taken whole. mark
-- NULL: it was retracted here. at: when it happened; the newest are kept.
CREATE TABLE had (
  fact TEXT PRIMARY KEY,
  mark TEXT,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX had_at ON had (at);
