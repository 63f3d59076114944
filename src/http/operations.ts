/** What the engineer on call needs: timeline, pausing, status. Needs the admin token. */
import { Hono, type Context } from 'hono';
import { chooseProvider } from '../pairing/choice.ts';
import { pause } from '../operations/pausing.ts';
import { providerStatuses } from '../operations/provider-status.ts';
import { problem, type Problem } from '../problem.ts';
import { PROVIDERS } from '../providers/index.ts';
import { findCharger } from '../storage/chargers.ts';
import { stationOf } from '../station/station-of.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { requireAdmin } from './bearer.ts';
import { chargerUnknown } from './chargers/view.ts';
import { cursorAfter, readPage } from './page.ts';

/** The routes of an operator. `idTokens=plain` shows id tokens in full in listings. */
export function operationsRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/api/chargers/:chargePointId/timeline', requireAdmin('limit', 'cursor', 'idTokens'), (c) =>
      timeline(c, c.req.param('chargePointId')),
    )
    .get('/api/providers', requireAdmin(), (c) => providers(c))
    .post('/api/providers/:provider/check', requireAdmin(), (c) => check(c, c.req.param('provider')))
    .post('/api/providers/:provider/pause', requireAdmin(), (c) => setPaused(c, c.req.param('provider'), true))
    .post('/api/providers/:provider/resume', requireAdmin(), (c) => setPaused(c, c.req.param('provider'), false));
}

async function timeline(c: Context<AppEnv>, chargePointId: string): Promise<Response> {
  const page = readPage(c.req.query());
  if (!page.ok) return answerProblem(c, page.error);
  const { limit, after } = page.value;
  const before = after === '' ? undefined : Number(after);
  if (Number.isNaN(before))
    return answerProblem(c, problem('cursor-invalid', 'cursor is not one that this list gave out.'));
  if ((await findCharger(c.env.DB, chargePointId)) === undefined) return answerProblem(c, chargerUnknown());
  const query = { limit, isUnmasked: isUnmasked(c), ...(before !== undefined && { before }) };
  const items = await stationOf(c.env, chargePointId).timeline(query);
  const seqs = items.map(({ seq }) => String(seq));
  return c.json({ timeline: items, cursor: cursorAfter(seqs, limit) });
}

async function providers(c: Context<AppEnv>): Promise<Response> {
  const names = PROVIDERS.map(({ name }) => name);
  return c.json({ providers: await providerStatuses(c.env, names, Date.now()) });
}

async function setPaused(c: Context<AppEnv>, provider: string, isPaused: boolean): Promise<Response> {
  if (!PROVIDERS.some(({ name }) => name === provider)) return answerProblem(c, providerUnknown());
  const stationsTold = await pause(c.env, provider, isPaused, Date.now());
  return c.json({ provider, paused: isPaused, stationsTold });
}

async function check(c: Context<AppEnv>, name: string): Promise<Response> {
  const { providerTimeoutMs } = c.get('config');
  const provider = chooseProvider(c.get('config'), name);
  if (!provider.ok) return answerProblem(c, provider.error);
  const steps = await provider.value.check({ cache: c.env.CACHE, timeoutMs: providerTimeoutMs, now: Date.now() });
  return c.json({ ok: steps.every(({ ok }) => ok), steps });
}

const providerUnknown = (): Problem => problem('provider-unknown', 'There is no provider of this name.');

const isUnmasked = (c: Context<AppEnv>) => c.req.query('idTokens') === 'plain';
