-- A pairing is told apart by its generation, not by a time: one row for each charger and provider, which is kept when the pairing ends.
-- This migration goes one way: the code before it cannot write this table, and cannot read what stations store after it.

ALTER TABLE pairings RENAME TO pairings_before;

CREATE TABLE pairings (
  charge_point_id TEXT NOT NULL,
  provider        TEXT NOT NULL,
  generation      INTEGER NOT NULL,         -- of the claim or pairing that `status` is about
  last_generation INTEGER NOT NULL,         -- the last one given out: a claim beside a pairing has one of its own
  status          TEXT NOT NULL CHECK (status IN ('claimed', 'paired', 'ended')),
  format          TEXT NOT NULL CHECK (format IN ('ocpp', 'ocpi')),
  evse_uid        TEXT,                     -- with format 'ocpi': the one EVSE that was paired
  claimed_at      INTEGER NOT NULL,         -- a claim older than its limit counts for nothing
  paired_at       INTEGER,                  -- for those who look at it
  held            INTEGER NOT NULL DEFAULT 0, -- whether the station was told that the provider is paused
  code_hash       TEXT,
  audit           TEXT,
  PRIMARY KEY (charge_point_id, provider)
) WITHOUT ROWID;

-- Until now pairings were told apart by the time at which they were made, at stations too: that time is their generation.
INSERT INTO pairings
SELECT charge_point_id, provider, coalesce(paired_at, claimed_at), coalesce(paired_at, claimed_at),
       CASE status WHEN 'paired' THEN 'paired' ELSE 'claimed' END,
       format, evse_uid, claimed_at, paired_at, held, code_hash, audit
  FROM pairings_before;

DROP TABLE pairings_before;
