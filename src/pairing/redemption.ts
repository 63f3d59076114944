/**
 * Redeems a pairing code in one D1 batch, which is one round trip and one transaction: the code, the pairing and the
 * count of failures cannot disagree. Unknown, expired, revoked and used codes take the same statements and the same
 * answer.
 */
import * as z from 'zod';
import type { Charger } from '../charging/charger.ts';
import { HOUR_MS } from './attempts.ts';
import type { PairingTarget } from '../charging/pairing-target.ts';
import type { Audit } from '../station/station-rpc.ts';
import { chargerOf } from '../charging/charger.ts';
import { isLive } from './stored-codes.ts';
import { CLAIM_TTL_MS, isHolding, TargetColumns, targetOf, type Pairing } from './pairings.ts';

/** `caller` is whose failures are counted. `isExclusive`: no second provider may have the charger. */
export type RedemptionRequest = {
  readonly codeHash: string;
  readonly provider: string;
  readonly format: PairingTarget['format'];
  readonly caller: string;
  readonly now: number;
  readonly isExclusive: boolean;
  readonly audit: Audit;
};

/** A code that was right, and the pairing that it made, now or before. */
export type Redeemed = {
  readonly kind: 'redeemed';
  readonly charger: Charger;
  readonly pairing: Pick<Pairing, 'chargePointId' | 'provider' | 'generation' | 'target' | 'pairedAt' | 'isPaused'>;
};

/** 'incorrect' has how many failures the caller has had in this hour. A 'held' code is not used up. */
export type Redemption =
  | Redeemed
  | { readonly kind: 'held' }
  | { readonly kind: 'incorrect'; readonly failures: number };

const FailureRows = z.array(z.object({ failures: z.number() }));
const CodeRow = z.object({
  ...TargetColumns,
  redeemed_at: z.number().nullable(),
  record: z.string(),
  generation: z.number().nullable(),
  paired_at: z.number().nullable(),
  is_paused: z.number(),
});
const FoundRows = z.array(CodeRow);

/** Verifies and redeems; see the kinds of answer. */
export async function redeemCode(db: D1Database, request: RedemptionRequest): Promise<Redemption> {
  const [, , look, failure] = await db.batch(statementsOf(db, request));
  const [found] = FoundRows.parse(look?.results);
  if (found === undefined) {
    const [counted] = FailureRows.parse(failure?.results);
    return { kind: 'incorrect', failures: counted?.failures ?? 0 };
  }
  if (found.redeemed_at === null || found.generation === null) return { kind: 'held' };
  const charger = chargerOf(found.record);
  const pairing = {
    chargePointId: charger.chargePointId,
    provider: request.provider,
    generation: found.generation,
    target: targetOf(found.format, found.evse_uid),
    pairedAt: found.paired_at ?? undefined,
    isPaused: found.is_paused === 1,
  };
  return { kind: 'redeemed', charger, pairing };
}

/** Those that look for the code take the same first four parameters; what follows is their own. */
function statementsOf(db: D1Database, request: RedemptionRequest): D1PreparedStatement[] {
  const { codeHash, provider, format, caller, now, isExclusive, audit } = request;
  const code = [codeHash, provider, format, now];
  return [
    db.prepare(REDEEM).bind(...code, isExclusive ? 1 : 0, now - CLAIM_TTL_MS),
    db.prepare(PAIR).bind(codeHash, now, JSON.stringify(audit)),
    db.prepare(LOOK).bind(...code),
    db.prepare(COUNT_FAILURE).bind(...code, caller, now - HOUR_MS),
  ];
}

const IS_THE_CODE = `c.code_hash = ?1 AND c.provider = ?2 AND c.format = ?3 AND ${isLive('?4')}`;

/** By another provider, or by the same one for another target, paired or being asked: that must end first. */
const IS_HELD = `
EXISTS (SELECT 1 FROM pairings p
         WHERE p.charge_point_id = c.charge_point_id AND ${isHolding('?6')}
           AND ((?5 = 1 AND p.provider <> c.provider)
             OR (p.provider = c.provider AND (p.format <> c.format OR p.evse_uid IS NOT c.evse_uid))))`;

const REDEEM = `
UPDATE pairing_codes AS c SET redeemed_at = ?4
 WHERE ${IS_THE_CODE} AND c.redeemed_at IS NULL AND NOT ${IS_HELD}
RETURNING code_hash`;

/**
 * Only the redemption just before makes a pairing, of the next generation; the repeat of one changes no row, and so
 * makes none.
 */
const PAIR = `
INSERT INTO pairings (charge_point_id, provider, generation, last_generation, status, format, evse_uid, claimed_at, paired_at, audit)
SELECT charge_point_id, provider, 1, 1, 'paired', format, evse_uid, ?2, ?2, ?3
  FROM pairing_codes WHERE code_hash = ?1 AND changes() = 1
ON CONFLICT (charge_point_id, provider) DO UPDATE SET
  status = 'paired', generation = last_generation + 1, last_generation = last_generation + 1,
  format = excluded.format, evse_uid = excluded.evse_uid, claimed_at = excluded.claimed_at, paired_at = excluded.paired_at,
  audit = excluded.audit, code_hash = NULL`;

/** After the redemption: the code, when there is one. A code not redeemed by now is held. */
const LOOK = `
SELECT c.format, c.evse_uid, c.redeemed_at, chargers.record, p.generation, p.paired_at,
       c.provider IN (SELECT provider FROM paused_providers) AS is_paused
  FROM pairing_codes c JOIN chargers ON chargers.charge_point_id = c.charge_point_id
  LEFT JOIN pairings p ON p.charge_point_id = c.charge_point_id AND p.provider = c.provider
 WHERE ${IS_THE_CODE}`;

/**
 * One row for each caller. In an upsert, bare column names are the row's values before it. Nothing is locked any more:
 * two columns are left from the time when callers were.
 */
const COUNT_FAILURE = `
INSERT INTO pairing_attempts (caller, window_started_at, failures, locked_until, lockouts)
SELECT ?5, ?4, 1, 0, 0
 WHERE NOT EXISTS (SELECT 1 FROM pairing_codes c WHERE ${IS_THE_CODE})
ON CONFLICT (caller) DO UPDATE SET
  window_started_at = CASE WHEN window_started_at <= ?6 THEN ?4 ELSE window_started_at END,
  failures = CASE WHEN window_started_at <= ?6 THEN 1 ELSE failures + 1 END
RETURNING failures`;
