/**
 * Redeems a pairing code in one D1 batch, which is one round trip and one transaction: the lock-out, the code, the pairing and
 * the count of failures cannot disagree. Unknown, expired, revoked and used codes take the same statements and the same answer.
 */
import * as z from 'zod';
import type { Charger } from '../charging/charger.ts';
import type { AttemptPolicy } from './attempts.ts';
import type { PairingTarget } from '../charging/pairing-target.ts';
import type { PairingAudit } from '../storage/pairing-audit.ts';
import { chargerOf } from '../charging/charger.ts';
import { isLive, REPEAT_MS } from './stored-codes.ts';
import { CLAIM_TTL_MS, targetOf } from '../storage/pairings.ts';

/** `caller` is whose failures are counted. `isExclusive`: no second provider may have the charger. */
export type RedemptionRequest = {
  readonly codeHash: string;
  readonly provider: string;
  readonly format: PairingTarget['format'];
  readonly caller: string;
  readonly now: number;
  readonly isExclusive: boolean;
  readonly policy: AttemptPolicy;
  readonly audit: PairingAudit;
};

/** A code that was right. `isRepeat`: it was redeemed before, at `pairedAt` (ms). */
export type Redeemed = {
  readonly kind: 'redeemed';
  readonly charger: Charger;
  readonly target: PairingTarget;
  readonly pairedAt: number;
  readonly isRepeat: boolean;
  readonly isPaused: boolean;
};

/** 'incorrect' has `lockedUntil` when this failure began a lock-out. A 'held' code is not used up. */
export type Redemption =
  | Redeemed
  | { readonly kind: 'held' }
  | { readonly kind: 'incorrect'; readonly lockedUntil?: number }
  | { readonly kind: 'locked'; readonly lockedUntil: number };

const LockRow = z.object({ locked_until: z.number() });
const LockRows = z.array(LockRow);
const CodeRow = z.object({
  locked_until: z.number().nullable(),
  format: z.enum(['ocpp', 'ocpi']),
  evse_uid: z.string().nullable(),
  redeemed_at: z.number().nullable(),
  record: z.string(),
  is_paused: z.number(),
});
/** With no code that would be accepted, all of its columns are null. */
const FoundRows = z.array(z.union([CodeRow, z.object({ locked_until: z.number().nullable(), record: z.null() })]));

/** Verifies and redeems; see the kinds of answer. */
export async function redeemCode(db: D1Database, request: RedemptionRequest): Promise<Redemption> {
  const [redeemed, , look, failure] = await db.batch(statementsOf(db, request));
  const [found] = FoundRows.parse(look?.results);
  if (found?.locked_until) return { kind: 'locked', lockedUntil: found.locked_until };
  if (found === undefined || found.record === null) {
    return incorrect(LockRows.parse(failure?.results), request.now);
  }
  if (found.redeemed_at === null) return { kind: 'held' };
  return {
    kind: 'redeemed',
    charger: chargerOf(found.record),
    target: targetOf(found.format, found.evse_uid),
    pairedAt: found.redeemed_at,
    isRepeat: redeemed?.results.length !== 1,
    isPaused: found.is_paused === 1,
  };
}

function incorrect([failure]: readonly z.infer<typeof LockRow>[], now: number): Redemption {
  const lockedUntil = failure?.locked_until ?? 0;
  return lockedUntil > now ? { kind: 'incorrect', lockedUntil } : { kind: 'incorrect' };
}

/** Those that look for the code take the same first six parameters; what follows is their own. */
function statementsOf(db: D1Database, request: RedemptionRequest): D1PreparedStatement[] {
  const { codeHash, provider, format, caller, now, isExclusive, policy, audit } = request;
  const code = [codeHash, provider, format, now, now - REPEAT_MS];
  const held = [isExclusive ? 1 : 0, now - CLAIM_TTL_MS];
  const lock = [now - policy.windowMs, policy.maxFailures, policy.baseLockMs, policy.maxDoublings];
  const day = [now - policy.dayMs, policy.maxDayFailures];
  return [
    db.prepare(REDEEM).bind(...code, caller, ...held),
    db.prepare(PAIR).bind(codeHash, now, JSON.stringify(audit)),
    db.prepare(LOOK).bind(...code, caller),
    db.prepare(COUNT_FAILURE).bind(...code, caller, ...lock, now - policy.forgiveAfterMs, ...day),
  ];
}

const IS_LOCKED = 'EXISTS (SELECT 1 FROM pairing_attempts WHERE caller = ?6 AND locked_until > ?4)';

