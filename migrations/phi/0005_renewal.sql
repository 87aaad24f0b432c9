-- Why: a connection's tokens are renewed by one asker at a time, whoever asks and wherever they run,
-- and an answer that never came is remembered. It stands beside the sealed tokens, so that it goes
-- when they go, and is taken by the revision that they have.

-- Of the group `token` only. renewal: the revision that new tokens will have; while it is greater
-- than `revision`, they have been asked for and are not there. renewal_until: somebody asks, until
-- then; past it, nobody ever said what came of it. renewal_lost: 1, an answer to asking with these
-- very tokens was lost. renewal_outcome: JSON, what else came of the last time.
ALTER TABLE sealed ADD COLUMN renewal INTEGER;
ALTER TABLE sealed ADD COLUMN renewal_until INTEGER;
ALTER TABLE sealed ADD COLUMN renewal_lost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sealed ADD COLUMN renewal_outcome TEXT;

-- Addresses that providers named: read within minutes, void after days.
CREATE INDEX sealed_callback ON sealed (member, version) WHERE group_name = 'callback';
