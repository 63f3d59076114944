/**
 * The crash test: providers and a CSMS that fail at random, and the edge killed with SIGKILL in the middle of its work. Nothing that
 * got a 202, and no notification, may be lost or come out of order. `--seed` varies it, `--short` is the version for CI.
 */
import { tmpdir } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { startOutsideWorld } from '../sandbox/outside-world.ts';
import { EVENTS_SECRET } from '../sandbox/settings.ts';
import { buildEdge } from './built-edge.ts';
import { run, type Report, type Scale } from './chaos/run.ts';
import { startVictim, type Victim } from './chaos/victim.ts';
import { tableOf } from './table.ts';

const DEFAULT_SEED = '1';

const FULL: Scale = {
  chargers: 200,
  events: 20_000,
  waveMs: 25_000,
  pauseMs: 12_000,
  killsInWave: [1, 1, 2],
  killsInPause: [1, 1],
  faultRate: 0.3,
  maxFaultsInARow: 6,
  timeoutMs: 2000,
  maxDrainMs: 8 * 60_000,
};

const SHORT: Scale = {
  ...FULL,
  chargers: 20,
  events: 600,
  waveMs: 3000,
  pauseMs: 1000,
  killsInWave: [1, 0, 1],
  killsInPause: [],
  maxFaultsInARow: 4,
  maxDrainMs: 240_000,
};

const { values } = parseArgs({ options: { seed: { type: 'string' }, short: { type: 'boolean', default: false } } });
const seed = values.seed ?? DEFAULT_SEED;
const scale = values.short ? SHORT : FULL;

const startedAt = Date.now();
/** The stand-ins live in this process: when it stalls, providers do not answer in time, and nobody planned it. */
const stalls = monitorEventLoopDelay({ resolution: 10 });
stalls.enable();
const built = await buildEdge({ root: tmpdir() });
const world = await startOutsideWorld();
const vars = {
  PROVIDER_TIMEOUT_MS: String(scale.timeoutMs),
  ONE_PROVIDER_PER_CHARGER: 'false',
  CSMS_EVENTS_URL: world.csms.eventsUrl,
  CSMS_EVENTS_SECRET: EVENTS_SECRET,
};
const victim = await startVictim({ ...world.urls, ...built, vars });
try {
  const report = await run(victim, world, scale, seed);
  console.log(tellingOf(report, victim));
  process.exitCode = isGood(report) ? 0 : 1;
} finally {
  await victim.end();
  await world.close();
  await built.remove();
}

/**
 * Nothing is lost, out of order, refused or unexplained; since no fault here is final, nothing is parked; and the edge counted every
 * repeat, wanted or not, as a duplicate.
 */
function isGood({ accepted, tally, repeats, verdicts, refusals }: Report): boolean {
  const all = Object.values(verdicts);
  const isClean = all.every(
    ({ lost, outOfOrder, parked, unexpected, duplicates }) =>
      lost.length + outOfOrder.length + parked + unexpected + duplicates.unexplained === 0,
  );
  const isCounted = tally.received + tally.duplicates === accepted + repeats;
  return isClean && isCounted && refusals.length === 0;
}

function tellingOf(
  { accepted, tally, repeats, verdicts, drainMs, refusals }: Report,
  { outages, countLogged }: Victim,
): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const providers = Object.entries(verdicts).map(([name, verdict]) => {
    const { due, delivered, parked, overtaken, lost, outOfOrder, duplicates } = verdict;
    const { killed, unexplained } = duplicates;
    return [name, due, delivered, parked, overtaken, lost.length, outOfOrder.length]
      .concat(duplicates['answer-lost'], killed, duplicates['timed-out'], unexplained)
      .map(String);
  });
  return [
    `seed ${seed}, ${scale.chargers} chargers, ${Math.round(scale.faultRate * 100)} % of the requests to providers and CSMS in trouble`,
    '',
    tableOf(
      ['CSMS', ''],
      [
        ['events accepted (202)', accepted],
        ['repeats sent on purpose', repeats],
        ['duplicates recognised', tally.duplicates],
        ['ignored (of no interest)', tally.ignored],
        ['webhooks sent again by the CSMS', tally.resent],
      ],
    ),
    '',
    tableOf(
      [
        'recipient',
        'due',
        'delivered',
        'parked',
        'overtaken',
        'lost',
        'out of order',
        'dup: answer lost',
        'killed',
        'timed out',
        'unexplained',
      ],
      providers,
    ),
    '',
    tableOf(
      ['edge', ''],
      [
        ['SIGKILLs', outages.length],
        ['dead or starting', seconds(outages.reduce((sum, { from, until }) => sum + until - from, 0))],
        ['breaker opened', countLogged('"scsp.breaker":"open"')],
        ['refused by a recipient', refusals.length],
        ['longest stall of the stand-ins', seconds(stalls.max / 1e6)],
        ['time to drain', seconds(drainMs)],
        ['whole run', seconds(Date.now() - startedAt)],
      ],
    ),
    ...refusals.slice(0, 10),
  ].join('\n');
}
