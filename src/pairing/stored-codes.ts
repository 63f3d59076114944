/** The pairing codes that we issued, in D1: stored as keyed hashes only. Refuses a hash that a live code already has. */
import * as z from 'zod';
import type { PairingTarget } from '../charging/pairing-target.ts';
import { evseUidOf } from '../storage/pairings.ts';

/** A provider whose answer got lost may send a code again for this long after it was redeemed. */
export const REPEAT_MS = 600_000;
/** Codes are kept this long after they expired, for whoever asks what became of one. */
const KEPT_MS = 90 * 86_400_000;

/** Instants in ms since the epoch. */
export type IssuedCode = {
  readonly codeHash: string;
  readonly provider: string;
  readonly chargePointId: string;
  readonly target: PairingTarget;
  readonly createdAt: number;
  readonly expiresAt: number;
};

/**
 * SQL that holds for a code that a verification would accept; the arguments are parameter names for now and now − REPEAT_MS.
 * Never null, so that its opposite holds for every other code.
 */
export function isLive(now: string, repeatableSince: string): string {
  return `(revoked_at IS NULL AND coalesce(redeemed_at > ${repeatableSince}, expires_at > ${now}))`;
}

/** Codes of a provider that a guess could hit. One that expired longer ago than a repeat is allowed is none. */
const countLive = (provider: string, now: string, repeatableSince: string) =>
  `SELECT count(*) AS live FROM pairing_codes
    WHERE provider = ${provider} AND expires_at > ${repeatableSince} AND ${isLive(now, repeatableSince)}`;

/** How many codes of a provider a guess could hit. */
export async function countLiveCodes(db: D1Database, provider: string, now: number): Promise<number> {
  const row = await db
    .prepare(countLive('?1', '?2', '?3'))
    .bind(provider, now, now - REPEAT_MS)
    .first();
  return z.object({ live: z.number() }).parse(row).live;
}

/**
 * Stores a code and revokes the one it replaces. False, and nothing stored, when a live code has the same hash, or when others
 * came first and `maxLive` codes are live already: draw again, after counting again. False, too, when the charger was removed:
 * its codes went with it, and none may come after.
 */
export async function storeCode(db: D1Database, code: IssuedCode, maxLive: number): Promise<boolean> {
  const { codeHash, provider, chargePointId, target, createdAt, expiresAt } = code;
  const { format } = target;
  const evseUid = evseUidOf(target);
  const [stored] = await db.batch([
    db
      .prepare(STORE)
      .bind(codeHash, provider, chargePointId, format, evseUid, createdAt, expiresAt, createdAt - REPEAT_MS, maxLive),
    db.prepare(REVOKE_OLDER).bind(codeHash, provider, chargePointId, createdAt),
  ]);
  return stored?.results.length === 1;
}

/** A hash of old belongs to a code that is dead: its row is taken over. */
const STORE = `
INSERT INTO pairing_codes (code_hash, provider, charge_point_id, format, evse_uid, created_at, expires_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
 WHERE (${countLive('?2', '?6', '?8')}) < ?9 AND EXISTS (SELECT 1 FROM chargers WHERE charge_point_id = ?3)
ON CONFLICT (code_hash) DO UPDATE SET
  provider = excluded.provider, charge_point_id = excluded.charge_point_id, format = excluded.format,
  evse_uid = excluded.evse_uid, created_at = excluded.created_at, expires_at = excluded.expires_at,
  redeemed_at = NULL, revoked_at = NULL
 WHERE NOT ${isLive('?6', '?8')}
RETURNING code_hash`;

/** Whatever part of the charger they are for: it is paired once. Redeemed codes stay as they are: their repeat is not a second use. */
const REVOKE_OLDER = `
UPDATE pairing_codes SET revoked_at = ?4
 WHERE charge_point_id = ?3 AND provider = ?2
   AND code_hash <> ?1 AND redeemed_at IS NULL AND revoked_at IS NULL
   AND EXISTS (SELECT 1 FROM pairing_codes WHERE code_hash = ?1 AND charge_point_id = ?3 AND created_at = ?4)`;

/** Throws away codes that expired more than 90 days ago. */
export async function prunePairingCodes(db: D1Database, now: number): Promise<void> {
  await db
    .prepare('DELETE FROM pairing_codes WHERE expires_at < ?1')
    .bind(now - KEPT_MS)
    .run();
}
