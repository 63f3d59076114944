/** What operators see of providers, and what they order: status, alerts, check, pause, retry. Needs the admin token. */
import { Hono, type Context } from 'hono';
import { pause } from '../operations/pausing.ts';
import { providerStatuses } from '../operations/provider-status.ts';
import { retry } from '../operations/retrying.ts';
import { chooseProvider } from '../pairing/choice.ts';
import { problem, type Problem } from '../problem.ts';
import { PROVIDERS } from '../providers/index.ts';
import { listAlerts } from '../storage/alerts.ts';
import { answerProblem } from './answer.ts';
import type { AppEnv } from './app-env.ts';
import { requireAdmin } from './bearer.ts';

const PATH = '/api/providers/:provider';
const NAMES = PROVIDERS.map(({ name }) => name);

/** The routes. */
export function providerRoutes(): Hono<AppEnv> {
  return new Hono<AppEnv>()
    .get('/api/alerts', requireAdmin(), (c) => alerts(c))
    .get('/api/providers', requireAdmin(), (c) => providers(c))
    .post(`${PATH}/check`, requireAdmin(), (c) => check(c, c.req.param('provider')))
    .post(`${PATH}/retry`, requireAdmin(), (c) => retryNow(c, c.req.param('provider')))
    .post(`${PATH}/pause`, requireAdmin(), (c) => setPaused(c, c.req.param('provider'), true))
    .post(`${PATH}/resume`, requireAdmin(), (c) => setPaused(c, c.req.param('provider'), false));
}

async function alerts(c: Context<AppEnv>): Promise<Response> {
  const open = await listAlerts(c.env.DB);
  return c.json({ alerts: open.map(({ since, ...alert }) => ({ ...alert, since: new Date(since).toISOString() })) });
}

async function providers(c: Context<AppEnv>): Promise<Response> {
  return c.json({ providers: await providerStatuses(c.env, c.get('config'), NAMES, Date.now()) });
}

async function retryNow(c: Context<AppEnv>, provider: string): Promise<Response> {
  if (!NAMES.includes(provider)) return answerProblem(c, providerUnknown());
  return c.json(await retry(c.env, provider), 202);
}

async function setPaused(c: Context<AppEnv>, provider: string, isPaused: boolean): Promise<Response> {
  if (!NAMES.includes(provider)) return answerProblem(c, providerUnknown());
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
