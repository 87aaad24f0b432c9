-- Why: a card's number is sealed like a reading (`sealed`, row card/<token>); here is by what it is
-- found again, beside the member's tombstone, so that one batch sees both. Nothing here tells of a
-- number: a fingerprint is keyed, by a key of the merchant's that dies with theirs.

-- member: the merchant. token: random.
CREATE TABLE card (
  member TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  token TEXT NOT NULL,
  PRIMARY KEY (member, fingerprint)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX card_token ON card (member, token);

-- Who showed it, by a keyed digest. Who is forgotten stands in `retraction`, as row holder/<person>.
CREATE TABLE card_holder (
  member TEXT NOT NULL,
  person TEXT NOT NULL,
  token TEXT NOT NULL,
  PRIMARY KEY (member, person, token)
) STRICT, WITHOUT ROWID;
CREATE INDEX card_holder_token ON card_holder (member, token);
