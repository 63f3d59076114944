-- What is looked up across chargers. One writer: registry and rare events only, never the hot path.

CREATE TABLE chargers (
  charge_point_id TEXT PRIMARY KEY,
  ocpp_identity   TEXT NOT NULL UNIQUE,
  record          TEXT NOT NULL,            -- the charger as registered, JSON
  created_at      INTEGER NOT NULL,         -- ms since the epoch, as every instant here
  updated_at      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE pairings (
  charge_point_id TEXT NOT NULL,
  provider        TEXT NOT NULL,
  status          TEXT NOT NULL CHECK (status IN ('pending', 'paired')),
  format          TEXT NOT NULL CHECK (format IN ('ocpp', 'ocpi')),
  evse_uid        TEXT,                     -- with format 'ocpi': the one EVSE that was paired
  claimed_at      INTEGER NOT NULL,         -- a pending claim older than its limit counts for nothing
  paired_at       INTEGER,
  PRIMARY KEY (charge_point_id, provider)
) WITHOUT ROWID;

CREATE TABLE pairing_codes (
  code_hash       TEXT PRIMARY KEY,         -- HMAC-SHA-256 under PAIRING_CODE_PEPPER; the code itself is nowhere
  provider        TEXT NOT NULL,
  charge_point_id TEXT NOT NULL,
  format          TEXT NOT NULL CHECK (format IN ('ocpp', 'ocpi')),
  evse_uid        TEXT,
  created_at      INTEGER NOT NULL,
  expires_at      INTEGER NOT NULL,
  redeemed_at     INTEGER,
  revoked_at      INTEGER
) WITHOUT ROWID;

CREATE INDEX pairing_codes_by_charger ON pairing_codes (charge_point_id, provider);

CREATE TABLE dead_letters (
  delivery_id     TEXT PRIMARY KEY,
  provider        TEXT NOT NULL,
  charge_point_id TEXT NOT NULL,
  reason          TEXT NOT NULL,
  record          TEXT NOT NULL,            -- message, last answer, attempts, JSON
  parked_at       INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX dead_letters_by_charger ON dead_letters (charge_point_id, provider);
