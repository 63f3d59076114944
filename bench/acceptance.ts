/** Accepted webhooks per second, as a ratio to a bare Worker that stores one row in a Durable Object per request. */
import { startEdgeProcess, type EdgeProcess } from '../sandbox/edge-process.ts';
import { startBare } from './bare.ts';
import { buildEdge } from './built-edge.ts';
import { call, enrol } from './chaos/setup.ts';
import type { Narrator } from './cost/session.ts';
import { chargersFor, narratorsFor, readingsOf, startSessions, type Auth } from './fixtures.ts';
import { rateOf } from './load.ts';
import { compare, overStarts, type Rates, type Ratio } from './ratio.ts';
import { startStubProviders } from './stub-providers.ts';

const CHARGERS = 40;
const READINGS_EACH = 40;
const ROUNDS = 3;
const STARTS = 5;
const AT_ONCE = 16;
const GOAL = { least: 0.7 };

/** held: what is owed is kept back, so that acceptance alone is measured. delivering: both providers are served in the same thread. */
type Mode = 'held' | 'delivering';

/** Every way to authenticate, accepting alone; and accepting while everything is delivered twice. */
export async function measureAcceptance(): Promise<Ratio[]> {
  return [await measure('token', 'held'), await measure('signature', 'held'), await measure('token', 'delivering')];
}

async function measure(auth: Auth, mode: Mode): Promise<Ratio> {
  const name = `accepted webhooks, ${auth}${mode === 'held' ? '' : ', delivering to both'}`;
  const rates = await overStarts(STARTS, () => measureOnce(auth, mode));
  return { name, unit: '1/s', ...rates, ...(mode === 'held' && { goal: GOAL }) };
}

async function measureOnce(auth: Auth, mode: Mode): Promise<Rates> {
  const [bare, built, providers] = [await startBare('bare-insert'), await buildEdge(), await startStubProviders()];
  const vars = { ONE_PROVIDER_PER_CHARGER: 'false' };
  const edge = await startEdgeProcess({ ...providers.urls, ...built, vars });
  try {
    const [narrators, bareNarrators] = [await prepare(edge, mode), narratorsFor(CHARGERS)];
    const load = { atOnce: AT_ONCE, expects: 202 };
    return await compare(
      ROUNDS,
      () => rateOf({ ...load, origin: bare.url, requests: bareRequests(bareNarrators, auth) }),
      () => rateOf({ ...load, origin: edge.url, requests: readingsOf(narrators, READINGS_EACH, auth) }),
    );
  } finally {
    await edge.kill();
    await Promise.all([bare.end(), providers.close(), built.remove()]);
  }
}

/** Chargers paired with both providers, each with a session that runs. */
async function prepare(edge: EdgeProcess, mode: Mode): Promise<Narrator[]> {
  await enrol(edge.url, chargersFor(CHARGERS), () => undefined);
  if (mode === 'held') {
    for (const provider of ['stekker', 'jedlix']) await call('POST', `${edge.url}/api/providers/${provider}/pause`);
  }
  return startSessions(edge.url, CHARGERS);
}

/** The same requests, to one object for each charger. */
function bareRequests(narrators: readonly Narrator[], auth: Auth) {
  return readingsOf(narrators, READINGS_EACH, auth).map((request, place) => {
    return { ...request, path: `/rows/${place % CHARGERS}` };
  });
}
