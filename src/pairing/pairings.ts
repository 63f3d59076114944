/**
 * Which charger is paired with whom, in D1: one row for each charger and provider, which stays when the pairing ends
 * and when the charger is removed, so that its generation only grows. Here the row is read; claims.ts changes it.
 */
import * as z from 'zod';
import type { PairingTarget } from '../charging/pairing-target.ts';
import type { Audit } from '../station/station-rpc.ts';

/** A claim whose request has surely ended counts for nothing: its Worker died. */
export const CLAIM_TTL_MS = 120_000;

export type PairingKey = { readonly chargePointId: string; readonly provider: string };

/**
 * A pairing, or a claim: the provider is being asked. Instants in ms since the epoch. `isPaused` says so of the
 * provider.
 */
export type Pairing = PairingKey & {
  readonly generation: number;
  readonly status: 'claimed' | 'paired';
  readonly target: PairingTarget;
  readonly claimedAt: number;
  readonly pairedAt: number | undefined;
  readonly isPaused: boolean;
  readonly audit: Audit | undefined;
};

const StoredAudit = z.object({
  by: z.enum(['csms', 'provider', 'operator']),
  caller: z.string(),
  requestId: z.string(),
  origin: z.enum(['code-from-provider', 'code-from-us']).optional(),
}) satisfies z.ZodType<Audit>;

/** The columns of a target. */
export const TargetColumns = { format: z.enum(['ocpp', 'ocpi']), evse_uid: z.string().nullable() };

const PairingRow = z
  .object({
    ...TargetColumns,
    charge_point_id: z.string(),
    provider: z.string(),
    generation: z.number(),
    status: z.enum(['claimed', 'paired']),
    claimed_at: z.number(),
    paired_at: z.number().nullable(),
    is_paused: z.number(),
    audit: z.string().nullable(),
  })
  .transform((row): Pairing => ({
    chargePointId: row.charge_point_id,
    provider: row.provider,
    generation: row.generation,
    status: row.status,
    target: targetOf(row.format, row.evse_uid),
    claimedAt: row.claimed_at,
    pairedAt: row.paired_at ?? undefined,
    isPaused: row.is_paused === 1,
    audit: row.audit === null ? undefined : StoredAudit.parse(JSON.parse(row.audit)),
  }));

/** A pairing's target from its two columns. */
export function targetOf(format: PairingTarget['format'], evseUid: string | null): PairingTarget {
  return format === 'ocpi' ? { format, evseUid: evseUid ?? '' } : { format };
}

/** The `evse_uid` column of a target. */
export function evseUidOf(target: PairingTarget): string | null {
  return target.format === 'ocpi' ? target.evseUid : null;
}

/**
 * SQL that holds for rows which keep others from the charger: pairings, and claims made after the time that `since`
 * names.
 */
export const isHolding = (since: string) => `(status = 'paired' OR (status = 'claimed' AND claimed_at > ${since}))`;

/** The columns of a pairing, in SQL. */
export const COLUMNS = '*, provider IN (SELECT provider FROM paused_providers) AS is_paused';

/** The pairings in rows of these columns. */
export function pairingsIn(result: D1Result | undefined): Pairing[] {
  return z.array(PairingRow).parse(result?.results ?? []);
}

async function find(db: D1Database, where: string, ...values: readonly (string | number)[]): Promise<Pairing[]> {
  const statement = db.prepare(`SELECT ${COLUMNS} FROM pairings WHERE ${where}`);
  return pairingsIn(await statement.bind(...values).all());
}

/** The pairings of a charger, by provider name; claims that count for nothing are left out. */
export function listPairings(db: D1Database, chargePointId: string, now: number): Promise<Pairing[]> {
  return find(db, `charge_point_id = ?1 AND ${isHolding('?2')} ORDER BY provider`, chargePointId, now - CLAIM_TTL_MS);
}

/** The pairings of a charger and all its claims, also those that count for nothing any more. */
export function listOpenPairings(db: D1Database, chargePointId: string): Promise<Pairing[]> {
  return find(db, `charge_point_id = ?1 AND status <> 'ended'`, chargePointId);
}

/** The newest pairing of a provider that is of the EVSE with this uid. Chargers from before may share a uid. */
export async function findPairedByEvse(
  db: D1Database,
  provider: string,
  evseUid: string,
): Promise<Pairing | undefined> {
  const paired = `provider = ?1 AND evse_uid = ?2 AND status = 'paired' ORDER BY paired_at DESC LIMIT 1`;
  return (await find(db, paired, provider, evseUid))[0];
}

/** At most `limit` pairings made since `since`, the newest first. */
export function listRecentPairings(db: D1Database, since: number, limit: number): Promise<Pairing[]> {
  return find(db, `status = 'paired' AND paired_at > ?1 ORDER BY paired_at DESC LIMIT ?2`, since, limit);
}

/** At most `limit` claims that count for nothing any more: the provider may or may not have paired. */
export function listAbandonedClaims(db: D1Database, now: number, limit: number): Promise<Pairing[]> {
  return find(db, `status = 'claimed' AND claimed_at <= ?1 LIMIT ?2`, now - CLAIM_TTL_MS, limit);
}

/** Whether a claim's request has surely ended without finishing it. */
export function isAbandoned({ status, claimedAt }: Pairing, now: number): boolean {
  return status === 'claimed' && claimedAt <= now - CLAIM_TTL_MS;
}
