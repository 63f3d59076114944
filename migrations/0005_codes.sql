-- A code can be hit by a guess until this instant, so long as it is not revoked: until it expires, or for ten minutes after its
-- redemption. Counting live codes and deleting dead ones read this index only, however many old codes there are.
ALTER TABLE pairing_codes ADD COLUMN live_until INTEGER
  GENERATED ALWAYS AS (coalesce(revoked_at, redeemed_at + 600000, expires_at)) VIRTUAL;

DROP INDEX pairing_codes_by_expiry;

CREATE INDEX pairing_codes_by_end ON pairing_codes (live_until, provider);
