/** Whether a provider that hangs slows the other down: what the other is delivered per second, beside a run in which both are well. */
import { startEdgeProcess } from '../sandbox/edge-process.ts';
import { buildEdge } from './built-edge.ts';
import { chargersFor, readingsOf, startSessions } from './fixtures.ts';
import { enrol } from './chaos/setup.ts';
import { rateOf } from './load.ts';
import { compare, type Ratio } from './ratio.ts';
import { startStubProviders } from './stub-providers.ts';

const CHARGERS = 40;
const READINGS_EACH = 25;
const ROUNDS = 3;
const AT_ONCE = 16;
const GOAL = { least: 0.95 };
const MAX_WAIT_MS = 60_000;

/** Each round has an edge of its own, so that what the hanging provider is owed burdens nobody else. */
export async function measureIsolation(): Promise<Ratio> {
  const built = await buildEdge();
  try {
    const rates = await compare(
      ROUNDS,
      (round) => deliveredPerS({ ...built, storagePath: `${built.storagePath}/well-${round}` }, false),
      (round) => deliveredPerS({ ...built, storagePath: `${built.storagePath}/hung-${round}` }, true),
    );
    return { name: 'delivered to one provider while the other hangs', unit: '1/s', ...rates, goal: GOAL };
  } finally {
    await built.remove();
  }
}

/** From the first webhook to the last delivery at Jedlix. */
async function deliveredPerS(
  place: { readonly configPath: string; readonly storagePath: string },
  isHung: boolean,
): Promise<number> {
  const providers = await startStubProviders();
  const edge = await startEdgeProcess({ ...providers.urls, ...place, vars: { ONE_PROVIDER_PER_CHARGER: 'false' } });
  try {
    await enrol(edge.url, chargersFor(CHARGERS), () => undefined);
    const narrators = await startSessions(edge.url, CHARGERS);
    await untilArrived(providers.arrivals.jedlix, CHARGERS);
    if (isHung) providers.hang('stekker');
    const requests = readingsOf(narrators, READINGS_EACH, 'token');
    const startedAt = performance.now();
    await rateOf({ origin: edge.url, requests, atOnce: AT_ONCE, expects: 202 });
    const endedAt = await untilArrived(providers.arrivals.jedlix, CHARGERS + requests.length);
    return requests.length / ((endedAt - startedAt) / 1000);
  } finally {
    await edge.kill();
    await providers.close();
  }
}

/** When the `count`-th message came. Pairing is none of them. */
async function untilArrived(arrivals: readonly number[], count: number): Promise<number> {
  const end = performance.now() + MAX_WAIT_MS;
  while (performance.now() < end) {
    const last = arrivals[count - 1];
    if (last !== undefined) return last;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`only ${arrivals.length} of ${count} messages came`);
}
