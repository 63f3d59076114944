/** Pairings that may be known to the registry only, and claims that nobody finished: what the cron sweep sets right. D1. */
import * as z from 'zod';
import { PairingAudit } from '../storage/pairing-audit.ts';
import { CLAIM_TTL_MS } from '../storage/pairings.ts';

/** A pairing as its station is told of it. Instants in ms. */
export type RecentPairing = {
  readonly chargePointId: string;
  readonly provider: string;
  readonly pairedAt: number;
  readonly evseUid: string | undefined;
  readonly isPaused: boolean;
  readonly audit: PairingAudit | undefined;
};

const RecentRow = z.object({
  charge_point_id: z.string(),
  provider: z.string(),
  paired_at: z.number(),
  evse_uid: z.string().nullable(),
  is_paused: z.number(),
  audit: z.string().nullable(),
});

/** At most `limit` pairings made since `since`, the newest first. */
export async function listRecentPairings(db: D1Database, since: number, limit: number): Promise<RecentPairing[]> {
  const { results } = await db
    .prepare(
      `SELECT charge_point_id, provider, paired_at, evse_uid, audit,
              provider IN (SELECT provider FROM paused_providers) AS is_paused
         FROM pairings WHERE status = 'paired' AND paired_at > ?1 ORDER BY paired_at DESC LIMIT ?2`,
    )
    .bind(since, limit)
    .all();
  return z
    .array(RecentRow)
    .parse(results)
    .map((row) => ({
      chargePointId: row.charge_point_id,
      provider: row.provider,
      pairedAt: row.paired_at,
      evseUid: row.evse_uid ?? undefined,
      isPaused: row.is_paused === 1,
      audit: row.audit === null ? undefined : PairingAudit.parse(JSON.parse(row.audit)),
    }));
}

/** A claim whose request never ended: the provider may or may not have paired. */
export type AbandonedClaim = {
  readonly chargePointId: string;
  readonly provider: string;
  readonly evseUid: string | undefined;
  readonly claimedAt: number;
};

const ClaimRow = z.object({
  charge_point_id: z.string(),
  provider: z.string(),
  evse_uid: z.string().nullable(),
  claimed_at: z.number(),
});

/** At most `limit` claims that count for nothing any more. */
export async function listAbandonedClaims(db: D1Database, now: number, limit: number): Promise<AbandonedClaim[]> {
  const { results } = await db
    .prepare(
      `SELECT charge_point_id, provider, evse_uid, claimed_at FROM pairings
        WHERE status = 'pending' AND claimed_at <= ?1 LIMIT ?2`,
    )
    .bind(now - CLAIM_TTL_MS, limit)
    .all();
  return z
    .array(ClaimRow)
    .parse(results)
    .map((row) => ({
      chargePointId: row.charge_point_id,
      provider: row.provider,
      evseUid: row.evse_uid ?? undefined,
      claimedAt: row.claimed_at,
    }));
}
