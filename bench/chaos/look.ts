/** Looks at what the providers have, and has it judged. Asks the edge only what it parked: nothing that could wake a charger's object. */
import { listAt, textAt, valueAt } from '../../sandbox/demo/json.ts';
import type { Received } from '../../sandbox/journal.ts';
import type { OutsideWorld } from '../../sandbox/outside-world.ts';
import { isTaken, type Storm } from './faults.ts';
import { PROVIDER_NAMES, type FleetCharger, type ProviderName } from './fleet.ts';
import { judge, type Arrival, type Verdict } from './judge.ts';
import { nameOf, type MessageName } from './messages.ts';
import type { Story } from './sessions.ts';
import { call } from './setup.ts';
import type { Victim } from './victim.ts';

export type Storms = Readonly<Record<ProviderName, Storm>>;
export type Verdicts = Readonly<Record<ProviderName, Verdict>>;

/** Everything a verdict rests on. */
export type Evidence = {
  readonly victim: Victim;
  readonly world: OutsideWorld;
  readonly storms: Storms;
  readonly fleet: readonly FleetCharger[];
  readonly stories: readonly Story[];
};

export async function verdictsOf({ victim, world, storms, fleet, stories }: Evidence): Promise<Verdicts> {
  const parked = await parkedAt(victim.url);
  const verdictOf = (provider: ProviderName) =>
    judge({
      provider,
      due: stories.flatMap(({ due }, index) => (fleet[index]?.providers.includes(provider) ? [due] : [])),
      arrivals: arrivalsAt(storms[provider], refusedBodies(world, provider)),
      parked: parked.flatMap((letter) => (letter.provider === provider ? [letter] : [])),
      outages: victim.outages,
    });
  return { stekker: verdictOf('stekker'), jedlix: verdictOf('jedlix') };
}

/** The parked messages of the first page, which is more than there should be. */
async function parkedAt(url: string): Promise<(MessageName & { provider: ProviderName })[]> {
  const answer = await call('GET', `${url}/api/dead-letters?limit=500`);
  return listAt(answer, 'deadLetters').flatMap((letter) =>
    PROVIDER_NAMES.filter((name) => name === textAt(letter, 'provider')).flatMap((provider) => {
      const name = nameOf(provider, textAt(letter, 'payload', 0, 'path'), valueAt(letter, 'payload', 0, 'body'));
      return name === undefined ? [] : [{ provider, ...name }];
    }),
  );
}

function arrivalsAt({ reached }: Storm, refused: ReadonlySet<string>): Arrival[] {
  return reached.map((each) => ({ ...each, isTaken: isTaken(each.trouble) && !refused.has(each.bodyText) }));
}

function refusedBodies(world: OutsideWorld, provider: ProviderName): ReadonlySet<string> {
  return new Set(refusedBy(world, provider).map(({ body }) => JSON.stringify(body)));
}

/** What the providers' own checks refused, and why: there should be nothing. */
export function refusalsAt(world: OutsideWorld): string[] {
  return PROVIDER_NAMES.flatMap((name) =>
    refusedBy(world, name).map(({ status, reason, answer }) => `${name} ${status} ${reason} ${JSON.stringify(answer)}`),
  );
}

function refusedBy(world: OutsideWorld, provider: ProviderName): readonly Received[] {
  return world[provider].received.filter(({ status, reason = '' }) => status >= 400 && !reason.startsWith('fault'));
}
