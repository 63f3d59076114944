/** Reads the registry of chargers in D1. */
import * as z from 'zod';
import type { Charger } from '../charging/charger.ts';
import { chargerOf, identityForms } from '../charging/charger.ts';

const RecordRow = z.object({ record: z.string() });
const PageRow = z.object({ record: z.string(), found: z.number() });
const IdentityRow = z.object({ ocpp_identity: z.string(), charge_point_id: z.string() });

/** The registry could not be read: whom some events are of is not known now. */
export class RegistryUnavailable extends Error {}

/** A charger by our key, or undefined. */
export async function findCharger(db: D1Database, chargePointId: string): Promise<Charger | undefined> {
  const row = await db.prepare('SELECT record FROM chargers WHERE charge_point_id = ?1').bind(chargePointId).first();
  return row === null ? undefined : chargerOf(RecordRow.parse(row).record);
}

/** Chargers by our keys; those that are unknown are left out. One query. */
export async function findChargers(db: D1Database, ids: readonly string[]): Promise<ReadonlyMap<string, Charger>> {
  if (ids.length === 0) return new Map();
  const sql = 'SELECT record FROM chargers WHERE charge_point_id IN (SELECT value FROM json_each(?1))';
  const { results } = await db.prepare(sql).bind(JSON.stringify(ids)).all();
  const chargers = z
    .array(RecordRow)
    .parse(results)
    .map(({ record }) => chargerOf(record));
  return new Map(chargers.map((charger) => [charger.chargePointId, charger]));
}

/** What a listing may be limited to: no pairing, a lane that waits, or parked messages. */
export const CHARGER_FILTERS = {
  unpaired: `NOT EXISTS (SELECT 1 FROM pairings AS p WHERE p.charge_point_id = c.charge_point_id AND status = 'paired')`,
  lagging: 'EXISTS (SELECT 1 FROM troubled_lanes AS t WHERE t.charge_point_id = c.charge_point_id)',
  parked: 'EXISTS (SELECT 1 FROM dead_letters AS d WHERE d.charge_point_id = c.charge_point_id)',
} as const;

/** `search` is a part of the id, the OCPP identity or the name; case does not matter. */
export type ChargerQuery = {
  readonly after: string;
  readonly limit: number;
  readonly search?: string | undefined;
  readonly only?: keyof typeof CHARGER_FILTERS | undefined;
};

/** `isCut`: there may be more. */
export type ChargerPage = { readonly chargers: readonly Charger[]; readonly isCut: boolean };

/** A page has at most so many bytes as they are stored. Warnings about each connector can make six times as much. */
const MAX_PAGE_BYTES = 1_200_000;

/**
 * At most `limit` chargers after `after`, in the order of their ids; fewer when they are large. A search reads each
 * charger behind `after`.
 */
export async function listChargers(db: D1Database, { after, limit, search, only }: ChargerQuery): Promise<ChargerPage> {
  const wanted = [
    'charge_point_id > ?1',
    ...(only === undefined ? [] : [CHARGER_FILTERS[only]]),
    ...(search === undefined ? [] : [FOUND]),
  ].join(' AND ');
  const order = db.prepare(
    `SELECT record, found FROM (
       SELECT *, count(*) OVER () AS found,
              sum(length(CAST(record AS BLOB))) OVER (ORDER BY charge_point_id) AS octets
         FROM (SELECT charge_point_id, record FROM chargers AS c WHERE ${wanted} ORDER BY charge_point_id LIMIT ?2))
      WHERE octets <= ?3 ORDER BY charge_point_id`,
  );
  const { results } = await order.bind(after, limit, MAX_PAGE_BYTES, ...(search === undefined ? [] : [search])).all();
  const rows = z.array(PageRow).parse(results);
  const isCut = rows.length === limit || rows.length < (rows[0]?.found ?? 0);
  return { chargers: rows.map((row) => chargerOf(row.record)), isCut };
}

const FOUND = `(instr(lower(charge_point_id), lower(?4)) > 0 OR instr(lower(ocpp_identity), lower(?4)) > 0
  OR instr(lower(coalesce(record ->> 'name', '')), lower(?4)) > 0)`;

/**
 * Our keys of chargers by their OCPP identities, in one query. Unknown identities are left out. An identity is part of
 * a URL, so one side may write it percent-encoded and the other not. An identity that was registered exactly so comes
 * first.
 */
export async function findByIdentities(
  db: D1Database,
  ocppIdentities: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ocppIdentities.length === 0) return new Map();
  const { results } = await db
    .prepare(
      'SELECT ocpp_identity, charge_point_id FROM chargers WHERE ocpp_identity IN (SELECT value FROM json_each(?1))',
    )
    .bind(JSON.stringify(ocppIdentities.flatMap(identityForms)))
    .all();
  const known = new Map(
    z
      .array(IdentityRow)
      .parse(results)
      .map((row) => [row.ocpp_identity, row.charge_point_id]),
  );
  return new Map(
    ocppIdentities.flatMap((said) => {
      const form = identityForms(said).find((each) => known.has(each));
      const chargePointId = form === undefined ? undefined : known.get(form);
      return chargePointId === undefined ? [] : [[said, chargePointId] as const];
    }),
  );
}
