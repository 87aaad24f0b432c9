-- Why: members split and join by hand, ids outlive the records they were made from, looking around
-- a record must not read nine days of others to find the few that last that long, and what waits
-- for the archive must not be read to learn that nothing waits for the vault.

-- Which facts a decision names; the decision itself is a row of `fact` that covers no time.
CREATE TABLE named (
  fact TEXT NOT NULL,
  decision TEXT NOT NULL,
  PRIMARY KEY (fact, decision)
) STRICT, WITHOUT ROWID;

-- Whom a retracted fact left its place to, for those who ask by an id that it anchored.
CREATE TABLE heir (fact TEXT PRIMARY KEY, heir TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE INDEX fact_long ON fact (at) WHERE until - at > 86400000;
CREATE INDEX resolved_long ON resolved (from_ms) WHERE to_ms - from_ms > 86400000;

-- What is confirmed leaves the outbox at once.
DELETE FROM outbox WHERE confirmed = 1;
ALTER TABLE outbox DROP COLUMN confirmed;
CREATE INDEX outbox_vault ON outbox (seq) WHERE consumer = 'vault';
