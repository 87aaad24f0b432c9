-- Why: others are shown a member's workouts page by page, and a page must rest on what they may see
-- alone: neither its length nor its cursor may tell of what is its owner's.

-- Where others find it and under which id; null: to them it is not there. What was resolved before
-- this is resolved anew, by the rule that came with it.
ALTER TABLE resolved ADD COLUMN others_at INTEGER;
ALTER TABLE resolved ADD COLUMN others_id TEXT;
CREATE INDEX resolved_others ON resolved (others_at, others_id) WHERE others_at IS NOT NULL;
