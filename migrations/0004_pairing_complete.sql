-- Repeats do no harm, pairings can be told again, guessing is counted by the day.

-- HMAC of the code that the provider's app showed, as in pairing_codes: tells a repeat whose answer was lost from another try.
ALTER TABLE pairings ADD COLUMN code_hash TEXT;
-- Who paired, JSON; never a credential.
ALTER TABLE pairings ADD COLUMN audit TEXT;

-- Codes are counted before one is issued, in the same transaction.
CREATE INDEX pairing_codes_by_expiry ON pairing_codes (expires_at);

-- Beside the short window: failures since this instant, for a day.
ALTER TABLE pairing_attempts ADD COLUMN day_started_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pairing_attempts ADD COLUMN day_failures INTEGER NOT NULL DEFAULT 0;

CREATE TABLE idempotency_keys (
  key_hash   TEXT PRIMARY KEY,              -- SHA-256 over caller, path and Idempotency-Key
  body_hash  TEXT NOT NULL,                 -- SHA-256 over the same and the body: means nothing without the key
  answer     TEXT,                          -- the final answer, JSON; null while the first request runs
  started_at INTEGER NOT NULL
) WITHOUT ROWID;
