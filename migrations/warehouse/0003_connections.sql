-- Why: what must be found about connections without waking their objects: links that a member
-- began and has not ended, accounts that another took the place of, how each connection is doing,
-- and what operators were told.

-- Which were made lately and still live, for those that a crash left claimed and not opened.
CREATE INDEX connection_made ON connection (made_at) WHERE ended_at IS NULL;

-- A link under way. state, browser: SHA-256 of what the provider and the browser carry; used once.
CREATE TABLE authorisation (
  state TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  provider TEXT NOT NULL,
  browser TEXT NOT NULL,
  return_to TEXT,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX authorisation_expires ON authorisation (expires_at);
CREATE INDEX authorisation_member ON authorisation (member);

-- The same person's account at the provider whose place another took: a keyed hash, as in
-- `connection`. Nobody else links it; what was forgotten of it stays forgotten.
CREATE TABLE former_account (
  provider TEXT NOT NULL,
  account TEXT NOT NULL,
  connection TEXT NOT NULL,
  PRIMARY KEY (provider, account, connection)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_account_connection ON former_account (connection);

-- How each live connection was doing when it last said so. body: ConnectionStatus as JSON.
CREATE TABLE connection_status (
  connection TEXT PRIMARY KEY,
  member TEXT NOT NULL,
  provider TEXT NOT NULL,
  state TEXT NOT NULL,
  behind_since INTEGER,
  body TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX connection_status_member ON connection_status (member, changed_at);
CREATE INDEX connection_status_provider ON connection_status (provider, state, behind_since);

-- One row while something is the matter. told_at: when the webhook took it; null: not yet. tried_at:
-- when it was last asked to, so that one that it does not take lets the others go first.
CREATE TABLE alert (
  name TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  value INTEGER NOT NULL,
  told_at INTEGER,
  tried_at INTEGER,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
