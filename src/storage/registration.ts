/** A charger with the providers it is paired with, as a station object needs it: one D1 round trip. Changes nothing. */
import * as z from 'zod';
import type { Charger } from '../charging/charger.ts';
import { chargerOf } from '../charging/charger.ts';

const Row = z.object({
  record: z.string(),
  provider: z.string().nullable(),
  evse_uid: z.string().nullable(),
  is_paused: z.number(),
});

/** `evseUids` has the providers that were paired with one EVSE only. */
export type FoundRegistration = {
  readonly charger: Charger;
  readonly providers: readonly string[];
  readonly paused: readonly string[];
  readonly evseUids: Readonly<Record<string, string>>;
};

/** The charger, its paired providers and which of them are paused, or undefined when it is not registered. */
export async function findRegistration(db: D1Database, chargePointId: string): Promise<FoundRegistration | undefined> {
  const sql = `SELECT record, provider, evse_uid, coalesce(provider IN (SELECT provider FROM paused_providers), 0) AS is_paused FROM chargers
    LEFT JOIN pairings ON pairings.charge_point_id = chargers.charge_point_id AND pairings.status = 'paired'
    WHERE chargers.charge_point_id = ?`;
  const rows = z.array(Row).parse((await db.prepare(sql).bind(chargePointId).all()).results);
  const [first] = rows;
  if (first === undefined) return undefined;
  const providers = rows.flatMap(({ provider }) => (provider === null ? [] : [provider]));
  const paused = rows.flatMap((row) => (row.provider !== null && row.is_paused === 1 ? [row.provider] : []));
  const evseUids = rows.flatMap((row) => (row.provider && row.evse_uid ? [[row.provider, row.evse_uid] as const] : []));
  return { charger: chargerOf(first.record), providers, paused, evseUids: Object.fromEntries(evseUids) };
}
