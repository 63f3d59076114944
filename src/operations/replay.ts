/** Sends parked messages again: in the order they had per charger, behind what is owed already. Refuses nothing that is parked. */
import { deleteDeadLetters, listDeadLetters, type LetterFilter, type StoredLetter } from '../storage/dead-letters.ts';
import { stationOf } from '../storage/stations.ts';

/** How many letters one page brings to their stations, and how many pages one request works through. */
const PAGE = 500;
const MAX_PAGES = 20;

/** Replays every letter that matches, at most 10,000; the number tells how many. Letters of one charger keep their order. */
export async function replayMatching(env: Env, filter: LetterFilter): Promise<number> {
  let replayed = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const letters = await listDeadLetters(env.DB, filter, { after: '', limit: PAGE });
    await replay(env, letters);
    replayed += letters.length;
    if (letters.length < PAGE) break;
  }
  return replayed;
}

/** Hands letters to their stations, and forgets them only then: a crash in between replays, and the station knows the repeat. */
export async function replay(env: Env, letters: readonly StoredLetter[]): Promise<void> {
  const byCharger = Map.groupBy(letters, ({ chargePointId }) => chargePointId);
  await Promise.all(
    [...byCharger].map(async ([chargePointId, group]) => {
      const replays = group.map(({ deliveryId, parkedAt, record }) => ({
        deliveryId,
        parkedAt,
        deliverables: record.deliverables,
      }));
      await stationOf(env, chargePointId).replay(replays);
      await deleteDeadLetters(
        env.DB,
        group.map(({ deliveryId }) => deliveryId),
      );
    }),
  );
}
