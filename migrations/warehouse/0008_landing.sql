-- Why: what lands is billed by the object and by the row. A batch of the queue is one object and one
-- row here, of whatever partitions its changes are; a run tells them apart later, many batches at
-- once, and only what it makes of them has a partition of its own.

-- day, bucket: null for a batch, which has no entry in the index. holds: null for all others; of a
-- batch the partitions whose changes are in it and nowhere else, as JSON ["2026-11-01/03", …].
CREATE TABLE landed_next (
  object TEXT PRIMARY KEY,
  stream TEXT NOT NULL,
  day TEXT,
  bucket INTEGER,
  facts INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  landed_at INTEGER NOT NULL,
  holds TEXT,
  CHECK ((day IS NULL) = (bucket IS NULL) AND (day IS NULL) = (holds IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO landed_next (object, stream, day, bucket, facts, bytes, landed_at)
  SELECT object, stream, day, bucket, facts, bytes, landed_at FROM landed;
DROP TABLE landed;
ALTER TABLE landed_next RENAME TO landed;
CREATE INDEX landed_partition ON landed (stream, day, bucket) WHERE day IS NOT NULL;
