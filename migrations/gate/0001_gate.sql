-- Why: one row holds all that a provider's gate knows, so that a lease or a report writes one row.
CREATE TABLE gate (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  body TEXT NOT NULL
) STRICT;
