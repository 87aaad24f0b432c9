-- Why: a notice may name one record that is new or has changed. It comes before the record can be
-- had, so what is not found is asked for again, a few times, before anything follows from it.

-- record: said to be there, by the provider's own id; `gone` beside it: said to be deleted too.
-- missed: times in a row that it was not found.
ALTER TABLE pending ADD COLUMN record TEXT;
ALTER TABLE pending ADD COLUMN missed INTEGER NOT NULL DEFAULT 0;
