-- What somebody should know without asking: kept by the cron trigger and by stations in trouble, never while all is well.

-- What the lane owes, and why it waits. Absent in notes of the release before.
ALTER TABLE troubled_lanes ADD COLUMN oldest_at INTEGER;            -- when the oldest event that is owed was taken
ALTER TABLE troubled_lanes ADD COLUMN backlog INTEGER NOT NULL DEFAULT 1;
ALTER TABLE troubled_lanes ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE troubled_lanes ADD COLUMN reason TEXT;
ALTER TABLE troubled_lanes ADD COLUMN noted_at INTEGER NOT NULL DEFAULT 0;

-- Open alerts.
CREATE TABLE alerts (
  type    TEXT NOT NULL,
  subject TEXT NOT NULL,                    -- a provider, a charger, an identity or a setting
  since   INTEGER NOT NULL,
  detail  TEXT NOT NULL,                    -- JSON
  PRIMARY KEY (type, subject)
) WITHOUT ROWID;

-- Notifications that belong to no charger, until the CSMS has taken them.
CREATE TABLE notices (
  id         INTEGER PRIMARY KEY,
  body       TEXT NOT NULL,                 -- the notification, JSON
  created_at INTEGER NOT NULL,
  due_at     INTEGER NOT NULL,
  attempts   INTEGER NOT NULL DEFAULT 0
);

-- How deliveries ended, added up over all stations.
CREATE TABLE provider_counts (
  provider  TEXT NOT NULL,
  hour      INTEGER NOT NULL,               -- when the hour began
  delivered INTEGER NOT NULL,
  rejected  INTEGER NOT NULL,
  retried   INTEGER NOT NULL,
  PRIMARY KEY (provider, hour)
) WITHOUT ROWID;

-- Why a lane waited last.
CREATE TABLE provider_errors (
  provider TEXT PRIMARY KEY,
  reason   TEXT NOT NULL,
  at       INTEGER NOT NULL
) WITHOUT ROWID;
