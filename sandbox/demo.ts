// `npm run demo`: the real Worker beside stand-ins of both providers, one recorded session, two that are steered, and a verdict; exits 0 only
// when everything arrived right.
import { setTimeout as sleep } from 'node:timers/promises';
import { steerByJedlix, steerByStekker } from './demo/circle.ts';
import { pairWithJedlix, pairWithStekker, stekkerCode } from './demo/pairings.ts';
import { registerChargers } from './demo/registration.ts';
import { createScreen } from './demo/screen.ts';
import { replaySession } from './demo/session.ts';
import { showVerdict } from './demo/totals.ts';
import { startEdge } from './edge.ts';
import { startOutsideWorld } from './outside-world.ts';

/** What is running, to be closed in the reverse order. */
const closers: (() => Promise<void>)[] = [];
/** After each act, for a person who watches. */
const timeToReadMs = 400;
/** All that went wrong, one sentence each. */
const faults: string[] = [];
const screen = createScreen(process.stdout);
let isStopping = false;
let errorLogs = (): string[] => [];

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    screen.progress('');
    screen.line(screen.paint('yellow', 'Stopped.'));
    isStopping = true;
    void closeAll().finally(() => process.exit(130));
  });
}

// A reader that leaves early, such as head, does not end the demo: the exit code still tells.
process.stdout.on('error', () => undefined);

try {
  await run();
} catch (error) {
  faults.push(error instanceof Error ? error.message : String(error));
}
process.exitCode = faults.length === 0 ? 0 : 1;
screen.progress('');
if (!isStopping) showVerdict(screen, faults, errorLogs());
await closeAll();

async function run(): Promise<void> {
  screen.line(
    'scsp-edge: the real Worker in workerd with D1, KV and Durable Objects, and stand-ins of Stekker and Jedlix.',
  );
  screen.progress('  starting …');
  const world = await startOutsideWorld({ stekkerCodes: [stekkerCode] });
  closers.push(world.close);
  const edge = await startEdge({ ...world.urls, vars: { ONE_PROVIDER_PER_CHARGER: 'false' } });
  closers.push(edge.close);
  errorLogs = () => edge.logs().filter((log) => log.includes('"level":"error"'));
  screen.progress('');
  const stage = { edgeUrl: edge.url, screen, world };
  const acts = [registerChargers, pairWithStekker, pairWithJedlix, replaySession, steerByJedlix, steerByStekker];
  for (const act of acts) {
    faults.push(...(await act(stage)));
    if (screen.isTerminal) await sleep(timeToReadMs);
  }
}

async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}
