-- Why: what became of every statement must add up, a parked change must find its way back, and what
-- was erased on somebody's account must be found again when they lift it.

-- One row: received = applied + duplicate + rejected + parked + pending. held: (identity, day)
-- pairs that were ever published. A ledger from before this counts what it holds as applied, and
-- each change that waits as one pending statement.
CREATE TABLE counts (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  received INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  duplicate INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  parked INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  held INTEGER NOT NULL
) STRICT;
INSERT INTO counts (one, received, applied, duplicate, rejected, parked, pending, held)
SELECT 1, known.n + waiting.n, known.n, 0, 0, 0, waiting.n, known.held
FROM (SELECT count(*) AS n, coalesce(sum(json_array_length(days)), 0) AS held FROM fact) AS known,
     (SELECT count(*) AS n FROM outbox WHERE consumer = 'archive') AS waiting;

-- The statement that a change came of, named by the first change that did; null: it came of none
-- (settings moved it, or it was published again) and is not counted, unless it is parked: then it
-- stands for one that was applied. Most are a statement's only one; the others have indexes.
ALTER TABLE outbox ADD COLUMN statement INTEGER;
UPDATE outbox SET statement = seq WHERE consumer = 'archive';
CREATE INDEX outbox_further ON outbox (statement) WHERE statement < seq;
CREATE INDEX outbox_uncounted ON outbox (seq) WHERE consumer = 'archive' AND statement IS NULL;

-- Changes that could not land; they stay here once replayed, so that none goes out twice.
CREATE TABLE parked (
  seq INTEGER PRIMARY KEY,
  statement INTEGER,
  replayed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX parked_waiting ON parked (statement) WHERE replayed = 0;

-- By which account an identity was erased, until that is lifted.
ALTER TABLE fact ADD COLUMN erased_by TEXT;
CREATE INDEX fact_erased ON fact (erased_by) WHERE erased_by IS NOT NULL;
