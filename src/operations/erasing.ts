/**
 * Erases an id token, or a charger, wherever it is stored: first in D1's parked messages, then at every station, then
 * in what was parked meanwhile. A job in small steps: whatever step fails or is lost is done again by the next run.
 */
import * as z from 'zod';
import type { Config } from '../config.ts';
import { writeLog } from '../log.ts';
import { stationOf } from '../station/station-of.ts';
import type { ErasurePlace } from '../station/station-rpc.ts';
import { findCharger } from '../storage/chargers.ts';
import { listDeadLetters, rewriteDeadLetters } from '../storage/dead-letters.ts';
import { digestsOf, drawPseudonym, Eraser } from '../storage/erased-tokens.ts';
import {
  eraseCharger,
  findErasure,
  listToErase,
  listUnfinished,
  listWaiting,
  noteStep,
  saveErasure,
  type Erasure,
  type ErasureStepDone,
  type NewErasure,
  type WaitingStation,
} from '../storage/erasures.ts';
import { renameTokens } from '../storage/sessions.ts';
import { tokenHmac } from '../storage/token-hmac.ts';

/** What one run may do: so many steps, of so many letters or stations, and so many calls of one station. */
const [STEPS_PER_RUN, LETTERS_PER_STEP, STATIONS_PER_STEP, CALLS_PER_STATION] = [6, 500, 20, 3];
/** How many erasures one run of the cron trigger looks at. */
const ERASURES_PER_RUN = 2;
/** How many kept erasures one call begins again. */
const KEPT_AT_ONCE = 50;

/** What is to be erased: a token, or a charger. */
export type ErasureRequest = { readonly isDropping: boolean } & (
  | { readonly idToken: string; readonly pepper: string }
  | { readonly chargePointId: string }
);

type ErasureEnv = Pick<Env, 'DB' | 'CACHE' | 'CHARGING_STATION'>;

/** Begins an erasure; gives its id. It is stored before this ends, and goes on by itself. */
export async function beginErasure(
  { DB, CACHE }: ErasureEnv,
  request: ErasureRequest,
  createdAt: number,
): Promise<string> {
  const id = crypto.randomUUID();
  const what =
    'idToken' in request
      ? {
          chargePointId: undefined,
          digests: digestsOf(request.pepper, request.idToken),
          pseudonym: drawPseudonym(request.idToken),
        }
      : { chargePointId: request.chargePointId, digests: [], pseudonym: '' };
  const { chargePointId } = what;
  const isRemoved = chargePointId !== undefined && (await findCharger(DB, chargePointId)) === undefined;
  const erasure = { id, ...what, isDropping: request.isDropping, isRemoved, createdAt, finishedAt: undefined };
  await keep(CACHE, erasure);
  await saveErasure(DB, erasure);
  return id;
}

/** What is kept of an erasure beside D1, so that an older D1 that is restored is erased again. */
const Kept = z.object({
  id: z.string(),
  chargePointId: z.string().optional(),
  digests: z.array(z.string()),
  pseudonym: z.string(),
  isDropping: z.boolean(),
  isRemoved: z.boolean(),
  createdAt: z.number(),
  finishedAt: z.number().optional(),
});

async function keep(cache: KVNamespace, erasure: NewErasure & Pick<Erasure, 'finishedAt'>): Promise<void> {
  await cache.put(`erasure:${erasure.id}`, JSON.stringify(Kept.parse(erasure)));
}

/** Begins kept erasures again, after D1 was restored: some of them, from `cursor` on. Gives where the next ones are. */
export async function eraseAgain(
  { DB, CACHE }: ErasureEnv,
  cursor: string | undefined,
): Promise<{ readonly erasures: number; readonly next: string | undefined }> {
  const page = await CACHE.list({ prefix: 'erasure:', limit: KEPT_AT_ONCE, ...(cursor !== undefined && { cursor }) });
  const texts = await Promise.all(page.keys.map(({ name }) => CACHE.get(name)));
  const kept = texts.flatMap((text) => (text === null ? [] : [Kept.parse(JSON.parse(text))]));
  for (const { chargePointId, finishedAt, ...erasure } of kept)
    await saveErasure(DB, { ...erasure, chargePointId, finishedAt });
  return { erasures: kept.length, next: page.list_complete ? undefined : page.cursor };
}

/** Goes on with what is not done. */
export async function eraseMore(
  env: ErasureEnv,
  config: Pick<Config, 'pairingCodePepper'>,
  now: number,
): Promise<void> {
  for (const { id } of await listUnfinished(env.DB, ERASURES_PER_RUN)) await eraseOn(env, config, id, now);
}

/** As `eraseOn`, beside a request, which does not wait for it: what fails is done by the cron trigger. */
export async function eraseBeside(...args: Parameters<typeof eraseOn>): Promise<void> {
  await eraseOn(...args).catch((error: unknown) => writeLog('error', 'erasure.fault', { error: String(error) }));
}

/** Goes on with one erasure, as far as one run may. */
export async function eraseOn(
  env: ErasureEnv,
  { pairingCodePepper: pepper }: Pick<Config, 'pairingCodePepper'>,
  id: string,
  now: number,
): Promise<void> {
  for (let step = 0; step < STEPS_PER_RUN; step += 1) {
    const erasure = await findErasure(env.DB, id);
    if (erasure === undefined || erasure.phase === 'done') return;
    const done = await stepOf(env, erasure, pepper, now);
    if (done === undefined) return;
    if (done.phase === 'done') await keep(env.CACHE, { ...erasure, finishedAt: erasure.finishedAt ?? now });
    await noteStep(env.DB, erasure, done, now);
  }
}

