-- Why: a provider may name a member by a word that the member was given here, and says it again until
-- it is answered. The first account that the word was said of is the only one that it can bring.

-- Of such a word `browser` is empty. account: a keyed hash, as in `connection`; null: not said yet.
ALTER TABLE authorisation ADD COLUMN account TEXT;
