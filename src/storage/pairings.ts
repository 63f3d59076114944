/** Which charger is paired with whom, in D1. A pairing is claimed before the provider is asked, so that two cannot win. */
import * as z from 'zod';
import type { PairingTarget } from '../charging/pairing-target.ts';
import type { PairingAudit } from './pairing-audit.ts';

/** A claim whose request has surely ended counts for nothing: its Worker died. */
export const CLAIM_TTL_MS = 120_000;

/** Instants in ms since the epoch. */
export type Pairing = {
  readonly chargePointId: string;
  readonly provider: string;
  readonly status: 'pending' | 'paired';
  readonly target: PairingTarget;
  readonly pairedAt: number | undefined;
};

/** Names a claim: `now` is when it was made. */
export type ClaimKey = { readonly chargePointId: string; readonly provider: string; readonly now: number };
export type Claim = ClaimKey & { readonly target: PairingTarget; readonly isExclusive: boolean };

const PairingRow = z
  .object({
    charge_point_id: z.string(),
    provider: z.string(),
    status: z.enum(['pending', 'paired']),
    format: z.enum(['ocpp', 'ocpi']),
    evse_uid: z.string().nullable(),
    paired_at: z.number().nullable(),
  })
  .transform((row): Pairing => ({
    chargePointId: row.charge_point_id,
    provider: row.provider,
    status: row.status,
    target: targetOf(row.format, row.evse_uid),
    pairedAt: row.paired_at ?? undefined,
  }));

/** The pairings in rows of the table. */
export function pairingsIn(rows: readonly unknown[] | undefined): Pairing[] {
  return z.array(PairingRow).parse(rows ?? []);
}

/** A pairing's target from its two columns. */
export function targetOf(format: PairingTarget['format'], evseUid: string | null): PairingTarget {
  return format === 'ocpi' ? { format, evseUid: evseUid ?? '' } : { format };
}

/** The `evse_uid` column of a target. */
export function evseUidOf(target: PairingTarget): string | null {
  return target.format === 'ocpi' ? target.evseUid : null;
}

/** The pairings of a charger, by provider name; claims that count for nothing are left out. */
export async function listPairings(db: D1Database, chargePointId: string, now: number): Promise<Pairing[]> {
  const { results } = await db
    .prepare(
      `SELECT * FROM pairings WHERE charge_point_id = ?1 AND (status = 'paired' OR claimed_at > ?2) ORDER BY provider`,
    )
    .bind(chargePointId, now - CLAIM_TTL_MS)
    .all();
  return pairingsIn(results);
}

/** What was claimed of a charger and is no pairing yet, at `claimedAt` (ms), also when that claim counts for nothing any more. */
export async function listClaims(
  db: D1Database,
  chargePointId: string,
): Promise<readonly (Pick<Pairing, 'chargePointId' | 'provider' | 'target'> & { readonly claimedAt: number })[]> {
  const sql = `SELECT provider, format, evse_uid, claimed_at FROM pairings WHERE charge_point_id = ?1 AND status = 'pending'`;
  const { results } = await db.prepare(sql).bind(chargePointId).all();
  return z
    .array(PendingRow)
    .parse(results)
    .map((row) => ({
      chargePointId,
      provider: row.provider,
      target: targetOf(row.format, row.evse_uid),
      claimedAt: row.claimed_at,
    }));
}

const PendingRow = z.object({
  provider: z.string(),
  format: z.enum(['ocpp', 'ocpi']),
  evse_uid: z.string().nullable(),
  claimed_at: z.number(),
});

/** The chargers of which this provider knows one EVSE by this uid. */
export async function findPairedByEvse(db: D1Database, provider: string, evseUid: string): Promise<string[]> {
  const { results } = await db
    .prepare(`SELECT * FROM pairings WHERE provider = ?1 AND evse_uid = ?2 AND status = 'paired'`)
    .bind(provider, evseUid)
    .all();
  return pairingsIn(results).map(({ chargePointId }) => chargePointId);
}

/**
 * What became of a claim. 'held': another provider, or another target of the same one, has the charger. 'in-progress': the same
 * pairing is being made by another request. A finished pairing stays finished meanwhile: `existing`. `takenOver`: what a
 * request that never ended had claimed, so that nobody knows what the provider made of it.
 */
export type Claimed =
  | { readonly kind: 'held' | 'in-progress' }
  | { readonly kind: 'claimed'; readonly existing?: ExistingPairing; readonly takenOver?: PairingTarget };
/** `codeHash` is of the code that made it, when that was the provider's. */
export type ExistingPairing = { readonly pairedAt: number; readonly codeHash: string | undefined };

const ClaimRow = z.object({
  status: z.enum(['pending', 'paired']),
  paired_at: z.number().nullable(),
  code_hash: z.string().nullable(),
  format: z.enum(['ocpp', 'ocpi']),
  evse_uid: z.string().nullable(),
});

