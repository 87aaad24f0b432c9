-- Why: boards of periods that are over, and final standings of challenges, are files that the archive
-- makes of what settled. Which version of each is current is said here, and which are to be made anew.

-- period: a week, a month, or "challenge/" and its id. body: JSON, ClosedBody in
-- kernel/boards/closed.ts. as_of: when reading for it began, or for one that came to the same later:
-- what settled after that is not in it. swept: 0 while objects of former versions may be there.
CREATE TABLE closed_board (
  stream TEXT NOT NULL,
  period TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  as_of INTEGER NOT NULL,
  swept INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (stream, period)
) STRICT, WITHOUT ROWID;

-- To be made, or made anew. erased: somebody who is in it was, so that it does not wait. `mark` grows whenever it is marked again: whoever made one under an older
-- mark does not clear it.
CREATE TABLE closing_due (
  stream TEXT NOT NULL,
  period TEXT NOT NULL,
  since INTEGER NOT NULL,
  mark INTEGER NOT NULL,
  erased INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (stream, period)
) STRICT, WITHOUT ROWID;

-- Members who left boards or joined them: those that they are in by what they did are to be marked.
CREATE TABLE closing_member (
  member TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  mark INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
