-- Why: how a stream's boards are spread, and what of them grows. Without it every row is lost to sight.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
