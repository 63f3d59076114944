-- Parked messages with row ids: large texts do not belong in an index. Their number is kept for each provider, since there is a
-- quota, and the chargers are listed whose stations keep letters that found no place here.

ALTER TABLE dead_letters RENAME TO dead_letters_before;
DROP INDEX dead_letters_by_charger;

CREATE TABLE dead_letters (
  id              INTEGER PRIMARY KEY,      -- in the order of parking
  delivery_id     TEXT NOT NULL UNIQUE,
  provider        TEXT NOT NULL,
  charge_point_id TEXT NOT NULL,
  reason          TEXT NOT NULL,
  record          TEXT NOT NULL,            -- message, last answer, attempts, JSON
  parked_at       INTEGER NOT NULL
);

INSERT INTO dead_letters (delivery_id, provider, charge_point_id, reason, record, parked_at)
SELECT delivery_id, provider, charge_point_id, reason, record, parked_at FROM dead_letters_before ORDER BY parked_at;

DROP TABLE dead_letters_before;

CREATE INDEX dead_letters_by_charger ON dead_letters (charge_point_id, provider);

CREATE TABLE dead_letter_counts (
  provider TEXT PRIMARY KEY,
  letters  INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO dead_letter_counts (provider, letters) SELECT provider, count(*) FROM dead_letters GROUP BY provider;

CREATE TRIGGER dead_letter_parked AFTER INSERT ON dead_letters BEGIN
  INSERT INTO dead_letter_counts (provider, letters) VALUES (new.provider, 1)
  ON CONFLICT (provider) DO UPDATE SET letters = letters + 1;
END;

CREATE TRIGGER dead_letter_gone AFTER DELETE ON dead_letters BEGIN
  UPDATE dead_letter_counts SET letters = letters - 1 WHERE provider = old.provider;
END;

CREATE TABLE letter_stations (
  charge_point_id TEXT PRIMARY KEY
) WITHOUT ROWID;
