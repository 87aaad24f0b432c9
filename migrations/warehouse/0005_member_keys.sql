-- Why: what a member's own app sends is proven by a key of that member alone, and its door has to
-- find whose a key is, and how lately one was given.

-- Of such a connection: a keyed digest of its key, which is shown once and kept nowhere; null: it has
-- none. key_at: when it was given.
ALTER TABLE connection ADD COLUMN key_hash TEXT;
ALTER TABLE connection ADD COLUMN key_at INTEGER;
CREATE UNIQUE INDEX connection_key ON connection (key_hash)
  WHERE key_hash IS NOT NULL AND ended_at IS NULL;
