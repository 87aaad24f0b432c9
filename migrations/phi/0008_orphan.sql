-- Why: each large value is listed as a possible orphan before it is written, and is one for moments.
-- An index of when is a row more for each of them, and saves the hourly sweep reading a short list.
DROP INDEX orphan_since;
