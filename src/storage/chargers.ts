/** The registry of chargers in D1. Refuses a second charger with the same OCPP identity. */
import * as z from 'zod';
import type { Charger } from '../charging/charger.ts';
import { problem, type Problem } from '../problem.ts';
import { err, ok, type Result } from '../result.ts';
import { forgetUnknown } from './unknown-chargers.ts';
import { chargerOf, identityForms } from '../charging/charger.ts';

const RecordRow = z.object({ record: z.string() });
const IdentityRow = z.object({ ocpp_identity: z.string(), charge_point_id: z.string() });

/** The registry could not be read: whom some events are of is not known now. */
export class RegistryUnavailable extends Error {}

/** Stores a charger's details; `isNew` when it was unknown. Refuses the OCPP identity of another charger. */
export async function storeCharger(
  db: D1Database,
  charger: Charger,
  now: number,
): Promise<Result<{ readonly isNew: boolean }, Problem>> {
  const { chargePointId, ocppIdentity } = charger;
  const [known, stored] = await db.batch([
    db.prepare('SELECT 1 FROM chargers WHERE charge_point_id = ?1').bind(chargePointId),
    db
      .prepare(
        `INSERT INTO chargers (charge_point_id, ocpp_identity, record, created_at, updated_at)
         SELECT ?1, ?2, ?3, ?4, ?4
          WHERE NOT EXISTS (SELECT 1 FROM chargers WHERE ocpp_identity = ?2 AND charge_point_id <> ?1)
         ON CONFLICT (charge_point_id) DO UPDATE SET
           ocpp_identity = excluded.ocpp_identity, record = excluded.record, updated_at = excluded.updated_at
         RETURNING charge_point_id`,
      )
      .bind(chargePointId, ocppIdentity, JSON.stringify(charger), now),
    forgetUnknown(db, [chargePointId, ...identityForms(ocppIdentity)]),
    db.prepare(REVOKE_GONE).bind(chargePointId, JSON.stringify(charger), now),
  ]);
  if (stored?.results.length !== 1) {
    return err(problem('ocpp-identity-taken', 'Another charger is registered with this ocppIdentity.'));
  }
  return ok({ isNew: known?.results.length === 0 });
}

/** Revokes codes for EVSEs that the charger does not have any more. Does nothing when the details were refused. */
const REVOKE_GONE = `
UPDATE pairing_codes SET revoked_at = ?3
 WHERE charge_point_id = ?1 AND redeemed_at IS NULL AND revoked_at IS NULL AND evse_uid IS NOT NULL
   AND EXISTS (SELECT 1 FROM chargers WHERE charge_point_id = ?1 AND record = ?2)
   AND evse_uid NOT IN (SELECT value ->> 'uid' FROM json_each(?2, '$.evses') WHERE value ->> 'uid' IS NOT NULL)`;

/** A charger by our key, or undefined. */
export async function findCharger(db: D1Database, chargePointId: string): Promise<Charger | undefined> {
  const row = await db.prepare('SELECT record FROM chargers WHERE charge_point_id = ?1').bind(chargePointId).first();
  return row === null ? undefined : chargerOf(RecordRow.parse(row).record);
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

/** At most `limit` chargers after `after`, in the order of their ids. A search reads each charger behind `after`. */
export async function listChargers(db: D1Database, { after, limit, search, only }: ChargerQuery): Promise<Charger[]> {
  const found = [
    'charge_point_id > ?1',
    ...(only === undefined ? [] : [CHARGER_FILTERS[only]]),
    ...(search === undefined ? [] : [FOUND]),
  ].join(' AND ');
  const order = db.prepare(`SELECT record FROM chargers AS c WHERE ${found} ORDER BY charge_point_id LIMIT ?2`);
  const { results } = await order.bind(after, limit, ...(search === undefined ? [] : [search])).all();
  return z
    .array(RecordRow)
    .parse(results)
    .map((row) => chargerOf(row.record));
}

const FOUND = `(instr(lower(charge_point_id), lower(?3)) > 0 OR instr(lower(ocpp_identity), lower(?3)) > 0
  OR instr(lower(coalesce(record ->> 'name', '')), lower(?3)) > 0)`;

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
