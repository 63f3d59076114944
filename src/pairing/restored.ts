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
SELECT c.charge_point_id, e.value ->> 'provider', e.value ->> 'generation',
       (e.value ->> 'generation') + ${RESTORED_STEP}, e.value ->> 'status', e.value ->> 'format',
       e.value ->> 'evseUid', coalesce(e.value ->> 'madeAt', 0), e.value ->> 'madeAt'
  FROM json_each(?1) AS e JOIN chargers AS c ON c.charge_point_id = e.value ->> 'chargePointId' WHERE true
ON CONFLICT (charge_point_id, provider) DO UPDATE SET
  generation = excluded.generation, last_generation = max(last_generation, excluded.last_generation),
  status = excluded.status, format = excluded.format, evse_uid = excluded.evse_uid, paired_at = excluded.paired_at,
  held = 0, code_hash = NULL, audit = NULL
 WHERE generation < excluded.generation
    OR (?2 = 1 AND generation = excluded.generation AND status = 'paired' AND excluded.status = 'ended')
RETURNING provider`;

/** What a station knows of its pairings, by provider. */
export type Known = Readonly<Record<string, KnownPairing>>;

/**
 * Takes over what a registered charger's station knows of its pairings, if the registry is behind. Gives the providers
 * about which it was. Repeating it is harmless.
 */
export async function catchUp(
  env: Pick<Env, 'DB' | 'CHARGING_STATION'>,
  chargePointId: string,
): Promise<readonly string[]> {
  return takeOver(env.DB, [[chargePointId, await stationOf(env, chargePointId).pairings()]]);
}

/** As `catchUp`, of several chargers, whose stations have told already what they know. At most one statement. */
export async function takeOver(
  db: D1Database,
  known: readonly (readonly [chargePointId: string, Known])[],
): Promise<readonly string[]> {
  const entries = known.flatMap(([chargePointId, pairings]) => entriesOf(chargePointId, pairings));
  if (entries.length === 0) return [];
  const { results } = await takingOver(db, entries, false).all();
  return z
    .array(Row)
    .parse(results)
    .map(({ provider }) => provider);
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
  const pairings = await station.pairings();
  const known = Object.entries(pairings);
  for (const [provider] of known) await station.hold(provider, paused.includes(provider));
  await station.nudge();
  if (known.length === 0) return 0;
  const settle = known.map(([provider, { generation }]) =>
    env.DB.prepare(SETTLE).bind(chargePointId, provider, generation, paused.includes(provider) ? 1 : 0),
  );
  const taken = takingOver(env.DB, entriesOf(chargePointId, pairings), true);
  const results = await env.DB.batch([taken, ...settle]);
  return results.flatMap(({ results: rows }) => rows).length;
}

type Entry = Record<string, string | number | null>;

function entriesOf(chargePointId: string, pairings: Known): Entry[] {
  return Object.entries(pairings).map(([provider, { generation, status, evseUid, pairedAt }]) => ({
    chargePointId,
    provider,
    generation,
    status,
    format: evseUid === undefined ? 'ocpp' : 'ocpi',
    evseUid: evseUid ?? null,
    madeAt: status === 'paired' ? (pairedAt ?? null) : null,
  }));
}

/** `isEndNews`: the end of the generation that the registry has counts too. */
function takingOver(db: D1Database, entries: readonly Entry[], isEndNews: boolean): D1PreparedStatement {
  return db.prepare(TAKE_OVER).bind(JSON.stringify(entries), isEndNews ? 1 : 0);
}
