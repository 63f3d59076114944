/** Claims, makes and ends pairings in D1. A pairing is claimed before the provider is asked, so that two cannot win. */
import * as z from 'zod';
import type { Audit, KnownPairing } from '../station/station-rpc.ts';
import {
  CLAIM_TTL_MS,
  COLUMNS,
  evseUidOf,
  isHolding,
  pairingsIn,
  TargetColumns,
  targetOf,
  type Pairing,
  type PairingKey,
} from './pairings.ts';
import { RESTORED_STEP } from './restored.ts';
import type { PairingTarget } from '../charging/pairing-target.ts';

/** `isExclusive`: no second provider may have the charger. */
export type Claim = PairingKey & {
  readonly target: PairingTarget;
  readonly now: number;
  readonly isExclusive: boolean;
};

/**
 * What is set when a pairing or a claim ends. What stays is its generation, what it was about, and whether the station
 * was told to hold what it owes: it still owes the end, and is told when the provider is resumed.
 */
const ENDED = `status = 'ended', paired_at = NULL, code_hash = NULL, audit = NULL`;

/**
 * What became of a claim. 'held': another provider, or another target of the same one, has the charger. 'in-progress':
 * the same pairing is being made by another request. A finished pairing stays finished meanwhile: `existing`.
 * `takenOver`: what a request that never ended had claimed, so that nobody knows what the provider made of it.
 */
export type Claimed =
  | { readonly kind: 'held' | 'in-progress' }
  | {
      readonly kind: 'claimed';
      readonly generation: number;
      readonly existing?: ExistingPairing;
      readonly takenOver?: Pick<Pairing, 'generation' | 'target'>;
    };
/** `codeHash` is of the code that made it, when that was the provider's. */
export type ExistingPairing = { readonly pairedAt: number; readonly codeHash: string | undefined };

const ClaimedRow = z.object({ last_generation: z.number() });
const RowBefore = z.object({
  ...TargetColumns,
  generation: z.number(),
  status: z.enum(['claimed', 'paired', 'ended']),
  paired_at: z.number().nullable(),
  code_hash: z.string().nullable(),
});

/** Claims a charger for a provider before the provider is asked. Every claim takes the next generation. */
export async function claimPairing(db: D1Database, claim: Claim): Promise<Claimed> {
  const { chargePointId, provider, target, now, isExclusive } = claim;
  const [present, claimed] = await db.batch([
    db.prepare('SELECT * FROM pairings WHERE charge_point_id = ?1 AND provider = ?2').bind(chargePointId, provider),
    db
      .prepare(CLAIM)
      .bind(chargePointId, provider, target.format, evseUidOf(target), now, isExclusive ? 1 : 0, now - CLAIM_TTL_MS),
  ]);
  const [before] = z.array(RowBefore).parse(present?.results ?? []);
  const [row] = z.array(ClaimedRow).parse(claimed?.results ?? []);
  if (row === undefined) return { kind: before?.status === 'claimed' ? 'in-progress' : 'held' };
  const made = { kind: 'claimed', generation: row.last_generation } as const;
  if (before?.status === 'claimed') {
    return { ...made, takenOver: { generation: before.generation, target: targetOf(before.format, before.evse_uid) } };
  }
  if (before?.status !== 'paired') return made;
  return { ...made, existing: { pairedAt: before.paired_at ?? now, codeHash: before.code_hash ?? undefined } };
}

const CLAIM = `
INSERT INTO pairings (charge_point_id, provider, generation, last_generation, status, format, evse_uid, claimed_at)
SELECT ?1, ?2, 1, 1, 'claimed', ?3, ?4, ?5
 WHERE ?6 = 0 OR NOT EXISTS (SELECT 1 FROM pairings WHERE charge_point_id = ?1 AND provider <> ?2 AND ${isHolding('?7')})
ON CONFLICT (charge_point_id, provider) DO UPDATE SET
  last_generation = last_generation + 1,
  generation = CASE status WHEN 'paired' THEN generation ELSE last_generation + 1 END,
  status = CASE status WHEN 'paired' THEN 'paired' ELSE 'claimed' END,
  format = excluded.format, evse_uid = excluded.evse_uid, claimed_at = excluded.claimed_at
 WHERE NOT ${isHolding('?7')} OR (status = 'paired' AND format = excluded.format AND evse_uid IS excluded.evse_uid)
RETURNING last_generation`;

