/**
 * A registry that was restored from a backup is older than its stations. It takes over what they know, since a station
 * hears of every generation that counts. Nothing is told to anybody by that.
 */
import * as z from 'zod';
import { stationOf } from '../station/station-of.ts';
import type { KnownPairing } from '../station/station-rpc.ts';

/**
 * What the registry gave out after its backup was made, and no station heard of, is surely below this distance from
 * what they know.
 */
export const RESTORED_STEP = 1_000_000;

/** What the station knows replaces what is older. The next generation is above all that were ever given out. */
const TAKE_OVER = `
INSERT INTO pairings
  (charge_point_id, provider, generation, last_generation, status, format, evse_uid, claimed_at, paired_at)
SELECT ?1, ?2, ?3, ?3 + ${RESTORED_STEP}, ?4, ?5, ?6, coalesce(?7, 0), ?7
  FROM chargers WHERE charge_point_id = ?1
ON CONFLICT (charge_point_id, provider) DO UPDATE SET
  generation = excluded.generation, last_generation = max(last_generation, excluded.last_generation),
  status = excluded.status, format = excluded.format, evse_uid = excluded.evse_uid, paired_at = excluded.paired_at,
  held = 0, code_hash = NULL, audit = NULL
 WHERE generation < excluded.generation
RETURNING provider`;

/**
 * Takes over what a registered charger's station knows of its pairings, if the registry is behind. Gives the providers
 * about which it was. Repeating it is harmless.
 */
export async function catchUp(
  env: Pick<Env, 'DB' | 'CHARGING_STATION'>,
  chargePointId: string,
): Promise<readonly string[]> {
  const known = Object.entries(await stationOf(env, chargePointId).pairings());
  if (known.length === 0) return [];
  const results = await env.DB.batch(known.map((each) => takeOver(env.DB, chargePointId, ...each)));
  return results.flatMap((result) => z.array(Row).parse(result.results)).map(({ provider }) => provider);
}

const Row = z.object({ provider: z.string() });

/** As `catchUp`, where the work must go on when the station cannot be reached. */
export async function tryCatchUp(env: Pick<Env, 'DB' | 'CHARGING_STATION'>, chargePointId: string): Promise<void> {
  await Promise.allSettled([catchUp(env, chargePointId)]);
}

function takeOver(db: D1Database, chargePointId: string, provider: string, pairing: KnownPairing): D1PreparedStatement {
  const { generation, status, evseUid, pairedAt } = pairing;
  const format = evseUid === undefined ? 'ocpp' : 'ocpi';
  const madeAt = status === 'paired' ? (pairedAt ?? null) : null;
  return db.prepare(TAKE_OVER).bind(chargePointId, provider, generation, status, format, evseUid ?? null, madeAt);
}
