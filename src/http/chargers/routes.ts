/** `/api/chargers`: the CSMS keeps the registry here. D1 is written first, then the charger's object is told. */
import { Hono, type Context } from 'hono';
import { listPairings } from '../../pairing/pairings.ts';
import { registerCharger, removeCharger } from '../../pairing/registration.ts';
import { CHARGER_FILTERS, findCharger, listChargers } from '../../storage/chargers.ts';
import { problem } from '../../problem.ts';
import { stationOf } from '../../station/station-of.ts';
import { isRemoved } from '../../storage/erasures.ts';
import { answerProblem } from '../answer.ts';
import type { AppEnv } from '../app-env.ts';
import { requireCsms } from '../bearer.ts';
import { readJson } from '../body.ts';
import { readCharger } from './schema.ts';
import { chargerUnknown, viewOf } from './view.ts';
import { startErasure } from '../data-protection/erasures.ts';
import { cursorAfter, cursorOf, readPage } from '../page.ts';
import { pairingContextOf } from '../pairings/context.ts';
import { pairingViewOf } from '../pairings/view.ts';

const PATH = '/api/chargers/:chargePointId';

/** The five calls on chargers; pairings have their own routes. */
export function chargerRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/api/chargers', requireCsms('limit', 'cursor', 'search', 'only'), (c) => list(c))
    .put(PATH, requireCsms(), (c) => put(c, c.req.param('chargePointId')))
    .get(PATH, requireCsms(), (c) => get(c, c.req.param('chargePointId')))
    .get(`${PATH}/sessions`, requireCsms('limit', 'cursor'), (c) => sessions(c, c.req.param('chargePointId')))
    .delete(PATH, requireCsms('erase'), (c) => remove(c, c.req.param('chargePointId')));
}

async function put(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const body = await readJson(c.req.raw);
  if (!body.ok) return answerProblem(c, body.error);
  const charger = readCharger(chargePointId, body.value);
  if (!charger.ok) return answerProblem(c, charger.error);
  const stored = await registerCharger(pairingContextOf(c), charger.value);
  if (!stored.ok) return answerProblem(c, stored.error);
  return c.json(viewOf(charger.value), stored.value.isNew ? 201 : 200);
}

async function get(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const [charger, pairings] = await Promise.all([
    findCharger(c.env.DB, chargePointId),
    listPairings(c.env.DB, chargePointId, Date.now()),
  ]);
  if (charger === undefined) return answerProblem(c, chargerUnknown());
  const { sessions: all, profiles, learned } = await stationOf(c.env, chargePointId).steering();
  const running = all.filter(({ state }) => state === 'running');
  return c.json({
    ...viewOf(charger),
    pairings: pairings.map(pairingViewOf),
    sessions: running,
    profiles,
    learned,
  });
}

/** A charger's object has few sessions, so it gives all of them, and the page is cut here. */
async function sessions(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const page = readPage(c.req.query());
  if (!page.ok) return answerProblem(c, page.error);
  if ((await findCharger(c.env.DB, chargePointId)) === undefined) return answerProblem(c, chargerUnknown());
  const { after, limit } = page.value;
  const { sessions: all } = await stationOf(c.env, chargePointId).steering();
  const keyed = all
    .map((session) => ({ key: `${session.startedAt} ${session.transactionId}`, session }))
    .toSorted((a, b) => (a.key < b.key ? 1 : -1))
    .filter(({ key }) => after === '' || key < after)
    .slice(0, limit);
  const cursor = cursorAfter(
    keyed.map(({ key }) => key),
    limit,
  );
  return c.json({ sessions: keyed.map(({ session }) => session), cursor });
}

async function list(c: Context<AppEnv>): Promise<Response> {
  const page = readPage(c.req.query());
  if (!page.ok) return answerProblem(c, page.error);
  const { search, only } = c.req.query();
  if (only !== undefined && !isFilter(only)) {
    return answerProblem(c, problem('query-invalid', `only is one of ${Object.keys(CHARGER_FILTERS).join(', ')}.`));
  }
  const { chargers, isCut } = await listChargers(c.env.DB, { ...page.value, search, only });
  const cursor = isCut ? cursorOf(chargers.at(-1)?.chargePointId) : undefined;
  return c.json({ chargers: chargers.map(viewOf), cursor });
}

const isFilter = (text: string): text is keyof typeof CHARGER_FILTERS => Object.hasOwn(CHARGER_FILTERS, text);

async function remove(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const erase = c.req.query('erase') ?? 'false';
  if (!['true', 'false'].includes(erase)) return answerProblem(c, problem('query-invalid', 'erase is true or false.'));
  const isKnown = (await findCharger(c.env.DB, chargePointId)) !== undefined;
  // A repeat may find it removed and not erased.
  if (!isKnown && !(erase === 'true' && (await isRemoved(c.env.DB, chargePointId))))
    return answerProblem(c, chargerUnknown());
  if (isKnown) await removeCharger(pairingContextOf(c), chargePointId);
  if (erase === 'true') await startErasure(c, { chargePointId, isDropping: false });
  return c.body(null, 204);
}
