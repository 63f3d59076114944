/** All parked messages, page by page: those in D1, then those that stations keep because D1 had no place for them. */
import {
  chargerOfDelivery,
  findDeadLetter,
  listDeadLetters,
  type LetterFilter,
  type StoredLetter,
} from '../storage/dead-letters.ts';
import { nextLetterStations } from '../storage/letter-stations.ts';
import { stationOf } from '../station/station-of.ts';

/** `next` is where the page after it begins; undefined when there is none. */
export type LettersFound = { readonly letters: readonly StoredLetter[]; readonly next: string | undefined };

/** Where a page begins: in D1 after an id, or at the station of a charger after an id. */
const STATION = '@';
const placeAt = (chargePointId: string, after = '') => `${STATION}${chargePointId}\n${after}`;

/**
 * A page of what matches, from `after` on, which is empty at first. It may be short, or empty, although there are more.
 */
export async function findLetters(
  env: Env,
  filter: LetterFilter,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<LettersFound> {
  if (after.startsWith(STATION)) return atStation(env, filter, { place: after, limit });
  // The station is asked first: a letter on its way to D1 is found here or there, or at both.
  const own = filter.chargePointId === undefined ? [] : await kept(env, filter.chargePointId, filter, { limit });
  const { letters, isCut } = await listDeadLetters(env.DB, filter, { after, limit });
  if (isCut) return { letters, next: letters.at(-1)?.deliveryId };
  const known = new Set(letters.map(({ deliveryId }) => deliveryId));
  const more = own.filter(({ deliveryId }) => !known.has(deliveryId)).slice(0, limit - letters.length);
  const { chargePointId } = filter;
  if (chargePointId === undefined) return { letters, next: await firstStation(env, '') };
  const isAll = more.length === own.length && own.length < limit;
  return { letters: [...letters, ...more], next: isAll ? undefined : placeAt(chargePointId, more.at(-1)?.deliveryId) };
}

async function atStation(
  env: Env,
  filter: LetterFilter,
  { place, limit }: { readonly place: string; readonly limit: number },
): Promise<LettersFound> {
  const [chargePointId = '', after = ''] = place.slice(STATION.length).split('\n');
  const page = await stationOf(env, chargePointId).letters({ ...ownFilter(filter), after, limit });
  if (page.isCut) return { letters: page.letters, next: placeAt(chargePointId, page.letters.at(-1)?.deliveryId) };
  const next = filter.chargePointId === undefined ? await firstStation(env, chargePointId) : undefined;
  return { letters: page.letters, next };
}

/** Where the letters of the first station behind this charger begin. */
async function firstStation(env: Env, chargePointId: string): Promise<string | undefined> {
  const [next] = (await nextLetterStations(env.DB, chargePointId)).filter((each) => each !== chargePointId);
  return next === undefined ? undefined : placeAt(next);
}

async function kept(env: Env, chargePointId: string, filter: LetterFilter, page: { readonly limit: number }) {
  return (await stationOf(env, chargePointId).letters({ ...ownFilter(filter), ...page })).letters;
}

/** One letter, wherever it is kept, or undefined. */
export async function findLetter(env: Env, deliveryId: string): Promise<StoredLetter | undefined> {
  const chargePointId = chargerOfDelivery(deliveryId);
  if (chargePointId === '') return undefined;
  const own = await stationOf(env, chargePointId).letters({ deliveryId });
  return own.letters[0] ?? findDeadLetter(env.DB, deliveryId);
}

/** A station's letters are of one charger, which is not asked about again. */
export function ownFilter({ provider, reason, parkedUntil }: LetterFilter) {
  return { provider, reason, parkedUntil };
}
