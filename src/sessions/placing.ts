/**
 * Finds the session that a message means, and what to do when there is none: keep it with a reason, or let it wait.
 * Pure.
 */
import { isSameToken, type IdToken } from '../charging/id-token.ts';
import type { EvseRef } from '../charging/session.ts';
import type { StationMessage } from '../charging/station-message.ts';
import {
  isSameEvse,
  type EndedSession,
  type KeptReason,
  type Moment,
  type PendingStart,
  type RunningSession,
  type SessionBook,
  type Step,
} from './book.ts';
import { isStop, wait } from './waiting.ts';

/** What a message says of the session it means, beside the transaction id. */
type Said = {
  readonly at: string;
  readonly evse?: EvseRef;
  readonly meterStopWh?: number;
  readonly idToken?: IdToken;
};

/**
 * The running session that a message means by its transaction id. Ids recur (0, -1, a counter that restarts): then only
 * a session that had begun when the message was said counts, and of several the one on its EVSE, or the one whose
 * register the stop fits.
 */
export function runningById(book: SessionBook, stationId: string, said: Said): Occupant {
  const named = book.running.filter((session) => session.stationId === stationId);
  if (isUnique(book, stationId)) return named[0];
  const ended = book.ended.filter((session) => session.stationId === stationId);
  const { at, evse, meterStopWh } = said;
  const begun = named.filter(({ ref }) => Date.parse(ref.startedAt) <= Date.parse(at));
  if (evse !== undefined && evse.evseId > 0) {
    const here = begun.findLast(({ ref }) => isSameEvse(ref.evse, evse) || ref.evse.evseId === 0);
    return here && unlessFollowed(book, here, at);
  }
  if (ended.some((session) => isRepeatedStop(session, said))) return undefined;
  const session =
    meterStopWh === undefined ? begun.at(-1) : likeliest(book, begun, { ...said, stationId, meterStopWh });
  return session === undefined || session === 'start-pending' ? session : unlessFollowed(book, session, at);
}

/** Whether at most one session of the charger ever had this id, as far as is remembered: then it is believed. */
export function isUnique({ running, ended }: SessionBook, stationId: string): boolean {
  const isNamed = (session: { readonly stationId: string }) => session.stationId === stationId;
  return running.filter(isNamed).length <= 1 && !ended.some(isNamed) && !RECURRING.test(stationId);
}

/** Ids that some central systems give to every transaction, or say for none. */
const RECURRING = /^(?:0|-\d+)$/;

function isRepeatedStop({ endedAt, registerWh, meterStopWh = registerWh }: EndedSession, said: Said): boolean {
  return Date.parse(endedAt) === Date.parse(said.at) && meterStopWh === (said.meterStopWh ?? meterStopWh);
}

/**
 * Of sessions with the same id, the one that a stop is likeliest of. It began at no higher register; best if its
 * register has not passed the stop's since, then if its token is the stop's, then the nearest register. It may as well
 * be the stop of a start that was refused, or has no answer yet, or of a session that was ended for want of it: then it
 * ends no other.
 */
function likeliest(
  book: SessionBook,
  running: readonly RunningSession[],
  { stationId, at, meterStopWh, idToken }: Said & { readonly stationId: string; readonly meterStopWh: number },
): Occupant {
  const possible = running.filter(({ started }) => started.isRegisterInferred || started.meterStartWh <= meterStopWh);
  const ended = book.ended.filter(({ isStopped, ...each }) => each.stationId === stationId && isStopped !== true);
  const candidates: { occupant: Occupant; startedAt: string; token: IdToken | undefined; registerWh: number }[] = [
    ...possible.map((session) => ({ occupant: session, ...startOf(session), registerWh: session.lastRegisterWh })),
    ...ended.map((session) => ({ occupant: undefined, ...startOf(session), registerWh: session.registerWh })),
    ...book.starts.map(({ request }) => ({
      occupant: 'start-pending' as const,
      startedAt: request.at,
      token: request.idToken,
      registerWh: request.meterStartWh,
    })),
  ];
  const rank = ({ token, registerWh }: (typeof candidates)[number]) => [
    Number(registerWh > meterStopWh),
    Number(idToken !== undefined && (token === undefined || !isSameToken(token, idToken))),
    Math.abs(meterStopWh - registerWh),
  ];
  const begun = candidates.filter(({ startedAt }) => Date.parse(startedAt) <= Date.parse(at));
  return begun.toSorted((a, b) => compared(rank(a), rank(b)))[0]?.occupant;
}

