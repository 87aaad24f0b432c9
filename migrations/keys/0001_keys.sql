-- Why: the wrapped keys live apart from what they open. Destroying a member's rows here leaves
-- their ciphertext, wherever a copy of it is, without a key. No key is ever written unwrapped.

CREATE TABLE member_key (
  member TEXT PRIMARY KEY,
  key_id TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One a connection, and "self" holds what is the member's own, such as the display name.
CREATE TABLE data_key (
  member TEXT NOT NULL,
  connection TEXT NOT NULL,
  key_id TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (member, connection)
) STRICT, WITHOUT ROWID;