/** Claims a charger for a provider before the provider is asked. */
export async function claimPairing(db: D1Database, claim: Claim): Promise<Claimed> {
  const { chargePointId, provider, target, now, isExclusive } = claim;
  const [present, claimed] = await db.batch([
    db.prepare('SELECT * FROM pairings WHERE charge_point_id = ?1 AND provider = ?2').bind(chargePointId, provider),
    db
      .prepare(CLAIM)
      .bind(chargePointId, provider, target.format, evseUidOf(target), now, isExclusive ? 1 : 0, now - CLAIM_TTL_MS),
  ]);
  const [own] = z.array(ClaimRow).parse(present?.results ?? []);
  if (claimed?.results.length !== 1) return { kind: own?.status === 'pending' ? 'in-progress' : 'held' };
  if (own === undefined) return { kind: 'claimed' };
  if (own.status === 'pending') return { kind: 'claimed', takenOver: targetOf(own.format, own.evse_uid) };
  const existing = { pairedAt: own.paired_at ?? now, codeHash: own.code_hash ?? undefined };
  return { kind: 'claimed', existing };
}

const CLAIM = `
INSERT INTO pairings (charge_point_id, provider, status, format, evse_uid, claimed_at)
SELECT ?1, ?2, 'pending', ?3, ?4, ?5
 WHERE ?6 = 0 OR NOT EXISTS (
   SELECT 1 FROM pairings
    WHERE charge_point_id = ?1 AND provider <> ?2 AND (status = 'paired' OR claimed_at > ?7))
ON CONFLICT (charge_point_id, provider) DO UPDATE SET
  format = excluded.format, evse_uid = excluded.evse_uid, claimed_at = excluded.claimed_at
 WHERE (status = 'pending' AND claimed_at <= ?7)
    OR (status = 'paired' AND format = excluded.format AND evse_uid IS excluded.evse_uid)
RETURNING status`;

/** What makes a claim a pairing. `codeHash` is undefined when there is no pepper to hash with. */
export type Completion = Omit<Claim, 'target'> & {
  readonly codeHash: string | undefined;
  readonly audit: PairingAudit;
};

const CompletedRow = z.object({ paired_at: z.number(), is_paused: z.number() });

/**
 * Makes a claim a pairing; the same code again changes nothing. Undefined when the charger was removed or unpaired meanwhile, or
 * when another provider has it: a claim that took too long may have been passed over. A charger that is not there is not paired.
 */
export async function completePairing(
  db: D1Database,
  { chargePointId, provider, now, isExclusive, codeHash, audit }: Completion,
): Promise<{ readonly pairedAt: number; readonly isPaused: boolean } | undefined> {
  const { results } = await db
    .prepare(COMPLETE)
    .bind(chargePointId, provider, now, isExclusive ? 1 : 0, codeHash ?? null, JSON.stringify(audit))
    .all();
  const [row] = z.array(CompletedRow).parse(results);
  return row && { pairedAt: row.paired_at, isPaused: row.is_paused === 1 };
}

const IS_SAME_CODE = `(status = 'paired' AND code_hash = ?5)`;
const COMPLETE = `
UPDATE pairings SET
  status = 'paired',
  paired_at = CASE WHEN ${IS_SAME_CODE} THEN paired_at ELSE max(?3, coalesce(paired_at, ?3)) END,
  audit = CASE WHEN ${IS_SAME_CODE} THEN audit ELSE ?6 END,
  code_hash = ?5
 WHERE charge_point_id = ?1 AND provider = ?2
   AND EXISTS (SELECT 1 FROM chargers WHERE charge_point_id = ?1)
   AND (?4 = 0 OR NOT EXISTS (
     SELECT 1 FROM pairings WHERE charge_point_id = ?1 AND provider <> ?2 AND status = 'paired'))
RETURNING paired_at, provider IN (SELECT provider FROM paused_providers) AS is_paused`;

/** Gives a claim back, unless it has become a pairing or another request's claim. */
export async function releaseClaim(db: D1Database, { chargePointId, provider, now }: ClaimKey): Promise<void> {
  await db
    .prepare(
      `DELETE FROM pairings WHERE charge_point_id = ?1 AND provider = ?2 AND status = 'pending' AND claimed_at = ?3`,
    )
    .bind(chargePointId, provider, now)
    .run();
}

/**
 * Ends the pairing that was made at `pairedAt`; one made since stays. Its code must not work a second time either, so codes that
 * still could are revoked.
 */
export async function deletePairing(
  db: D1Database,
  { chargePointId, provider, pairedAt, now }: ClaimKey & { readonly pairedAt: number | undefined },
): Promise<void> {
  await db.batch([
    db
      .prepare(
        `DELETE FROM pairings WHERE charge_point_id = ?1 AND provider = ?2 AND status = 'paired' AND paired_at IS ?3`,
      )
      .bind(chargePointId, provider, pairedAt ?? null),
    db
      .prepare(
        `UPDATE pairing_codes SET revoked_at = ?3
          WHERE charge_point_id = ?1 AND provider = ?2 AND redeemed_at IS NOT NULL AND redeemed_at <= ?4
            AND revoked_at IS NULL`,
      )
      .bind(chargePointId, provider, now, pairedAt ?? now),
  ]);
}
