/**
 * Drops parked messages on purpose: one, which its charger's timeline shows, or all that match, in steps that hold
 * nobody up.
 */
import { chargerOfDelivery, deleteDeadLetters, purgeDeadLetters, type LetterFilter } from '../storage/dead-letters.ts';
import { nextLetterStations } from '../storage/letter-stations.ts';
import { stationOf } from '../station/station-of.ts';
import { findLetter, ownFilter } from './letters.ts';

/** One request drops so many steps of letters from D1, and then those of so many stations. */
const [MAX_STEPS, MAX_STATIONS] = [20, 200];
/** D1 has no more of what matches; the stations from this charger on are next. */
const STATION = '@';

/** What a request dropped, and where the next one goes on. */
export type Purged = { readonly purged: number; readonly next: string | undefined };

/** Drops the letters that match and were parked until `now` (ms), as many as one request can, from `after` on. */
export async function purgeMatching(
  env: Env,
  filter: LetterFilter,
  { now, requestId, after }: { readonly now: number; readonly requestId: string; readonly after: string },
): Promise<Purged> {
  const matching = { ...filter, parkedUntil: now };
  if (after.startsWith(STATION)) return purgeStations(env, matching, { from: after.slice(1), requestId });
  let purged = 0;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const removed = await purgeDeadLetters(env.DB, matching);
    purged += removed;
    if (removed > 0) continue;
    const { purged: more, next } = await purgeStations(env, matching, { from: '', requestId });
    return { purged: purged + more, next };
  }
  return { purged, next: '.' };
}

async function purgeStations(
  env: Env,
  filter: LetterFilter,
  { from, requestId }: { readonly from: string; readonly requestId: string },
): Promise<Purged> {
  const drop = (chargePointId: string) => stationOf(env, chargePointId).drop(ownFilter(filter), requestId);
  if (filter.chargePointId !== undefined) return { purged: await drop(filter.chargePointId), next: undefined };
  let purged = 0;
  let [next] = await nextLetterStations(env.DB, from);
  for (let stations = 0; next !== undefined && stations < MAX_STATIONS; stations += 1) {
    const at: string = next;
    purged += await drop(at);
    [next] = (await nextLetterStations(env.DB, at)).filter((each) => each !== at);
  }
  return { purged, next: next === undefined ? undefined : `${STATION}${next}` };
}

/** Drops one letter, wherever it is kept, and notes it in the timeline; false when there is none of this id. */
export async function dropLetter(env: Env, deliveryId: string, requestId: string): Promise<boolean> {
  if ((await findLetter(env, deliveryId)) === undefined) return false;
  await stationOf(env, chargerOfDelivery(deliveryId)).drop({ deliveryId }, requestId);
  await deleteDeadLetters(env.DB, [deliveryId]);
  return true;
}
