-- Why: who competes with whom. Whom a member follows, which teams and challenges they are in, what a
-- team came to in a week, and what must be known so that nobody who is on no board can be told from
-- what a team came to. Internal ids, keyed digests of codes, names that a team or an operator gave.

-- Until when everybody saw their scores; null: never yet, or now. Whoever was seen in a week is known
-- in it, and hides nobody else.
ALTER TABLE member ADD COLUMN shown_until INTEGER;

-- One side's own list: the other is not told.
CREATE TABLE follow (
  member TEXT NOT NULL,
  other TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (member, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX follow_other ON follow (other);

-- code: a keyed digest of what lets somebody join. version: grows with who is in it, so that what was
-- reckoned for others is not kept. read_at: when its numbers were last asked for.
CREATE TABLE team (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  code TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 0,
  made_at INTEGER NOT NULL,
  read_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX team_read ON team (read_at);

CREATE TABLE team_member (
  team TEXT NOT NULL,
  member TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  PRIMARY KEY (team, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_member_member ON team_member (member);

-- What a team came to, of open weeks. n: what is told; null: held back. hidden: the part of it of
-- those who are on no board, as it was last told; counted: JSON, who that was; null: of nobody.
-- version: of the row, so that of two that reckon at once one begins again.
CREATE TABLE team_sum (
  week TEXT NOT NULL,
  measure TEXT NOT NULL,
  team TEXT NOT NULL,
  n INTEGER,
  hidden INTEGER NOT NULL DEFAULT 0,
  counted TEXT,
  version INTEGER NOT NULL,
  PRIMARY KEY (week, measure, team)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_sum_rank ON team_sum (week, measure, n DESC, team);
CREATE INDEX team_sum_team ON team_sum (team);

-- What of somebody on no board was ever in a number that was told, of open weeks: a number is told
-- only with enough in it that never was (domain/teams.ts). In the clear: the board shards hold the
-- same, it is seen by nobody, and it goes with the week or its member.
CREATE TABLE team_told (
  week TEXT NOT NULL,
  measure TEXT NOT NULL,
  member TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (week, measure, member, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_told_member ON team_told (member);

-- families: JSON. joining: who may. code: as a team's. version: grows with what its members' ledgers
-- have to know; telling: the last of them that was told; null: all of them know. ended_at: an operator ended it.
-- closed_at: its final standings are there, and nothing is counted live any more.
CREATE TABLE challenge (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  measure TEXT NOT NULL,
  families TEXT NOT NULL,
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL,
  day_max INTEGER,
  least INTEGER,
  verified_only INTEGER NOT NULL,
  joining TEXT NOT NULL CHECK (joining IN ('everybody', 'team', 'code')),
  team TEXT,
  code TEXT,
  made_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 0,
  telling TEXT,
  ended_at INTEGER,
  closed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX challenge_made ON challenge (made_at, id);
CREATE INDEX challenge_telling ON challenge (id) WHERE telling IS NOT NULL;
CREATE INDEX challenge_open ON challenge (to_day) WHERE closed_at IS NULL;

CREATE TABLE challenge_member (
  challenge TEXT NOT NULL,
  member TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  PRIMARY KEY (challenge, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX challenge_member_member ON challenge_member (member);
