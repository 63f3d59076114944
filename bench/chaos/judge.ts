/** The verdict of a crash test, from what was accepted and what reached the providers; it asks the edge nothing. Pure. */
import type { Trouble } from './faults.ts';
import { RECIPIENTS, type RecipientName } from './fleet.ts';
import type { MessageName } from './messages.ts';
import type { Expectation } from './sessions.ts';

/** One arrival, in the order of arrival. `isTaken`: the provider acted on it, whatever became of its answer. */
export type Arrival = MessageName & {
  readonly reachedAt: number;
  readonly trouble: Trouble;
  readonly isTaken: boolean;
};

/** A time in which the edge was dead, in ms since the epoch. */
export type Outage = { readonly from: number; readonly until: number };

/** What one recipient should have. `due`: what the accepted events come to, in the order they are due, per charger. */
export type Case = {
  readonly recipient: RecipientName;
  readonly due: readonly (readonly Expectation[])[];
  readonly arrivals: readonly Arrival[];
  readonly parked: readonly MessageName[];
  readonly outages: readonly Outage[];
};

/** Why a provider took the same message again: the answer was lost or came late, or the edge died with it. */
export type Cause = 'answer-lost' | 'killed' | 'timed-out' | 'unexplained';

export type Verdict = {
  readonly due: number;
  readonly delivered: number;
  readonly parked: number;
  /** Statuses that a newer status of the same connector stands for. */
  readonly overtaken: number;
  readonly lost: readonly Expectation[];
  /** Messages that came after one that was due later. */
  readonly outOfOrder: readonly Expectation[];
  readonly duplicates: Readonly<Record<Cause, number>>;
  /** Messages that nobody expected. */
  readonly unexpected: number;
};

/** The edge waits at least this long after a failure (1 s, less 20 %): what comes again sooner was sent twice without one. */
const SHORTEST_BACKOFF_MS = 800;

/** Judges one recipient. */
export function judge({ recipient, due, arrivals, parked, outages }: Case): Verdict {
  const { wantsStatus } = RECIPIENTS[recipient];
  const wanted = due.map((story) => story.filter(({ kind }) => wantsStatus || kind === 'session'));
  const taken = firstTaken(arrivals);
  const isParked = new Set(parked.map(keyOf));
  const isHere = (expectation: Expectation) => taken.has(keyOf(expectation));
  const missing = wanted.flatMap((story) => story.filter((each) => !isHere(each) && !isParked.has(keyOf(each))));
  const newest = newestStatuses(wanted.flat().filter(isHere));
  const isOvertaken = ({ kind, chargePointId, connectorId, at }: Expectation) =>
    kind === 'status' && (newest.get(`${chargePointId} ${connectorId}`) ?? 0) > at;
  const expected = new Set(wanted.flat().map(keyOf));
  return {
    due: expected.size,
    delivered: wanted.flat().filter(isHere).length,
    parked: isParked.size,
    overtaken: missing.filter(isOvertaken).length,
    lost: missing.filter((each) => !isOvertaken(each)),
    outOfOrder: wanted.flatMap((story) => inversions(story.filter(isHere), taken)),
    duplicates: duplicatesIn(arrivals, outages),
    unexpected: [...taken.keys()].filter((key) => !expected.has(key)).length,
  };
}

const keyOf = ({ chargePointId, at }: MessageName) => `${chargePointId} ${at}`;

/** The newest status that arrived, per connector. */
function newestStatuses(arrived: readonly Expectation[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { kind, chargePointId, connectorId, at } of arrived) {
    const key = `${chargePointId} ${connectorId}`;
    if (kind === 'status') newest.set(key, Math.max(at, newest.get(key) ?? 0));
  }
  return newest;
}

/** Which message was taken, and as the how-manieth arrival for the first time. */
function firstTaken(arrivals: readonly Arrival[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  arrivals.forEach((arrival, place) => {
    const key = keyOf(arrival);
    if (arrival.isTaken && !places.has(key)) places.set(key, place);
  });
  return places;
}

/** What first came after something that was due later. `story` is one charger's, in the order due. */
function inversions(story: readonly Expectation[], taken: ReadonlyMap<string, number>): Expectation[] {
  const firstAt = (each: Expectation) => taken.get(keyOf(each)) ?? 0;
  const placeDue = new Map(story.map((each, place) => [each, place]));
  let latest = -1;
  return story
    .toSorted((a, b) => firstAt(a) - firstAt(b))
    .filter((each) => {
      const place = placeDue.get(each) ?? 0;
      const isLate = place < latest;
      latest = Math.max(latest, place);
      return isLate;
    });
}

/** Each taken arrival that another one follows is a duplicate; why it was followed is told by what happened to its answer. */
function duplicatesIn(arrivals: readonly Arrival[], outages: readonly Outage[]): Verdict['duplicates'] {
  const counts = { 'answer-lost': 0, killed: 0, 'timed-out': 0, unexplained: 0 };
  for (const group of Map.groupBy(arrivals, keyOf).values()) {
    const lastTaken = group.findLastIndex(({ isTaken }) => isTaken);
    group.forEach((arrival, index) => {
      const next = group[index + 1];
      if (arrival.isTaken && index < lastTaken && next !== undefined) {
        counts[causeOf(arrival, next.reachedAt, outages)] += 1;
      }
    });
  }
  return counts;
}

function causeOf({ trouble, reachedAt }: Arrival, nextAt: number, outages: readonly Outage[]): Cause {
  if (trouble === 'late-reset') return 'answer-lost';
  if (outages.some(({ from, until }) => reachedAt <= until && nextAt >= from)) return 'killed';
  return nextAt - reachedAt >= SHORTEST_BACKOFF_MS ? 'timed-out' : 'unexplained';
}
