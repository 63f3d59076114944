/**
 * The station's whole decision about what comes in: read it, find its session, say who is owed what. Pure: (state,
 * incoming) → what is to be written. The ledger calls it inside its transaction; repeats are recognised before it.
 */
import type { Incoming, SeenMessage } from '../../csms/csms.ts';
import type { ChargerFact } from '../../notification.ts';
import type { ProblemReason } from '../../problem.ts';
import type { Deliverable } from '../../recipient.ts';
import type { Around, Kept, SessionBook, Step } from '../../sessions/book.ts';
import { withClock } from '../../sessions/clock.ts';
import { expire } from '../../sessions/expiry.ts';
import { record } from '../../sessions/session-book.ts';
import { followedBy } from '../../sessions/sessions.ts';
import { clockReadingOf, messagesIn, messagesOf } from './incoming.ts';
import { address, recipientsOf } from './recipients.ts';
import { excessIn, excessOf, fitted, fittedTightly, type Fitted } from './row-limits.ts';
import { sessionFacts } from './session-facts.ts';
import type { Entry } from './store.ts';
import type { Registration } from './pairings/stored-registration.ts';

/** What a station knows. `seq` is the number of the newest log row. */
export type StationState = {
  readonly registration: Registration | undefined;
  readonly book: SessionBook;
  readonly seq: number;
  /** The message that a log row holds. */
  readonly recall: (seq: number) => SeenMessage | undefined;
};

/** One log row to be written, and the session book after it. */
export type Taken = {
  readonly kind: 'taken';
  readonly entry: Entry;
  readonly book: SessionBook;
  readonly deliverables: readonly Deliverable[];
  readonly kept: readonly Kept[];
  readonly facts: readonly ChargerFact[];
};

/** What becomes of an event: a row, or nothing, and why. */
export type Decision = Taken | Refused | { readonly kind: 'ignored'; readonly reason: 'no-interest' };

/** An event that cannot be used, and what is wrong with it. */
export type Refused = { readonly kind: 'rejected'; readonly reason: ProblemReason; readonly detail: string };

/** Decides about one event that is no repeat. `nowMs` (ms since the epoch) is when the station learns of it. */
export function turn(state: StationState, incoming: Incoming, nowMs: number): Decision {
  const decision = turnOf(state, fitted(incoming), nowMs);
  if (decision.kind !== 'rejected') return decision;
  const tight = fittedTightly(incoming);
  return tight.incoming === incoming ? decision : turnOf(state, tight, nowMs);
}

function turnOf(state: StationState, { incoming, entry }: Fitted, nowMs: number): Decision {
  const meaning = messagesOf(incoming);
  if (!meaning.ok) return { kind: 'rejected', ...meaning.error };
  const excess = excessOf(entry);
  if (excess !== undefined) return { kind: 'rejected', ...excess };
  if (meaning.value.length === 0) return { kind: 'ignored', reason: 'no-interest' };
  const around = aroundOf(state);
  const moment = { ...around, seq: state.seq + 1, nowMs };
  let step = expire(state.book, nowMs, around);
  for (const message of meaning.value) step = followedBy(step, record(step.book, message, moment));
  step = withClock(step, clockReadingOf(incoming));
  const excessHere = excessIn(step.book, entry);
  if (excessHere !== undefined) return { kind: 'rejected', ...excessHere };
  return taken(state, entry, step);
}

/** What time alone changes: waits that are over end. */
export function timePassed(state: StationState, nowMs: number): Taken {
  return taken(state, { kind: 'time-passed' }, expire(state.book, nowMs, aroundOf(state)));
}

function aroundOf({ registration, recall }: StationState): Around {
  const { chargePointId, evses } = registration?.charger ?? { chargePointId: '', evses: [] };
  return { chargePointId, evseIds: evses.map(({ evseId }) => evseId), recall: (seq) => messagesIn(recall(seq)) };
}

function taken({ book, registration }: StationState, entry: Entry, step: Step): Taken {
  const deliverables = address(book, step, recipientsOf(registration));
  const facts = sessionFacts(book, step.book, registration?.charger);
  return { kind: 'taken', entry, book: step.book, deliverables, kept: step.kept, facts };
}
