-- What was erased, and is being erased. Kept for ever: a backup that is restored is erased again by it.
CREATE TABLE erasures (
  id              TEXT PRIMARY KEY,
  charge_point_id TEXT,                     -- of a charger; absent: of an id token
  digests         TEXT NOT NULL,            -- HMACs by which the token is recognised, JSON; the token itself is nowhere
  pseudonym       TEXT NOT NULL,            -- stands in its place; drawn at random
  is_dropping     INTEGER NOT NULL,         -- what is owed is given up
  is_removed      INTEGER NOT NULL,         -- the charger had left the registry before
  phase           TEXT NOT NULL CHECK (phase IN ('letters', 'stations', 'waiting', 'letters-again', 'done')),
  cursor          TEXT NOT NULL,            -- how far the phase is: the last letter or charger
  stations        INTEGER NOT NULL,
  done            INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  stepped_at      INTEGER NOT NULL,
  finished_at     INTEGER
) WITHOUT ROWID;

CREATE INDEX erasures_by_phase ON erasures (phase, stepped_at);

-- Stations that are not done: they still owe what is to be erased, have more rows, or could not be reached.
CREATE TABLE erasure_stations (
  erasure_id      TEXT NOT NULL,
  charge_point_id TEXT NOT NULL,
  place           TEXT NOT NULL,            -- where its next step goes on, JSON
  tried_at        INTEGER NOT NULL,
  PRIMARY KEY (erasure_id, charge_point_id)
) WITHOUT ROWID;

-- Parked messages up to this one are kept for as long as the releases before kept them.
INSERT INTO deployment (name, value) SELECT 'last-older-letter', max(id) FROM dead_letters HAVING max(id) IS NOT NULL;

-- Chargers that left the registry: their objects still have what came in before.
CREATE TABLE removed_chargers (
  charge_point_id TEXT PRIMARY KEY,
  removed_at      INTEGER NOT NULL
) WITHOUT ROWID;
