-- Failed code verifications by caller: the lock-out must be seen by every location at once, so it is not a rate limit binding.

CREATE TABLE pairing_attempts (
  caller            TEXT PRIMARY KEY,       -- a provider and which of its tokens, never the token
  window_started_at INTEGER NOT NULL,       -- first failure of the window that is being counted
  failures          INTEGER NOT NULL,       -- in that window; successes do not reset it
  locked_until      INTEGER NOT NULL,       -- 0 when never locked
  lockouts          INTEGER NOT NULL        -- in a row; each lock lasts twice as long as the one before
) WITHOUT ROWID;