const startOf = ({ ref }: Pick<RunningSession, 'ref'>) => ({ startedAt: ref.startedAt, token: ref.idToken });

const compared = (a: readonly number[], b: readonly number[]) =>
  a.map((value, index) => value - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;

/**
 * What was going on at an EVSE: a session, a start whose answer is not known yet ('start-pending': what is said waits
 * for it, 'start-overdue': it goes on without), or nothing.
 */
export type Occupant = RunningSession | 'start-pending' | undefined;
export type OccupantOrOverdue = Occupant | 'start-overdue';

/** Of what had begun at an EVSE, by `hasBegun`, the last; nothing when that is over. */
export function occupantOf(
  book: SessionBook,
  evse: { readonly evseId: number },
  hasBegun: (beganAt: string) => boolean,
): OccupantOrOverdue {
  if (evse.evseId === 0) return undefined;
  const session = book.running.findLast(({ ref }) => isSameEvse(ref.evse, evse) && hasBegun(ref.startedAt));
  const follows = (beganAt: string) =>
    hasBegun(beganAt) && (session === undefined || Date.parse(beganAt) > Date.parse(session.ref.startedAt));
  const starts = book.starts.filter(({ request }) => isSameEvse(request.evse, evse) && follows(request.at));
  if (starts.some(isAwaited)) return 'start-pending';
  if (starts.length > 0) {
    const hasLeft = starts.every(({ leftAt }) => leftAt !== undefined && hasBegun(leftAt));
    return hasLeft ? undefined : 'start-overdue';
  }
  const isOver = session?.followedAt !== undefined && hasBegun(session.followedAt);
  return isOver || book.ended.some(({ ref }) => isSameEvse(ref.evse, evse) && follows(ref.startedAt))
    ? undefined
    : session;
}

/**
 * The session, unless another start was said on its EVSE between its own and `at`: then it was over, stop or no stop.
 */
function unlessFollowed(book: SessionBook, session: RunningSession, at: string): Occupant {
  const { evse, startedAt } = session.ref;
  if (evse.evseId === 0) return session;
  if (isStartPending(book, session, at)) return 'start-pending';
  const isOver =
    (session.followedAt !== undefined && Date.parse(session.followedAt) <= Date.parse(at)) ||
    startsSince(book, session, at).length > 0;
  const follows = ({ ref }: EndedSession) => isSameEvse(ref.evse, evse) && isBetween(ref.startedAt, startedAt, at);
  return isOver || book.ended.some(follows) ? undefined : session;
}

/** Whether a start that was said on the session's EVSE between its own and `at` is likely to be answered yet. */
export function isStartPending(book: SessionBook, session: RunningSession, at: string): boolean {
  return startsSince(book, session, at).some(isAwaited);
}

function startsSince(book: SessionBook, { ref }: RunningSession, at: string): readonly PendingStart[] {
  return book.starts.filter(
    ({ request }) =>
      ref.evse.evseId > 0 && isSameEvse(request.evse, ref.evse) && isBetween(request.at, ref.startedAt, at),
  );
}

/** Whether what is said after a start waits for its answer. */
const isAwaited = ({ isOverdue, isFailed }: PendingStart) => !isOverdue && !isFailed;

/**
 * Whether it was said before, by the second: stations round some of their times, and say Charging in the second of the
 * start.
 */
export const isBefore = (at: string, beganAt: string) => second(at) < second(beganAt);

const second = (at: string) => Math.floor(Date.parse(at) / 1000);

const isBetween = (at: string, from: string, to: string) =>
  Date.parse(at) > Date.parse(from) && Date.parse(at) <= Date.parse(to);

/**
 * A message of a transaction that does not run: over or refused (kept), or not begun as far as we know (waits, for a
 * time).
 */
export function placeUnknown(book: SessionBook, message: StationMessage, stationId: string, turn: Moment): Step {
  const over = book.ended.findLast((session) => session.stationId === stationId);
  if (over === undefined) return wait(book, message, turn);
  if (over.isRefused) return keep(book, turn, 'start-refused');
  return keep(book, turn, isStop(message) ? 'stop-repeated' : 'session-ended');
}

/** A turn in which nothing happened but the book's own change. */
export const unchanged = (book: SessionBook): Step => ({ book, events: [], kept: [] });

/** A turn whose message is kept and not sent. */
export const keep = (book: SessionBook, turn: Moment, reason: KeptReason): Step => ({
  book,
  events: [],
  kept: [{ seq: turn.seq, reason }],
});
