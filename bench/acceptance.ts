/** Accepted webhooks per second, as a ratio to a bare Worker that stores one row in a Durable Object per request. */
import { signedWebhook } from '../sandbox/csms-webhook.ts';
import { startEdgeProcess, type EdgeProcess } from '../sandbox/edge-process.ts';
import { sandboxSettings } from '../sandbox/settings.ts';
import { buildEdge } from './built-edge.ts';
import type { FleetCharger } from './chaos/fleet.ts';
import { call, enrol } from './chaos/setup.ts';
import { narratorOf, type Narrator, type Told } from './cost/session.ts';
import { rateOf, type Prepared } from './load.ts';
import { compare, type Ratio } from './ratio.ts';
import { startStubProviders } from './stub-providers.ts';
import { startBare } from './bare.ts';

const CHARGERS = 40;
const REQUESTS = 800;
const ROUNDS = 7;
const AT_ONCE = 16;
const GOAL = { least: 0.7 };

type Auth = 'token' | 'signature';
/** held: what is owed is kept back, so that acceptance alone is measured. delivering: both providers are served meanwhile. */
type Mode = 'held' | 'delivering';

/** Every way to authenticate, accepting alone; and accepting while everything is delivered twice, in the same thread. */
export async function measureThroughput(): Promise<Ratio[]> {
  const bare = await startBare();
  try {
    return [
      await measure(bare.url, 'token', 'held'),
      await measure(bare.url, 'signature', 'held'),
      await measure(bare.url, 'token', 'delivering'),
    ];
  } finally {
    await bare.end();
  }
}

async function measure(bareUrl: string, auth: Auth, mode: Mode): Promise<Ratio> {
  const [built, providers] = [await buildEdge(), await startStubProviders()];
  const vars = { ONE_PROVIDER_PER_CHARGER: 'false' };
  const edge = await startEdgeProcess({ ...providers.urls, ...built, vars });
  try {
    const narrators = await prepare(edge, mode);
    const rates = await compare(
      ROUNDS,
      (round) => rateOf({ ...webhooks(narratorsOf(`bare-${round}`), bareRequest), origin: bareUrl }),
      () => rateOf({ ...webhooks(narrators, (told) => edgeRequest(told, auth)), origin: edge.url }),
    );
    const name = `accepted webhooks, ${auth}${mode === 'held' ? '' : ', delivering to both'}`;
    return { name, unit: '1/s', ...rates, ...(mode === 'held' && { goal: GOAL }) };
  } finally {
    await edge.kill();
    await Promise.all([providers.close(), built.remove()]);
  }
}

/** Chargers paired with both providers, each with a session that runs. */
async function prepare(edge: EdgeProcess, mode: Mode): Promise<Narrator[]> {
  const narrators = narratorsOf('cp');
  await enrol(
    edge.url,
    narrators.map((_, index) => chargerOf(`cp-${index}`)),
    () => undefined,
  );
  if (mode === 'held') {
    for (const provider of ['stekker', 'jedlix']) await call('POST', `${edge.url}/api/providers/${provider}/pause`);
  }
  const requests = narrators.map(({ start }) => edgeRequest(start(), 'token'));
  await rateOf({ origin: edge.url, requests, atOnce: 1, expects: 202 });
  return narrators;
}

const narratorsOf = (prefix: string) =>
  Array.from({ length: CHARGERS }, (_, index) => narratorOf(`${prefix}-${index}`));

function chargerOf(chargePointId: string): FleetCharger {
  return { chargePointId, ocppIdentity: chargePointId, connectors: 1, providers: ['stekker', 'jedlix'] };
}

/** One reading per request, the chargers by turns. */
function webhooks(narrators: readonly Narrator[], requestOf: (told: Told, charger: number) => Prepared) {
  const requests = Array.from({ length: REQUESTS / CHARGERS }, () =>
    narrators.map(({ meterValues }, charger) => requestOf(meterValues(), charger)),
  ).flat();
  return { requests, atOnce: AT_ONCE, expects: 202 };
}

function edgeRequest({ event }: Told, auth: Auth): Prepared {
  const body = JSON.stringify(event);
  const token = { 'content-type': 'application/json', authorization: `Bearer ${sandboxSettings.CSMS_TOKENS}` };
  const headers = auth === 'token' ? token : signedWebhook(sandboxSettings.CSMS_WEBHOOK_SECRETS, body);
  return { path: '/webhooks/ocpp', headers, body };
}

function bareRequest({ event }: Told, charger: number): Prepared {
  return { path: `/rows/${charger}`, headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) };
}
