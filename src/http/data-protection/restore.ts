/** `POST /api/restore`: after the database was restored, stations tell what they know, and erasures are done again. */
import { Hono, type Context } from 'hono';
import * as z from 'zod';
import { eraseAgain } from '../../operations/erasing.ts';
import { reconcile } from '../../pairing/restored.ts';
import { problem } from '../../problem.ts';
import { listAllChargers } from '../../storage/erasures.ts';
import { listPaused } from '../../storage/paused-providers.ts';
import { answerProblem } from '../answer.ts';
import type { AppEnv } from '../app-env.ts';
import { requireAdmin } from '../bearer.ts';
import { readJson } from '../body.ts';
import { cursorOf, readPage } from '../page.ts';

/** How many stations one call asks: five requests each. */
const STATIONS_PER_CALL = 50;
/** What a cursor goes on with. */
const [ERASURES, STATIONS] = ['erasures ', 'stations '];

/** Where the call before stopped; absent at first. */
export const RestoreBody = z.strictObject({ cursor: z.string().optional() });

/** The route of a restore. */
export function restoreRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>().post('/api/restore', requireAdmin(), (c) => restore(c));
}

async function restore(c: Context<AppEnv>): Promise<Response> {
  const body = await readJson(c.req.raw);
  if (!body.ok) return answerProblem(c, body.error);
  const read = RestoreBody.safeParse(body.value);
  if (!read.success) return answerProblem(c, problem('envelope-invalid', 'Only cursor, a text, may be given.'));
  const { cursor: given } = read.data;
  const page = readPage(given === undefined ? {} : { cursor: given });
  if (!page.ok) return answerProblem(c, page.error);
  const { after } = page.value;
  if (after.startsWith(STATIONS)) return c.json(await reconcileSome(c.env, after.slice(STATIONS.length)), 202);
  if (after !== '' && !after.startsWith(ERASURES)) {
    return answerProblem(c, problem('cursor-invalid', 'cursor is not one that this call gave out.'));
  }
  const { erasures, next } = await eraseAgain(c.env, after.slice(ERASURES.length) || undefined);
  const cursor = cursorOf(next === undefined ? STATIONS : `${ERASURES}${next}`);
  return c.json({ erasures, stations: 0, pairings: 0, unreachable: [], cursor }, 202);
}

/** Stations that cannot be reached are named: the call can be made again for all. */
async function reconcileSome(env: Env, after: string) {
  const [ids, paused] = await Promise.all([listAllChargers(env.DB, after, STATIONS_PER_CALL), listPaused(env.DB)]);
  const asked = await Promise.allSettled(ids.map((id) => reconcile(env, id, paused)));
  const changed = asked.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 0));
  return {
    erasures: 0,
    stations: ids.length,
    pairings: changed.reduce((sum, each) => sum + each, 0),
    unreachable: ids.filter((_, index) => asked[index]?.status === 'rejected'),
    cursor: ids.length < STATIONS_PER_CALL ? undefined : cursorOf(`${STATIONS}${ids.at(-1)}`),
  };
}
