/** One crash test from start to verdict: three waves of webhooks, kills in the middle of them and between, then the drain. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxRequest } from '../../sandbox/http-server.ts';
import { parseJson } from '../../sandbox/journal.ts';
import type { OutsideWorld } from '../../sandbox/outside-world.ts';
import { sandboxSettings } from '../../sandbox/settings.ts';
import { randomFrom, type Random } from '../random.ts';
import { stormOf, type Storm } from './faults.ts';
import { fleetOf, RECIPIENT_NAMES, type RecipientName } from './fleet.ts';
import { nameOf } from './messages.ts';
import { sendAll, type Tally } from './sender.ts';
import { storyOf, type Story } from './sessions.ts';
import { refusalsAt, verdictsOf, type Verdicts } from './look.ts';
import { enrol } from './setup.ts';
import type { Victim } from './victim.ts';
import { mailingOf, partOf, type Mailing } from './webhooks.ts';

/** How big a run is. `killsInWave` has one entry for each wave; `killsInPause` one for each pause between two waves. */
export type Scale = {
  readonly chargers: number;
  readonly events: number;
  readonly waveMs: number;
  readonly pauseMs: number;
  readonly killsInWave: readonly number[];
  readonly killsInPause: readonly number[];
  readonly faultRate: number;
  readonly maxFaultsInARow: number;
  readonly timeoutMs: number;
  readonly maxDrainMs: number;
};

/** What came of it. `accepted` counts distinct events of interest, each of which got its 202. */
export type Report = {
  readonly accepted: number;
  readonly tally: Tally;
  readonly repeats: number;
  readonly verdicts: Verdicts;
  readonly drainMs: number;
  readonly refusals: readonly string[];
};

const SENDERS = 12;
const LOOK_EVERY_MS = 2000;

/** Runs it. The victim is running, the world is calm. */
export async function run(victim: Victim, world: OutsideWorld, scale: Scale, seed: string): Promise<Report> {
  const fleet = fleetOf(scale.chargers);
  const stories = fleet.map((charger, index) =>
    storyOf(charger, index, scale.events / scale.chargers, randomFrom(`${seed} story ${index}`)),
  );
  // Notifications begin with the pairings, so their storm does too.
  const csms = brew('csms', world, scale, seed);
  await enrol(victim.url, fleet, (provider, code) => world[provider].addPairingCode(code));
  const storms = { csms, stekker: brew('stekker', world, scale, seed), jedlix: brew('jedlix', world, scale, seed) };
  const tally: Tally = { requests: 0, received: 0, duplicates: 0, ignored: 0, resent: 0 };
  let repeats = 0;
  const waves = scale.killsInWave.length;
  for (let wave = 0; wave < waves; wave += 1) {
    const mailings = mailingsOf(stories, wave, waves, seed);
    repeats += mailings.reduce((sum, mailing) => sum + mailing.repeats, 0);
    await sendWave(victim, mailings, { scale, wave, tally, random: randomFrom(`${seed} kills ${wave}`) });
    if (wave + 1 < waves) await pause(victim, scale, wave);
  }
  const acceptedAt = Date.now();
  const look = () => verdictsOf({ victim, world, storms, fleet, stories });
  const verdicts = await drain(look, scale.maxDrainMs);
  const lastAt = Math.max(...RECIPIENT_NAMES.map((name) => storms[name].reached.at(-1)?.reachedAt ?? acceptedAt));
  const accepted = stories.flatMap(({ events }) => events).filter(({ isOfInterest }) => isOfInterest).length;
  return { accepted, tally, repeats, verdicts, drainMs: Math.max(0, lastAt - acceptedAt), refusals: refusalsAt(world) };
}

/** From here on this recipient fails. */
function brew(name: RecipientName, world: OutsideWorld, scale: Scale, seed: string): Storm {
  const weather = { seed: `${seed} ${name}`, rate: scale.faultRate, maxInARow: scale.maxFaultsInARow };
  const watch = {
    now: Date.now,
    nameOf: ({ path, bodyText }: SandboxRequest) => nameOf(name, path, parseJson(bodyText)),
  };
  const storm = stormOf(weather, watch);
  world[name].setFaults(storm.plan);
  return storm;
}

/** Each sender has chargers of its own, so that the order of each charger is kept. */
function mailingsOf(stories: readonly Story[], wave: number, waves: number, seed: string): Mailing[] {
  return Array.from({ length: SENDERS }, (_, sender) => {
    const own = stories.filter((__, index) => index % SENDERS === sender);
    const parts = own.map(({ events }) => partOf(events, wave, waves));
    return mailingOf(parts, `${wave}-${sender}`, randomFrom(`${seed} mailing ${wave} ${sender}`));
  });
}

type WaveContext = { readonly scale: Scale; readonly wave: number; readonly tally: Tally; readonly random: Random };

/** Kills fall in the first two thirds of a wave: every charger has something to say after them. */
async function sendWave(victim: Victim, mailings: readonly Mailing[], context: WaveContext): Promise<void> {
  const { scale, wave, tally, random } = context;
  const kills = scale.killsInWave[wave] ?? 0;
  const total = mailings.reduce((sum, { requests }) => sum + requests.length, 0);
  const before = tally.requests;
  const thresholds = Array.from({ length: kills }, (_, kill) => ((kill + random.next()) / kills) * 0.66 * total);
  const sending = mailings.map(({ requests }) => {
    const gapMs = scale.waveMs / Math.max(1, requests.length);
    return sendAll(requests, { url: victim.url, secret: sandboxSettings.CSMS_WEBHOOK_SECRETS, gapMs }, tally);
  });
  await Promise.all([...sending, killing(victim, thresholds, () => tally.requests - before)]);
}

async function killing(victim: Victim, thresholds: readonly number[], taken: () => number): Promise<void> {
  for (const threshold of thresholds) {
    while (taken() < threshold) await sleep(20);
    await victim.crash();
  }
}

async function pause(victim: Victim, { killsInPause, pauseMs }: Scale, wave: number): Promise<void> {
  const kills = killsInPause[wave] ?? 0;
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(pauseMs / (kills + 1));
    await victim.crash();
  }
  await sleep(pauseMs / (kills + 1));
}

/** Looks until nobody misses anything, or the time is over. */
async function drain(look: () => Promise<Verdicts>, maxDrainMs: number): Promise<Verdicts> {
  const end = Date.now() + maxDrainMs;
  for (;;) {
    const verdicts = await look();
    const isDone = RECIPIENT_NAMES.every((name) => verdicts[name].lost.length === 0);
    if (isDone || Date.now() > end) return verdicts;
    await sleep(LOOK_EVERY_MS);
  }
}