/** One step; undefined when nothing is to be done now. */
function stepOf(
  env: ErasureEnv,
  erasure: Erasure,
  pepper: string | undefined,
  now: number,
): Promise<ErasureStepDone | undefined> {
  switch (erasure.phase) {
    case 'letters':
      return eraseLetters(env, erasure, pepper, 'stations');
    case 'stations':
      return eraseStations(env, erasure);
    case 'waiting':
      return eraseWaiting(env, erasure, now);
    case 'letters-again':
    case 'done':
      return eraseLetters(env, erasure, pepper, 'done');
  }
}

const NOTHING = { finished: [], waiting: [] };

/**
 * What D1 has: noted sessions, and a page of parked messages. What has the token is written anew; what is of a charger
 * goes once its station is done.
 */
async function eraseLetters(
  env: ErasureEnv,
  erasure: Erasure,
  pepper: string | undefined,
  next: 'stations' | 'done',
): Promise<ErasureStepDone> {
  const { DB } = env;
  const over = { ...NOTHING, phase: next, cursor: '' };
  if (erasure.chargePointId !== undefined) {
    if (next === 'done') await eraseInRegistry(env, erasure.chargePointId, erasure);
    return over;
  }
  if (pepper === undefined) throw new Error('without PAIRING_CODE_PEPPER no erased token is recognised');
  const eraser = new Eraser(pepper, erasure);
  const page = await listDeadLetters(DB, {}, { after: erasure.cursor, limit: LETTERS_PER_STEP });
  const records = page.letters.map(({ deliveryId, record }) => ({ deliveryId, record: JSON.stringify(record) }));
  // What came after an erasure that was done once is new data.
  const until = erasure.finishedAt ?? Number.POSITIVE_INFINITY;
  const older = new Set(
    page.letters.flatMap(({ deliveryId, record }) => (record.receivedAt <= until ? [deliveryId] : [])),
  );
  const found = records.filter(({ deliveryId, record }) => older.has(deliveryId) && eraser.isIn(record));
  await rewriteDeadLetters(
    DB,
    found.map(({ deliveryId, record }) => ({ deliveryId, record: eraser.replaced(record) })),
  );
  await renameTokens(DB, erasure, tokenHmac(pepper, erasure.pseudonym));
  const last = page.letters.at(-1);
  return page.isCut && last !== undefined ? { ...over, phase: erasure.phase, cursor: last.deliveryId } : over;
}

/** A backup may have brought a removed charger back, and its station may have believed it. */
async function eraseInRegistry(env: ErasureEnv, chargePointId: string, erasure: Erasure): Promise<void> {
  const { id: erasureId, isRemoved, finishedAt } = erasure;
  await eraseCharger(env.DB, chargePointId, erasure);
  if (!isRemoved || finishedAt === undefined || (await findCharger(env.DB, chargePointId)) !== undefined) return;
  const station = stationOf(env, chargePointId);
  await station.deregister();
  await station.erase({ erasureId, isDropping: false });
}

async function eraseStations(env: ErasureEnv, erasure: Erasure): Promise<ErasureStepDone> {
  const ids = await listToErase(env.DB, erasure, STATIONS_PER_STEP);
  const asked = await askAll(
    env,
    erasure,
    ids.map((chargePointId) => ({ chargePointId, place: '' })),
  );
  const last = ids.at(-1);
  return last === undefined
    ? { ...asked, phase: 'waiting', cursor: '' }
    : { ...asked, phase: 'stations', cursor: last };
}

/** Each station that waits is asked once in a run: it may wait for a provider. */
async function eraseWaiting(env: ErasureEnv, erasure: Erasure, now: number): Promise<ErasureStepDone | undefined> {
  const { stations, isOver } = await listWaiting(env.DB, erasure.id, { limit: STATIONS_PER_STEP, now });
  if (isOver) return { ...NOTHING, phase: 'letters-again', cursor: '' };
  if (stations.length === 0) return undefined;
  return { ...(await askAll(env, erasure, stations)), phase: 'waiting', cursor: '' };
}

/** A station that cannot be reached is asked again by a later run. */
async function askAll(env: ErasureEnv, erasure: Erasure, stations: readonly WaitingStation[]) {
  const asked = await Promise.allSettled(stations.map((station) => ask(env, erasure, station)));
  const places = stations.map((station, index) => {
    const outcome = asked[index];
    return { ...station, place: outcome?.status === 'fulfilled' ? outcome.value : station.place };
  });
  const waiting = places.flatMap(({ chargePointId, place }) => (place === undefined ? [] : [{ chargePointId, place }]));
  const finished = places.flatMap(({ chargePointId, place }) => (place === undefined ? [chargePointId] : []));
  return { finished, waiting };
}

/** Asks one station to erase; gives where it must go on, or undefined when it is done. */
async function ask(
  env: ErasureEnv,
  { id, chargePointId, digests, pseudonym, isDropping }: Erasure,
  station: WaitingStation,
): Promise<string | undefined> {
  let place = station.place === '' ? undefined : (JSON.parse(station.place) as ErasurePlace);
  for (let call = 0; call < CALLS_PER_STATION; call += 1) {
    const step = await stationOf(env, station.chargePointId).erase({
      erasureId: id,
      isDropping,
      ...(chargePointId === undefined && { token: { digests, pseudonym } }),
      ...(place !== undefined && { place }),
    });
    if (step.next === undefined) return undefined;
    place = step.next;
    if (step.isOwing) break;
  }
  return JSON.stringify(place);
}
