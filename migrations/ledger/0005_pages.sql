-- Why: what is billed is the row. One row takes in all that a call changes; what is no longer hot is
-- packed into pages, each a stretch of the ledger's entries in the order of their keys. What lay in
-- tables is read into these once (durable-objects/ledger-upgrade.ts), which then are dropped.

-- The first line is the head, as JSON; then the hot entries.
CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT;

-- Entries from `first` up to the next page's, a line each.
CREATE TABLE page (first TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
