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
    OR (?8 = 1 AND generation = excluded.generation AND status = 'paired' AND excluded.status = 'ended')
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
  const results = await env.DB.batch(known.map((each) => takeOver(env.DB, chargePointId, each, false)));
  return results.flatMap((result) => z.array(Row).parse(result.results)).map(({ provider }) => provider);
}

const Row = z.object({ provider: z.string() });

/** As `catchUp`, where the work must go on when the station cannot be reached. */
export async function tryCatchUp(env: Pick<Env, 'DB' | 'CHARGING_STATION'>, chargePointId: string): Promise<void> {
  await Promise.allSettled([catchUp(env, chargePointId)]);
}

/** No generation that was given out after the backup is given out again, and the station holds what is paused now. */
const SETTLE = `
UPDATE pairings SET last_generation = max(last_generation, ?3 + ${RESTORED_STEP}), held = ?4
 WHERE charge_point_id = ?1 AND provider = ?2`;

/**
 * Makes the registry and a station agree after a restore: the station's pairings count, also one that ended since, and
 * it is told which of `paused` it must hold. Gives about how many pairings the registry was wrong.
 */
export async function reconcile(
  env: Pick<Env, 'DB' | 'CHARGING_STATION'>,
  chargePointId: string,
  paused: readonly string[],
): Promise<number> {
  const station = stationOf(env, chargePointId);
  const known = Object.entries(await station.pairings());
  for (const [provider] of known) await station.hold(provider, paused.includes(provider));
  await station.nudge();
  if (known.length === 0) return 0;
  const settle = known.map(([provider, { generation }]) =>
    env.DB.prepare(SETTLE).bind(chargePointId, provider, generation, paused.includes(provider) ? 1 : 0),
  );
  const taken = known.map((each) => takeOver(env.DB, chargePointId, each, true));
  const results = await env.DB.batch([...taken, ...settle]);
  return results.flatMap(({ results: rows }) => rows).length;
}

/** `isEndNews`: the end of the generation that the registry has counts too. */
function takeOver(
  db: D1Database,
  chargePointId: string,
  [provider, pairing]: readonly [string, KnownPairing],
  isEndNews: boolean,
): D1PreparedStatement {
  const { generation, status, evseUid, pairedAt } = pairing;
  const format = evseUid === undefined ? 'ocpp' : 'ocpi';
  const madeAt = status === 'paired' ? (pairedAt ?? null) : null;
  return db
    .prepare(TAKE_OVER)
    .bind(chargePointId, provider, generation, status, format, evseUid ?? null, madeAt, isEndNews ? 1 : 0);
}