/** What makes a claim a pairing. `codeHash` is undefined when there is no pepper to hash with. */
export type Completion = Omit<Claim, 'target'> & {
  readonly generation: number;
  readonly codeHash: string | undefined;
  readonly audit: Audit;
};

/**
 * Makes a claim a pairing. One that was made by the same code, or since the claim, stays as it is. Undefined when the
 * pairing or the claim has ended meanwhile, when the charger was removed, or when another provider has it: a claim that
 * took too long may have been passed over.
 */
export async function completePairing(
  db: D1Database,
  { chargePointId, provider, generation, now, isExclusive, codeHash, audit }: Completion,
): Promise<Pairing | undefined> {
  const completed = await db
    .prepare(COMPLETE)
    .bind(chargePointId, provider, generation, now, isExclusive ? 1 : 0, codeHash ?? null, JSON.stringify(audit))
    .all();
  return pairingsIn(completed)[0];
}

const STAYS = `(status = 'paired' AND (code_hash = ?6 OR generation > ?3))`;
const COMPLETE = `
UPDATE pairings SET
  status = 'paired',
  generation = CASE WHEN ${STAYS} THEN generation ELSE ?3 END,
  paired_at = CASE WHEN ${STAYS} THEN paired_at ELSE ?4 END,
  audit = CASE WHEN ${STAYS} THEN audit ELSE ?7 END,
  code_hash = CASE WHEN ${STAYS} THEN code_hash ELSE ?6 END
 WHERE charge_point_id = ?1 AND provider = ?2 AND (status = 'paired' OR (status = 'claimed' AND generation = ?3))
   AND EXISTS (SELECT 1 FROM chargers WHERE charge_point_id = ?1)
   AND (?5 = 0 OR NOT EXISTS (
     SELECT 1 FROM pairings WHERE charge_point_id = ?1 AND provider <> ?2 AND status = 'paired'))
RETURNING ${COLUMNS}`;

/**
 * Ends the pairing or claim of this generation; one made since stays. Its code must not work a second time either, so
 * codes that still could are revoked.
 */
export async function endPairing(
  db: D1Database,
  { chargePointId, provider, generation }: PairingKey & { readonly generation: number },
  now: number,
): Promise<void> {
  await db.batch([
    db
      .prepare(`UPDATE pairings SET ${ENDED} WHERE charge_point_id = ?1 AND provider = ?2 AND generation = ?3`)
      .bind(chargePointId, provider, generation),
    db
      .prepare(
        `UPDATE pairing_codes SET revoked_at = ?3
          WHERE charge_point_id = ?1 AND provider = ?2 AND redeemed_at IS NOT NULL AND revoked_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM pairings WHERE charge_point_id = ?1 AND provider = ?2 AND status = 'paired')`,
      )
      .bind(chargePointId, provider, now),
  ]);
}

/** The statement that ends all pairings and claims of a charger. */
export function endAll(db: D1Database, chargePointId: string): D1PreparedStatement {
  return db
    .prepare(`UPDATE pairings SET ${ENDED} WHERE charge_point_id = ?1 AND status <> 'ended'`)
    .bind(chargePointId);
}

/**
 * Takes the generation that a station knows for a lower bound, if the registry is behind: it was restored from a
 * backup. Gives the generation under which the station must be told again what it was told; undefined when the registry
 * is not behind. It only raises, and each time to a number that nobody has.
 */
export async function raiseGeneration(
  db: D1Database,
  { chargePointId, provider }: PairingKey,
  told: KnownPairing,
  known: number,
): Promise<number | undefined> {
  const raised = await db
    .prepare(RAISE)
    .bind(chargePointId, provider, known + RESTORED_STEP, known, told.generation, told.status)
    .all();
  return z.array(RaisedRow).parse(raised.results)[0]?.generation;
}

const RaisedRow = z.object({ generation: z.number() });
const RAISE = `
INSERT INTO pairings (charge_point_id, provider, generation, last_generation, status, format, claimed_at)
VALUES (?1, ?2, ?3, ?3, 'ended', 'ocpp', 0)
ON CONFLICT (charge_point_id, provider) DO UPDATE SET
  generation = max(?3, last_generation + 1), last_generation = max(?3, last_generation + 1)
 WHERE generation < ?4 AND (generation = ?5 OR (status = 'ended' AND ?6 = 'ended'))
RETURNING generation`;
