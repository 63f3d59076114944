-- Sessions across chargers, to be searched: noted by stations when one starts, changes its provider, is flagged, and ends.
-- At most 12 rows are written for each session, entries of indexes counted.

CREATE TABLE sessions (
  charge_point_id TEXT NOT NULL,
  transaction_id  TEXT NOT NULL,            -- as Jedlix knows it
  evse_id         INTEGER NOT NULL,
  providers       TEXT NOT NULL,            -- JSON list of names
  state           TEXT NOT NULL CHECK (state IN ('running', 'ended', 'refused')),
  started_at      INTEGER NOT NULL,
  ended_at        INTEGER,
  energy_wh       REAL,
  flags           TEXT NOT NULL DEFAULT '[]', -- JSON list of the codes of its warnings
  token_hmac      TEXT,                     -- of the id token, under PAIRING_CODE_PEPPER; the token itself is not here
  PRIMARY KEY (charge_point_id, transaction_id)
) WITHOUT ROWID;

CREATE INDEX sessions_by_time ON sessions (started_at);
CREATE INDEX sessions_by_token ON sessions (token_hmac, started_at) WHERE token_hmac IS NOT NULL;
CREATE INDEX sessions_running ON sessions (started_at) WHERE state = 'running';
CREATE INDEX sessions_flagged ON sessions (started_at) WHERE flags <> '[]';
