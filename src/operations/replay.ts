/** Sends parked messages again: behind what is owed already, those of one charger in their order. */
import { deleteDeadLetters, listDeadLetters, type LetterFilter, type StoredLetter } from '../storage/dead-letters.ts';
import { stationOf } from '../station/station-of.ts';

/** How many letters are handed over at a time, and how often in one request. */
const PAGE = 100;
const MAX_PAGES = 20;

/**
 * Replays the letters that match and were parked until `now` (ms), at most 2,000. Gives how many. A letter that is
 * parked again meanwhile is not replayed twice. Letters of one charger keep their order; those of a charger that was
 * removed stay parked.
 */
export async function replayMatching(
  env: Env,
  filter: LetterFilter,
  { now, requestId }: { readonly now: number; readonly requestId: string },
): Promise<number> {
  let replayed = 0;
  let after = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const letters = await listDeadLetters(
      env.DB,
      { ...filter, parkedUntil: now, isRegistered: true },
      { after, limit: PAGE },
    );
    replayed += await replay(env, letters, requestId);
    after = letters.at(-1)?.deliveryId ?? after;
    if (letters.length < PAGE) break;
  }
  return replayed;
}

/**
 * Hands letters to their stations, then deletes them. After a crash in between they are replayed, and the station
 * recognises the repeat. Gives how many were taken: a station that has no charger takes none. It throws when a station
 * cannot be reached, after all others have their letters; the request may be repeated.
 */
export async function replay(env: Env, letters: readonly StoredLetter[], requestId: string): Promise<number> {
  const byCharger = Map.groupBy(letters, ({ chargePointId }) => chargePointId);
  const handed = await Promise.allSettled(
    [...byCharger].map(([chargePointId, group]) => hand(env, { chargePointId, letters: group, requestId })),
  );
  const taken = handed.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
  if (taken.length > 0) await deleteDeadLetters(env.DB, taken);
  const failed = handed.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return taken.length;
}

/** Hands one station its letters. Gives the ids of those that it took. */
async function hand(
  env: Env,
  {
    chargePointId,
    letters,
    requestId,
  }: { readonly chargePointId: string; readonly letters: readonly StoredLetter[]; readonly requestId: string },
): Promise<string[]> {
  const replays = letters.map(({ deliveryId, parkedAt, record }) => ({
    deliveryId,
    parkedAt,
    deliverables: record.deliverables,
  }));
  const isTaken = await stationOf(env, chargePointId).replay(replays, requestId);
  return isTaken ? letters.map(({ deliveryId }) => deliveryId) : [];
}
