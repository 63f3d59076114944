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
const SPARSE = 5;
/** With alarms that ring so many times sooner, the safety alarm of ten minutes rings within two seconds. */
const COMPRESSION = 400;
const GOAL = { rowsWritten: 3.5, objectRequests: 1 };

/** The edge, and how to send one event and see all that it causes. */
type Bench = { readonly edge: EdgeProcess; readonly world: OutsideWorld; readonly settleMs: number };

const built = await buildEdge({ entry: join(import.meta.dirname, 'cost/worker.ts') });
try {
  const { session, steady } = await measureDense();
  const sparse = await measureSparse();
  console.log(tellingOf(session, steady, sparse));
  const { rowsWritten, objectRequests } = billOf(steady, STEADY);
  const isGood = (rowsWritten ?? 0) <= GOAL.rowsWritten && (objectRequests ?? 0) <= GOAL.objectRequests;
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

/** Readings so far apart that the safety alarm rings between them. */
async function measureSparse(): Promise<Usage> {
  return withEdge('sparse', COMPRESSION, async (bench) => {
    await enrol(bench.edge.url, [chargerOf('cp-sparse')], giveOutAt(bench));
    const narrator = narratorOf('cp-sparse');
    await countEach(bench, [narrator.start(), narrator.meterValues()]);
    return sumOf(await countEach(bench, Array.from({ length: SPARSE }, narrator.meterValues)));
  });
}

async function withEdge<T>(name: string, compression: number, work: (bench: Bench) => Promise<T>): Promise<T> {
  const world = await startOutsideWorld();
  const vars = { ONE_PROVIDER_PER_CHARGER: 'false', BENCH_ALARM_COMPRESSION: String(compression) };
  const storagePath = `${built.storagePath}/${name}`;
  const edge = await startEdgeProcess({ ...world.urls, configPath: built.configPath, storagePath, vars });
  try {
    return await work({ edge, world, settleMs: compression > 1 ? 3000 : 60 });
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
    const auth = { token: sandboxSettings.CSMS_TOKENS };
    const { status } = await postWebhook({ edgeUrl: bench.edge.url, events: event, auth });
    if (status !== 202) throw new Error(`a webhook was answered with ${status}`);
    const after = await settled(bench);
    counted.push({ name, usage: combine(after, before, (now, then) => now - then) });
    before = after;
  }
  return counted;
}

/** The meter, once nothing has moved for a while. */
async function settled({ edge, settleMs }: Bench): Promise<Usage> {
  let usage = await read(edge);
  for (let look = 0; look < 100; look += 1) {
    await sleep(settleMs);
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

function tellingOf(session: readonly Counted[], steady: Usage, sparse: Usage): string {
  const each = (usage: Usage, events: number) => combine(usage, usage, (value) => value / events);
  const kinds = [...Map.groupBy(session, ({ name }) => name)];
  const usages: readonly (readonly [string, Usage])[] = [
    ...kinds.map(([name, counted]) => [`session: ${name}`, each(sumOf(counted), counted.length)] as const),
    [`session: all ${session.length} events`, each(sumOf(session), session.length)],
    ['steady: MeterValues', each(steady, STEADY)],
    ['sparse: MeterValues, alarm between', each(sparse, SPARSE)],
  ];
  const names = Object.keys(NO_USAGE) as (keyof Usage)[];
  const designs = [
    ['session', billOf(sumOf(session), session.length)],
    ['steady', billOf(steady, STEADY)],
    ['sparse', billOf(sparse, SPARSE)],
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
    `Goal in steady state: at most ${GOAL.rowsWritten} rows written and ${GOAL.objectRequests} object request per event.`,
  ].join('\n');
}
