/** Sends parked messages again: behind what is owed already, those of one charger in their order. */
import { deleteDeadLetters, NO_CHARGER, type LetterFilter, type StoredLetter } from '../storage/dead-letters.ts';
import { addNotice } from '../storage/notices.ts';
import { stationOf } from '../station/station-of.ts';
import { findLetters } from './letters.ts';

/** How many letters are handed over at a time. */
const PAGE = 100;
/**
 * A page calls so many others at most: D1 for the page and its end, the station that keeps it or the stations it is
 * for.
 */
const CALLS_PER_PAGE = PAGE + 4;
/** One request calls others less often than the platform allows (1,000), with room to spare. */
const MAX_CALLS = 450;

/** What a request replayed, and where the next one goes on. */
export type Replayed = { readonly replayed: number; readonly next: string | undefined };

/**
 * Replays the letters that match and were parked until `now` (ms), as many as one request can, from `after` on. A
 * letter that is parked again meanwhile is not replayed twice. Letters of one charger keep their order; those of a
 * charger that was removed stay parked.
 */
export async function replayMatching(
  env: Env,
  filter: LetterFilter,
  { now, requestId, after }: { readonly now: number; readonly requestId: string; readonly after: string },
): Promise<Replayed> {
  const matching = { ...filter, parkedUntil: now, isRegistered: true } as const;
  let [replayed, calls] = [0, 0];
  let next: string | undefined = after;
  while (next !== undefined && calls + CALLS_PER_PAGE <= MAX_CALLS) {
    const page = await findLetters(env, matching, { after: next, limit: PAGE });
    replayed += await replay(env, page.letters, requestId);
    calls += new Set(page.letters.map(({ chargePointId }) => chargePointId)).size + 4;
    ({ next } = page);
  }
  return { replayed, next };
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
  if (chargePointId === NO_CHARGER) return owedAgain(env, letters);
  const replays = letters.map(({ deliveryId, parkedAt, record }) => ({
    deliveryId,
    parkedAt,
    deliverables: record.deliverables,
  }));
  const isTaken = await stationOf(env, chargePointId).replay(replays, requestId);
  return isTaken ? letters.map(({ deliveryId }) => deliveryId) : [];
}

/** Notices that belong to no charger go back to where they are sent from. */
async function owedAgain(env: Env, letters: readonly StoredLetter[]): Promise<string[]> {
  const now = Date.now();
  for (const { record } of letters) {
    for (const { message } of record.deliverables)
      if (message !== undefined) await addNotice(env.DB, message.body, now);
  }
  return letters.map(({ deliveryId }) => deliveryId);
}
