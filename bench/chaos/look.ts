/** Looks at what the providers and the CSMS have, and has it judged. Asks the edge only what it parked: nothing that could wake a charger's object. */
import { listAt, textAt, valueAt } from '../../sandbox/demo/json.ts';
import type { Received } from '../../sandbox/journal.ts';
import type { OutsideWorld } from '../../sandbox/outside-world.ts';
import { isTaken, type Storm } from './faults.ts';
import { PROVIDER_NAMES, RECIPIENT_NAMES, type FleetCharger, type RecipientName } from './fleet.ts';
import { judge, type Arrival, type Verdict } from './judge.ts';
import { nameOf, PAIRED_AT, type MessageName } from './messages.ts';
import type { Expectation, Story } from './sessions.ts';
import { call } from './setup.ts';
import type { Victim } from './victim.ts';

export type Storms = Readonly<Record<RecipientName, Storm>>;
export type Verdicts = Readonly<Record<RecipientName, Verdict>>;

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
  const verdictOf = (recipient: RecipientName) =>
    judge({
      recipient,
      due: fleet.map((charger, index) => dueTo(recipient, charger, stories[index])),
      arrivals: arrivalsAt(storms[recipient], refusedBodies(world, recipient)),
      parked: parked.flatMap((letter) => (letter.recipient === recipient ? [letter] : [])),
      outages: victim.outages,
    });
  return { stekker: verdictOf('stekker'), jedlix: verdictOf('jedlix'), csms: verdictOf('csms') };
}

/** What a charger's story comes to for one recipient. The CSMS is told of each pairing first. */
function dueTo(recipient: RecipientName, charger: FleetCharger, story: Story | undefined): readonly Expectation[] {
  if (recipient !== 'csms') return charger.providers.includes(recipient) ? (story?.due ?? []) : [];
  const pairings = charger.providers.map((provider) => {
    const at = PAIRED_AT + PROVIDER_NAMES.indexOf(provider);
    return { chargePointId: charger.chargePointId, connectorId: 0, at, kind: 'session' as const };
  });
  return [...pairings, ...(story?.told ?? [])];
}

/** The parked messages of the first page, which is more than there should be. */
async function parkedAt(url: string): Promise<(MessageName & { recipient: RecipientName })[]> {
  const answer = await call('GET', `${url}/api/dead-letters?limit=500`);
  return listAt(answer, 'deadLetters').flatMap((letter) =>
    RECIPIENT_NAMES.filter((name) => name === textAt(letter, 'provider')).flatMap((recipient) => {
      const name = nameOf(recipient, textAt(letter, 'payload', 0, 'path'), valueAt(letter, 'payload', 0, 'body'));
      return name === undefined ? [] : [{ recipient, ...name }];
    }),
  );
}

function arrivalsAt({ reached }: Storm, refused: ReadonlySet<string>): Arrival[] {
  return reached.map((each) => ({ ...each, isTaken: isTaken(each.trouble) && !refused.has(each.bodyText) }));
}

function refusedBodies(world: OutsideWorld, recipient: RecipientName): ReadonlySet<string> {
  return new Set(refusedBy(world, recipient).map(({ body }) => JSON.stringify(body)));
}

/** What the stand-ins' own checks refused, and why: there should be nothing. */
export function refusalsAt(world: OutsideWorld): string[] {
  return RECIPIENT_NAMES.flatMap((name) =>
    refusedBy(world, name).map(({ status, reason, answer }) => `${name} ${status} ${reason} ${JSON.stringify(answer)}`),
  );
}

function refusedBy(world: OutsideWorld, recipient: RecipientName): readonly Received[] {
  return world[recipient].received.filter(({ status, reason = '' }) => status >= 400 && !reason.startsWith('fault'));
}
