/** Cuts the chargers' stories into webhook requests, some of them sent twice and with events that were told before. Pure. */
import type { Random } from '../random.ts';
import type { PlannedEvent } from './sessions.ts';

/** One webhook request. Sent again, it has the same id and the same events. */
export type WebhookRequest = { readonly id: string; readonly events: readonly PlannedEvent[] };

/** The requests of one sender, in order, and how many of their events of interest are repeats. */
export type Mailing = { readonly requests: readonly WebhookRequest[]; readonly repeats: number };

/** A request carries at most this many events, so that a sender has at least so many requests; this many in a row are of one charger. */
const MAX_EVENTS = 25;
const MIN_REQUESTS = 8;
const MAX_RUN = 4;
/** How often an event is told again in a later request, and a whole request is sent again. */
const EVENT_AGAIN = 0.04;
const REQUEST_AGAIN = 0.05;

/** Mixes the chargers' events, keeping the order of each charger. What each charger says last comes at the very end. */
export function mailingOf(stories: readonly (readonly PlannedEvent[])[], prefix: string, random: Random): Mailing {
  const [bodies, ends] = [
    stories.map((events) => events.slice(0, endOf(events))),
    stories.map((events) => events.slice(endOf(events))),
  ];
  const mixed = [...mix(bodies, random), ...ends.flat()];
  const most = Math.max(1, Math.min(MAX_EVENTS, Math.floor(mixed.length / MIN_REQUESTS)));
  const requests: WebhookRequest[] = [];
  const [again, later]: [PlannedEvent[], WebhookRequest[]] = [[], []];
  for (let place = 0; place < mixed.length;) {
    const fresh = mixed.slice(place, place + random.between(1, most));
    place += fresh.length;
    const request = { id: `${prefix}-${requests.length}`, events: [...again.splice(0), ...fresh] };
    requests.push(...later.splice(0), request);
    again.push(...fresh.filter(() => random.chance(EVENT_AGAIN)));
    if (random.chance(REQUEST_AGAIN)) later.push(request);
  }
  requests.push(...later, ...(again.length > 0 ? [{ id: `${prefix}-last`, events: again }] : []));
  return { requests, repeats: interestIn(requests.flatMap(({ events }) => events)) - interestIn(mixed) };
}

const interestIn = (events: readonly PlannedEvent[]) => events.filter(({ isOfInterest }) => isOfInterest).length;

/** Where the end of a story begins: with the last event that reaches the charger's object. */
const endOf = (events: readonly PlannedEvent[]) =>
  Math.max(
    0,
    events.findLastIndex(({ isOfInterest }) => isOfInterest),
  );

function mix(stories: readonly (readonly PlannedEvent[])[], random: Random): PlannedEvent[] {
  const open = stories.filter(({ length }) => length > 0).map((events) => ({ events, told: 0 }));
  const mixed: PlannedEvent[] = [];
  while (open.length > 0) {
    const index = random.between(0, open.length - 1);
    const story = open[index];
    if (story === undefined) break;
    const run = story.events.slice(story.told, story.told + random.between(1, MAX_RUN));
    mixed.push(...run);
    story.told += run.length;
    if (story.told >= story.events.length) open.splice(index, 1);
  }
  return mixed;
}

/** The part of a list that belongs to wave `wave` of `waves`. */
export function partOf<T>(list: readonly T[], wave: number, waves: number): readonly T[] {
  return list.slice(Math.floor((list.length * wave) / waves), Math.floor((list.length * (wave + 1)) / waves));
}
