/** A charger enters the registry and leaves it: D1, the charger's own object, its pairings and its codes. */
import type { Charger } from '../charging/charger.ts';
import { endSessionsOf } from '../storage/sessions.ts';
import { stationOf } from '../station/station-of.ts';
import { noteRemoved } from '../storage/erasures.ts';
import { batchesOf, forgetUids, storeChargers, type Stored } from '../storage/store-chargers.ts';
import { endAll } from './claims.ts';
import type { PairingContext } from './context.ts';
import { COLUMNS, isAbandoned, listOpenPairings, pairingsIn, type Pairing } from './pairings.ts';
import { takeOver } from './restored.ts';
import { end, tellUnpaired, untilTold } from './telling.ts';

/**
 * Stores the newest details of chargers, each of which is given once, and tells their objects; one outcome for each, in
 * the same order. `isNew` when the registry did not know it. It throws when an object cannot be reached: what was
 * stored stays, and everything can be sent again.
 */
export async function registerChargers(
  { env, now }: Pick<PairingContext, 'env' | 'now'>,
  chargers: readonly Charger[],
): Promise<readonly Stored[]> {
  const outcomes: Stored[] = [];
  for (const some of batchesOf(chargers)) {
    const stored = await storeChargers(env.DB, some, now);
    const told = await Promise.all(
      some.map(async (charger, index) => {
        const outcome = stored[index];
        if (!outcome?.ok) return [];
        const known = await stationOf(env, charger.chargePointId).register(charger);
        return outcome.value.isNew ? [[charger.chargePointId, known] as const] : [];
      }),
    );
    await takeOver(env.DB, told.flat());
    outcomes.push(...stored);
  }
  return outcomes;
}

/** As `registerChargers`, of one charger. */
export async function registerCharger(context: Pick<PairingContext, 'env' | 'now'>, charger: Charger): Promise<Stored> {
  const [stored] = await registerChargers(context, [charger]);
  if (stored === undefined) throw new Error('a charger that was given has no outcome');
  return stored;
}

/**
 * The charger leaves the registry after its station has let go: what fails before can be repeated. An event that comes
 * in between finds the charger still in the registry and brings it back, so the station is told once more; a pairing
 * that is made in between ends like those before. Ends when the providers have been told, or after a few seconds.
 */
export async function removeCharger(context: PairingContext, chargePointId: string): Promise<void> {
  const station = stationOf(context.env, chargePointId);
  const unpaired = await endOpen(context, chargePointId);
  await station.deregister();
  const late = await forget(context, chargePointId);
  for (const pairing of late) await tellUnpaired(context, pairing, true);
  await station.deregister();
  await untilTold(context, [...unpaired, ...late]);
}

/**
 * Ends every pairing of a charger, and gives them; the providers are told meanwhile. A request that still asks its
 * provider finds its claim gone when the charger is, and tells it; of one that died nobody else will.
 */
async function endOpen(context: PairingContext, chargePointId: string): Promise<readonly Pairing[]> {
  const open = await listOpenPairings(context.env.DB, chargePointId);
  const ending = open.filter((each) => each.status === 'paired' || isAbandoned(each, context.now));
  for (const pairing of ending) await end(context, pairing, true);
  return ending;
}

/** The charger is gone with its codes; gives the pairings that ended by that. */
async function forget({ env, now }: PairingContext, chargePointId: string): Promise<readonly Pairing[]> {
  const db = env.DB;
  const [paired] = await db.batch([
    db.prepare(`SELECT ${COLUMNS} FROM pairings WHERE charge_point_id = ?1 AND status = 'paired'`).bind(chargePointId),
    endSessionsOf(db, chargePointId, now),
    endAll(db, chargePointId),
    db.prepare('DELETE FROM pairing_codes WHERE charge_point_id = ?1').bind(chargePointId),
    db.prepare('DELETE FROM chargers WHERE charge_point_id = ?1').bind(chargePointId),
    forgetUids(db, chargePointId),
    noteRemoved(db, chargePointId, now),
  ]);
  return pairingsIn(paired);
}
