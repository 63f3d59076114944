-- Chargers whose events were ignored because nobody registered them. Bounded and pruned by the cron trigger.

CREATE TABLE unknown_chargers (
  identity TEXT PRIMARY KEY,                -- as the CSMS said it: our key, or an OCPP identity
  first_at INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  events   INTEGER NOT NULL,
  told_at  INTEGER NOT NULL DEFAULT 0       -- when the operator was told of it last
) WITHOUT ROWID;

CREATE INDEX unknown_chargers_by_time ON unknown_chargers (last_at);
CREATE INDEX unknown_chargers_by_told ON unknown_chargers (told_at);
