-- Why: one row a member holds every number of the period, so that a change writes one row.
CREATE TABLE score (
  member TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  sums TEXT
) STRICT, WITHOUT ROWID;