const IS_THE_CODE = `c.code_hash = ?1 AND c.provider = ?2 AND c.format = ?3 AND ${isLive('?4', '?5')}`;

/** By another provider, or by the same one for another target, paired or being asked: that must end first. */
const IS_HELD = `
EXISTS (SELECT 1 FROM pairings p
         WHERE p.charge_point_id = c.charge_point_id
           AND ((?7 = 1 AND p.provider <> c.provider AND (p.status = 'paired' OR p.claimed_at > ?8))
             OR (p.provider = c.provider AND (p.status = 'paired' OR p.claimed_at > ?8)
                 AND (p.format <> c.format OR p.evse_uid IS NOT c.evse_uid))))`;

const REDEEM = `
UPDATE pairing_codes AS c SET redeemed_at = ?4
 WHERE ${IS_THE_CODE} AND c.redeemed_at IS NULL AND NOT ${IS_HELD}
   AND NOT ${IS_LOCKED}
RETURNING code_hash`;

/** Only a code redeemed at this very instant makes a pairing: by this batch, or by one that did the same. */
const PAIR = `
INSERT INTO pairings (charge_point_id, provider, status, format, evse_uid, claimed_at, paired_at, audit)
SELECT charge_point_id, provider, 'paired', format, evse_uid, ?2, ?2, ?3
  FROM pairing_codes WHERE code_hash = ?1 AND redeemed_at = ?2 AND revoked_at IS NULL
ON CONFLICT (charge_point_id, provider) DO UPDATE SET
  status = 'paired', format = excluded.format, evse_uid = excluded.evse_uid,
  claimed_at = excluded.claimed_at, paired_at = max(excluded.paired_at, coalesce(paired_at, 0)), audit = excluded.audit, code_hash = NULL`;

/** Always one row, after the redemption: the lock, and the code, null when there is none. Without a lock, a code not redeemed by now is held. */
const LOOK = `
SELECT (SELECT locked_until FROM pairing_attempts WHERE caller = ?6 AND locked_until > ?4) AS locked_until, found.*
  FROM (SELECT 1)
  LEFT JOIN (
SELECT c.format, c.evse_uid, c.redeemed_at, chargers.record,
       c.provider IN (SELECT provider FROM paused_providers) AS is_paused
  FROM pairing_codes c JOIN chargers ON chargers.charge_point_id = c.charge_point_id
 WHERE ${IS_THE_CODE}) AS found`;

/**
 * In an upsert, bare column names are the row's values before it; each CASE sees the same old row. A caller with too many
 * failures in a day has no fresh window any more: its failures are counted, and locked, whatever its pace.
 */
const IS_NEW_DAY = 'day_started_at <= ?12';
const DAY_FAILURES = `(CASE WHEN ${IS_NEW_DAY} THEN 0 ELSE day_failures END)`;
const IS_STALE = `(window_started_at <= ?7 AND ${DAY_FAILURES} < ?13)`;
const IS_FULL = `(NOT ${IS_STALE} AND failures + 1 >= ?8)`;
const LOCKOUTS_IN_A_ROW = 'CASE WHEN locked_until > ?11 THEN lockouts ELSE 0 END';
const COUNT_FAILURE = `
INSERT INTO pairing_attempts
  (caller, window_started_at, failures, locked_until, lockouts, day_started_at, day_failures)
SELECT ?6, ?4, 1, 0, 0, ?4, 1
 WHERE NOT EXISTS (SELECT 1 FROM pairing_codes c WHERE ${IS_THE_CODE})
   AND NOT ${IS_LOCKED}
ON CONFLICT (caller) DO UPDATE SET
  window_started_at = CASE WHEN ${IS_STALE} OR ${IS_FULL} THEN ?4 ELSE window_started_at END,
  failures = CASE WHEN ${IS_FULL} THEN 0 WHEN ${IS_STALE} THEN 1 ELSE failures + 1 END,
  locked_until = CASE WHEN ${IS_FULL} THEN ?4 + ?9 * (1 << min(${LOCKOUTS_IN_A_ROW}, ?10)) ELSE locked_until END,
  lockouts = CASE WHEN ${IS_FULL} THEN (${LOCKOUTS_IN_A_ROW}) + 1 ELSE lockouts END,
  day_started_at = CASE WHEN ${IS_NEW_DAY} THEN ?4 ELSE day_started_at END,
  day_failures = ${DAY_FAILURES} + 1
RETURNING locked_until`;
