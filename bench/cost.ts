/**
 * What an event costs: rows, object requests, alarms and outgoing requests, counted inside the running Worker over a whole session with
 * both providers paired, and what that is in dollars per million events, beside a D1 outbox with Queues.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEdgeProcess, type EdgeProcess } from '../sandbox/edge-process.ts';
import { startOutsideWorld, type OutsideWorld } from '../sandbox/outside-world.ts';
import { sandboxSettings } from '../sandbox/settings.ts';
import { postWebhook } from '../sandbox/csms-webhook.ts';
import { buildEdge } from './built-edge.ts';
import type { FleetCharger } from './chaos/fleet.ts';
import { enrol, type GiveOut } from './chaos/setup.ts';
import { combine, NO_USAGE, type Usage } from './cost/meter.ts';
import { billOf, D1_OUTBOX_WITH_QUEUES, dollarsOf, PRICES, totalOf, ASSUMED } from './cost/prices.ts';
import { narratorOf, sessionOf, type Told } from './cost/session.ts';
import { tableOf, type Row } from './table.ts';

const READINGS = 30;
const WARM_UP = 20;
const STEADY = 100;
/** How long everything must stand still to be at rest, in ms. */
const SETTLE_MS = 60;
/** Readings at a charger's own pace, on clocks so many times faster; the count is over twenty minutes, or five alarms. */
const MINUTELY = { everyMinutes: 1, events: 20, speed: 40 };
const SPARSE = { everyMinutes: 20, events: 5, speed: 400 };
const GOAL = { rowsWritten: 3.5, objectRequests: 1 };

type Pace = { readonly everyMinutes: number; readonly events: number; readonly speed: number };
type Bench = { readonly edge: EdgeProcess; readonly world: OutsideWorld };

const built = await buildEdge({ entry: join(import.meta.dirname, 'cost/worker.ts') });
try {
  const { session, steady } = await measureDense();
  const minutely = await measurePaced('minutely', MINUTELY);
  const sparse = await measurePaced('sparse', SPARSE);
  console.log(tellingOf({ session, steady, minutely, sparse }));
  // Less than one of each per event is no thrift, but a meter that does not count.
  const isGood = [billOf(steady, STEADY), billOf(minutely, MINUTELY.events)].every(
    ({ rowsWritten = 0, objectRequests = 0 }) =>
      rowsWritten >= 1 &&
      rowsWritten <= GOAL.rowsWritten &&
      objectRequests >= 1 &&
      objectRequests <= GOAL.objectRequests,
  );
  process.exitCode = isGood ? 0 : 1;
} finally {
  await built.remove();
}

/** A whole session event by event, each delivered before the next; and readings alone, after a warm-up. */
async function measureDense(): Promise<{ session: readonly Counted[]; steady: Usage }> {
  return withEdge('dense', 1, async (bench) => {
    await enrol(bench.edge.url, [chargerOf('cp-session'), chargerOf('cp-steady')], giveOutAt(bench));
    const session = await countEach(bench, sessionOf(narratorOf('cp-session'), READINGS));
    const narrator = narratorOf('cp-steady');
    await countEach(bench, [narrator.start(), ...Array.from({ length: WARM_UP }, narrator.meterValues)]);
    const steady = await countEach(bench, Array.from({ length: STEADY }, narrator.meterValues));
    return { session, steady: sumOf(steady) };
  });
}

/** Readings at an even pace, with all that the station does between them. */
async function measurePaced(name: string, { everyMinutes, events, speed }: Pace): Promise<Usage> {
  return withEdge(name, speed, async (bench) => {
    const chargePointId = `cp-${name}`;
    await enrol(bench.edge.url, [chargerOf(chargePointId)], giveOutAt(bench));
    const narrator = narratorOf(chargePointId);
    await countEach(bench, [narrator.start()]);
    const pauseMs = (everyMinutes * 60_000) / speed;
    const startedAt = Date.now();
    let before: Usage | undefined;
    // The first one is not counted: it finds the alarm where the start left it.
    for (let sent = 0; sent <= events; sent += 1) {
      await post(bench, narrator.meterValues().event);
      await sleep(startedAt + (sent + 1) * pauseMs - Date.now());
      before ??= await read(bench.edge);
    }
    return difference(await settled(bench), before ?? NO_USAGE);
  });
}

