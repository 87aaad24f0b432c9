-- Why: what the provider has to be told so that it sends its notices, as it was when last looked
-- at; a restart does not ask again. tried_at: whatever came of it.
CREATE TABLE subscription (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  tried_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  checked_at INTEGER,
  until INTEGER
) STRICT;
