/**
 * The pairing codes that we issued, in D1: stored as keyed hashes only. Refuses a hash that a live code already has.
 */
import * as z from 'zod';
import type { PairingTarget } from '../charging/pairing-target.ts';
import { evseUidOf } from './pairings.ts';

/** A code that can be used no more is kept for so long, for whoever asks what became of it. */
const KEPT_MS = 86_400_000;
/** How many old codes one run of the sweep deletes at most. */
const PRUNED_AT_ONCE = 10_000;

/** A charger gets at most so many codes within so long: more are of no use to people. */
export const ISSUED_PER_CHARGER = { codes: 10, withinMs: 3_600_000 };

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
 * SQL that holds for a code that a verification would accept: until it expires, and for ten minutes after its
 * redemption, since a provider whose answer got lost sends it again (migration 0005). Never null, so that its opposite
 * holds for every other code.
 */
export function isLive(now: string): string {
  return `(live_until > ${now} AND revoked_at IS NULL)`;
}

/** Codes of a provider that a guess could hit. */
const countLive = (provider: string, now: string) =>
  `SELECT count(*) FROM pairing_codes WHERE ${isLive(now)} AND provider = ${provider}`;

/** The instants at which a charger was given codes, since `since`. */
const issuedSince = (what: string, chargePointId: string, since: string) =>
  `SELECT ${what} FROM pairing_codes WHERE charge_point_id = ${chargePointId} AND created_at > ${since}`;

const Situation = z.object({
  live: z.number(),
  issued: z.number(),
  first_at: z.number().nullable(),
  is_registered: z.number(),
});

/**
 * What a new code must fit to. `live` codes could be hit by a guess; `nextAt` is set when the charger must wait until
 * then.
 */
export type Situation = { readonly live: number; readonly isRegistered: boolean; readonly nextAt?: number };

/** What a new code of a provider for a charger must fit to. */
export async function findSituation(
  db: D1Database,
  { provider, chargePointId }: Pick<IssuedCode, 'provider' | 'chargePointId'>,
  now: number,
): Promise<Situation> {
  const row = await db
    .prepare(LOOK)
    .bind(provider, chargePointId, now, now - ISSUED_PER_CHARGER.withinMs)
    .first();
  const { live, issued, first_at: firstAt, is_registered: isRegistered } = Situation.parse(row);
  const mustWait = firstAt !== null && issued >= ISSUED_PER_CHARGER.codes;
  return {
    live,
    isRegistered: isRegistered === 1,
    ...(mustWait && { nextAt: firstAt + ISSUED_PER_CHARGER.withinMs }),
  };
}

const LOOK = `
SELECT (${countLive('?1', '?3')}) AS live, (${issuedSince('count(*)', '?2', '?4')}) AS issued,
       (${issuedSince('min(created_at)', '?2', '?4')}) AS first_at,
       EXISTS (SELECT 1 FROM chargers WHERE charge_point_id = ?2) AS is_registered`;

/**
 * Stores a code and revokes the one it replaces. False, and nothing stored, when the situation is another by now: a
 * live code has the same hash, `maxLive` codes are live already, the charger has had its codes, or was removed. Then
 * look and draw again.
 */
export async function storeCode(db: D1Database, code: IssuedCode, maxLive: number): Promise<boolean> {
  const { codeHash, provider, chargePointId, target, createdAt, expiresAt } = code;
  const { format } = target;
  const evseUid = evseUidOf(target);
  const named = [codeHash, provider, chargePointId];
  const { codes, withinMs } = ISSUED_PER_CHARGER;
  const limits = [maxLive, createdAt - withinMs, codes];
  const [stored] = await db.batch([
    db.prepare(STORE).bind(...named, format, evseUid, createdAt, expiresAt, ...limits),
    db.prepare(REVOKE_OLDER).bind(...named, createdAt),
  ]);
  return stored?.results.length === 1;
}

/** A hash of old belongs to a code that is dead: its row is taken over. */
const STORE = `
INSERT INTO pairing_codes (code_hash, provider, charge_point_id, format, evse_uid, created_at, expires_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
 WHERE (${countLive('?2', '?6')}) < ?8 AND (${issuedSince('count(*)', '?3', '?9')}) < ?10
   AND EXISTS (SELECT 1 FROM chargers WHERE charge_point_id = ?3)
ON CONFLICT (code_hash) DO UPDATE SET
  provider = excluded.provider, charge_point_id = excluded.charge_point_id, format = excluded.format,
  evse_uid = excluded.evse_uid, created_at = excluded.created_at, expires_at = excluded.expires_at,
  redeemed_at = NULL, revoked_at = NULL
 WHERE NOT ${isLive('?6')}
RETURNING code_hash`;

/**
 * Whatever part of the charger they are for: it is paired once. Redeemed codes stay as they are: their repeat is not a
 * second use.
 */
const REVOKE_OLDER = `
UPDATE pairing_codes SET revoked_at = ?4
 WHERE charge_point_id = ?3 AND provider = ?2
   AND code_hash <> ?1 AND redeemed_at IS NULL AND revoked_at IS NULL
   AND EXISTS (SELECT 1 FROM pairing_codes WHERE code_hash = ?1 AND charge_point_id = ?3 AND created_at = ?4)`;

/** Throws away codes a day after they could last be used, so many at a time. */
export async function prunePairingCodes(db: D1Database, now: number): Promise<void> {
  await db
    .prepare(
      `DELETE FROM pairing_codes WHERE code_hash IN
        (SELECT code_hash FROM pairing_codes WHERE live_until < ?1 ORDER BY live_until LIMIT ?2)`,
    )
    .bind(now - KEPT_MS, PRUNED_AT_ONCE)
    .run();
}