async function withEdge<T>(name: string, speed: number, work: (bench: Bench) => Promise<T>): Promise<T> {
  const world = await startOutsideWorld();
  const vars = { ONE_PROVIDER_PER_CHARGER: 'false', BENCH_CLOCK_SPEED: String(speed) };
  const storagePath = `${built.storagePath}/${name}`;
  const edge = await startEdgeProcess({ ...world.urls, configPath: built.configPath, storagePath, vars });
  try {
    return await work({ edge, world });
  } finally {
    await edge.kill();
    await world.close();
  }
}

function giveOutAt({ world }: Bench): GiveOut {
  return (provider, code) => world[provider].addPairingCode(code);
}

function chargerOf(chargePointId: string): FleetCharger {
  return { chargePointId, ocppIdentity: chargePointId, connectors: 1, providers: ['stekker', 'jedlix'] };
}

type Counted = { readonly name: string; readonly usage: Usage };

async function countEach(bench: Bench, told: readonly Told[]): Promise<Counted[]> {
  const counted: Counted[] = [];
  let before = await settled(bench);
  for (const { name, event } of told) {
    await post(bench, event);
    const after = await settled(bench);
    counted.push({ name, usage: difference(after, before) });
    before = after;
  }
  return counted;
}

async function post({ edge }: Bench, event: object): Promise<void> {
  const auth = { token: sandboxSettings.CSMS_TOKENS };
  const { status } = await postWebhook({ edgeUrl: edge.url, events: event, auth });
  if (status !== 202) throw new Error(`a webhook was answered with ${status}`);
}

function difference(after: Usage, before: Usage): Usage {
  return combine(after, before, (now, then) => now - then);
}

/** The meter, once nothing has moved for a while. */
async function settled({ edge }: Bench): Promise<Usage> {
  let usage = await read(edge);
  for (let look = 0; look < 100; look += 1) {
    await sleep(SETTLE_MS);
    const next = await read(edge);
    if (JSON.stringify(next) === JSON.stringify(usage)) return next;
    usage = next;
  }
  throw new Error('the edge does not come to rest');
}

async function read({ url }: EdgeProcess): Promise<Usage> {
  const response = await fetch(`${url}/bench/meter`);
  return (await response.json()) as Usage;
}

function sumOf(counted: readonly Counted[]): Usage {
  return counted.reduce((sum, { usage }) => combine(sum, usage, (a, b) => a + b), NO_USAGE);
}

type Measured = {
  readonly session: readonly Counted[];
  readonly steady: Usage;
  readonly minutely: Usage;
  readonly sparse: Usage;
};

function tellingOf({ session, steady, minutely, sparse }: Measured): string {
  const each = (usage: Usage, events: number) => combine(usage, usage, (value) => value / events);
  const kinds = [...Map.groupBy(session, ({ name }) => name)];
  const usages: readonly (readonly [string, Usage])[] = [
    ...kinds.map(([name, counted]) => [`session: ${name}`, each(sumOf(counted), counted.length)] as const),
    [`session: all ${session.length} events`, each(sumOf(session), session.length)],
    ['back to back: MeterValues', each(steady, STEADY)],
    ['one a minute: MeterValues', each(minutely, MINUTELY.events)],
    ['one in 20 minutes: MeterValues', each(sparse, SPARSE.events)],
  ];
  const names = Object.keys(NO_USAGE) as (keyof Usage)[];
  const designs = [
    ['session', billOf(sumOf(session), session.length)],
    ['back to back', billOf(steady, STEADY)],
    ['one a minute', billOf(minutely, MINUTELY.events)],
    ['one in 20 minutes', billOf(sparse, SPARSE.events)],
    ['D1 outbox + Queues', D1_OUTBOX_WITH_QUEUES],
  ] as const;
  const priced = Object.keys(PRICES) as (keyof typeof PRICES)[];
  return [
    'Per event, both providers paired:',
    tableOf(
      ['', ...names],
      usages.map(([name, usage]): Row => [name, ...names.map((key) => usage[key].toFixed(2))]),
    ),
    '',
    `Dollars per million events (${ASSUMED.workerCpuMs} ms CPU a request and ${ASSUMED.awakeMs} ms awake an event are assumed):`,
    tableOf(
      ['', ...priced, 'total'],
      designs.map(([name, bill]) => [
        name,
        ...priced.map((key) => dollarsOf(bill)[key].toFixed(2)),
        totalOf(bill).toFixed(2),
      ]),
    ),
    '',
    `Goal back to back and at one a minute: at most ${GOAL.rowsWritten} rows written and ${GOAL.objectRequests} object request per event.`,
  ].join('\n');
}
