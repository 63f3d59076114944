/**
 * A charger with its pairings, as the registry has them, for an object that does not know: one D1 round trip. Changes
 * nothing.
 */
import * as z from 'zod';
import type { Charger } from '../../../charging/charger.ts';
import { chargerOf } from '../../../charging/charger.ts';
import type { KnownPairing } from './pairing-news.ts';

const Row = z.object({
  record: z.string(),
  provider: z.string().nullable(),
  generation: z.number().nullable(),
  evse_uid: z.string().nullable(),
  paired_at: z.number().nullable(),
  is_paused: z.number(),
});

export type FoundRegistration = {
  readonly charger: Charger;
  readonly paused: readonly string[];
  readonly pairings: Readonly<Record<string, KnownPairing>>;
};

/** The charger, its pairings and which of those providers are paused, or undefined when it is not registered. */
export async function findRegistration(db: D1Database, chargePointId: string): Promise<FoundRegistration | undefined> {
  const sql = `SELECT record, provider, generation, evse_uid, paired_at,
      coalesce(provider IN (SELECT provider FROM paused_providers), 0) AS is_paused FROM chargers
    LEFT JOIN pairings ON pairings.charge_point_id = chargers.charge_point_id AND pairings.status = 'paired'
    WHERE chargers.charge_point_id = ?`;
  const rows = z.array(Row).parse((await db.prepare(sql).bind(chargePointId).all()).results);
  const [first] = rows;
  if (first === undefined) return undefined;
  const paused = rows.flatMap((row) => (row.provider !== null && row.is_paused === 1 ? [row.provider] : []));
  const pairings = rows.flatMap((row) => (row.provider === null ? [] : [[row.provider, pairingOf(row)] as const]));
  return { charger: chargerOf(first.record), paused, pairings: Object.fromEntries(pairings) };
}

function pairingOf({ generation, evse_uid, paired_at }: z.infer<typeof Row>): KnownPairing {
  return {
    generation: generation ?? 0,
    status: 'paired',
    ...(evse_uid !== null && { evseUid: evse_uid }),
    ...(paired_at !== null && { pairedAt: paired_at }),
  };
}
