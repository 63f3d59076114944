-- What the engineer on call steers by. Written rarely.

-- A provider that is paused has a row here; `pairings.held` is what each station was last told.
CREATE TABLE paused_providers (
  provider  TEXT PRIMARY KEY,
  paused_at INTEGER NOT NULL
) WITHOUT ROWID;

ALTER TABLE pairings ADD COLUMN held INTEGER NOT NULL DEFAULT 0;

-- Lanes that keep failing, from the third failure in a row until they have delivered all they owe.
CREATE TABLE troubled_lanes (
  charge_point_id TEXT NOT NULL,
  provider        TEXT NOT NULL,
  since           INTEGER NOT NULL,
  PRIMARY KEY (charge_point_id, provider)
) WITHOUT ROWID;
