/** Sends parked messages again: in the order they had per charger, behind what is owed already. Refuses nothing that is parked. */
import { deleteDeadLetters, listDeadLetters, type LetterFilter, type StoredLetter } from '../storage/dead-letters.ts';
import { stationOf } from '../station/station-of.ts';

/** How many letters one page brings to their stations, and how many pages one request works through. */
const PAGE = 100;
const MAX_PAGES = 20;

/**
 * Replays every letter that matches and was parked until `now` (ms), at most 2,000; the number tells how many. What is parked again
 * meanwhile is not replayed twice. Letters of one charger keep their order; those of one that was
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
 * Hands letters to their stations, and forgets them only then: a crash in between replays, and the station knows the repeat. Gives
 * how many were taken: those of a station that knows no charger any more stay parked. Throws when a station cannot be reached,
 * after all others have theirs: the request may be repeated.
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

/** One station's letters; gives the ids of those it took. */
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
