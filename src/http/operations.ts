/** What the engineer on call needs: a charger's timeline, clearing profiles, unknown chargers. Needs the admin token. */
import { Hono, type Context } from 'hono';
import { problem } from '../problem.ts';
import { findCharger } from '../storage/chargers.ts';
import { listUnknown, type UnknownKey } from '../storage/unknown-chargers.ts';
import { stationOf } from '../station/station-of.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { requireAdmin } from './bearer.ts';
import { chargerUnknown } from './chargers/view.ts';
import { cursorAfter, cursorOf, readPage } from './page.ts';

/** The routes of an operator. `idTokens=plain` shows id tokens in full in listings. `seq` asks for one entry. */
export function operationsRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/api/chargers/:chargePointId/timeline', requireAdmin('limit', 'cursor', 'seq', 'idTokens'), (c) =>
      timeline(c, c.req.param('chargePointId')),
    )
    .delete('/api/chargers/:chargePointId/profiles', requireAdmin('evseId'), (c) =>
      clearProfiles(c, c.req.param('chargePointId')),
    )
    .get('/api/unknown-chargers', requireAdmin('limit', 'cursor'), (c) => unknownChargers(c));
}

async function clearProfiles(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const charger = await findCharger(c.env.DB, chargePointId);
  if (charger === undefined) return answerProblem(c, chargerUnknown());
  const said = c.req.query('evseId');
  const evseId = [0, ...charger.evses.map((evse) => evse.evseId)].find((id) => String(id) === said);
  if (said !== undefined && evseId === undefined)
    return answerProblem(c, problem('query-invalid', 'evseId is none of this charger; 0 is the whole charger.'));
  const clearing = await stationOf(c.env, chargePointId).clearProfiles(evseId, c.get('requestId'));
  return c.json({ clearing }, 202);
}

async function unknownChargers(c: Context<AppEnv>): Promise<Response> {
  const page = readPage(c.req.query());
  if (!page.ok) return answerProblem(c, page.error);
  const { limit, after: key } = page.value;
  const after = key === '' ? undefined : keyOf(key);
  if (key !== '' && after === undefined) return answerProblem(c, cursorInvalid());
  const found = await listUnknown(c.env.DB, { limit, after, now: Date.now() });
  const cursor = cursorAfter(
    found.map(({ lastAt, identity }) => `${lastAt} ${identity}`),
    limit,
  );
  const unknownChargers = found.map(({ firstAt, lastAt, ...each }) => ({
    ...each,
    firstAt: new Date(firstAt).toISOString(),
    lastAt: new Date(lastAt).toISOString(),
  }));
  return c.json({ unknownChargers, cursor });
}

function keyOf(key: string): UnknownKey | undefined {
  const [, lastAt, identity] = /^(\d{1,16}) (.*)$/s.exec(key) ?? [];
  return lastAt === undefined || identity === undefined ? undefined : { lastAt: Number(lastAt), identity };
}

const cursorInvalid = () => problem('cursor-invalid', 'cursor is not one that this list gave out.');

async function timeline(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const page = readPage(c.req.query());
  if (!page.ok) return answerProblem(c, page.error);
  const { limit, after } = page.value;
  const before = after === '' ? undefined : Number(after);
  if (Number.isNaN(before)) return answerProblem(c, cursorInvalid());
  if ((await findCharger(c.env.DB, chargePointId)) === undefined) return answerProblem(c, chargerUnknown());
  const station = stationOf(c.env, chargePointId);
  const seq = c.req.query('seq');
  if (seq !== undefined) {
    if (!/^\d{1,15}$/.test(seq)) return c.json({ timeline: [] });
    const { items } = await station.timeline({ limit: 1, before: Number(seq) + 1, isUnmasked: isUnmasked(c) });
    return c.json({ timeline: items.filter((item) => String(item.seq) === seq) });
  }
  const query = { limit, isUnmasked: isUnmasked(c), ...(before !== undefined && { before }) };
  const { items, isCut } = await station.timeline(query);
  return c.json({ timeline: items, cursor: isCut ? cursorOf(String(items.at(-1)?.seq)) : undefined });
}

const isUnmasked = (c: Context<AppEnv>) => c.req.query('idTokens') === 'plain';
