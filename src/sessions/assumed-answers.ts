/**
 * The answer to a start that we never heard of: the station had it, for it names the transaction. Pure.
 */
import type { ReadingsReported, StartAnswered } from '../charging/station-message.ts';
import { registerWhOf, type MeterValue } from '../charging/meter.ts';
import {
  isSameEvse,
  replaceRunning,
  type Around,
  type PendingStart,
  type SessionBook,
  type Step,
  type Turn,
} from './book.ts';
import { isRise } from './registers.ts';
import { keep, unchanged } from './placing.ts';
import { isOlder } from './running-session.ts';
import { endSession, followedBy } from './sessions.ts';
import { openStart } from './starts.ts';

/** The answer to a start that was seen so long before a reading was taken was there by then, if it comes at all. */
const ANSWERED_MS = 30_000;

/**
 * Readings that name a transaction nobody knows are of the newest start on their EVSE that has no answer: they open its
 * session. Undefined when no such start waits, or when its answer may be on the way yet; `isLastCall`: it was waited for
 * long enough.
 */
export function answeredByReadings(
  book: SessionBook,
  { transactionId = 0, evse, at, meterValues }: ReadingsReported,
  around: Around,
  isLastCall = false,
): Step | undefined {
  const stationId = String(transactionId);
  const isKnown = [...book.running, ...book.ended].some((known) => known.stationId === stationId);
  if (transactionId <= 0 || isKnown) return undefined;
  const here = book.starts.filter(({ request }) => isSameEvse(request.evse, evse) && evse.evseId > 0);
  const [newest] = here.toSorted((a, b) => Date.parse(b.request.at) - Date.parse(a.request.at) || b.seq - a.seq);
  if (newest === undefined || newest.isFailed || !isPossible(newest, at, meterValues)) return undefined;
  const { messageId, seenAt = newest.request.at } = newest.request;
  if (!isLastCall && Date.parse(at) - Date.parse(seenAt) < ANSWERED_MS) return undefined;
  const answer = {
    kind: 'start-answered',
    messageId,
    transactionId,
    authorization: { status: 'Accepted' },
    isAssumed: true,
  } as const;
  const left = { ...book, starts: book.starts.filter((other) => other !== newest) };
  return openStart(left, newest, answer, { ...around, seq: newest.seq, nowMs: newest.since });
}

/** Whether readings can be of a start: taken after it, while the car was there, and with a register that fits. */
function isPossible({ request, leftAt }: PendingStart, at: string, meterValues: readonly MeterValue[]): boolean {
  const hasLeft = leftAt !== undefined && !isOlder(at, leftAt);
  const registers = meterValues.flatMap(({ samples }) => samples.map(registerWhOf));
  const isStray = registers.some((wh) => wh !== undefined && !isRise(request.meterStartWh, wh));
  return !isOlder(at, request.at) && !hasLeft && !isStray;
}

/**
 * What the answer itself changes when it comes after all; undefined when it is not the answer to such a start. A refused
 * start has no session: it ends.
 */
export function assumedAnswer(book: SessionBook, answer: StartAnswered, turn: Turn): Step | undefined {
  const { messageId, transactionId, authorization } = answer;
  const session = book.running.find(
    ({ unansweredId, stationId }) => unansweredId === messageId && stationId === String(transactionId),
  );
  if (session === undefined) return undefined;
  const { unansweredId: _, ...answered } = session;
  const known = replaceRunning(book, answered);
  if (authorization.status === 'Accepted') return unchanged(known);
  const refused = endSession(known, answered, {
    at: session.lastMessageAt,
    trigger: 'Deauthorized',
    stopReason: 'DeAuthorized',
    chargingState: 'Idle',
    meterValues: [],
  });
  return followedBy(refused, keep(refused.book, turn, 'start-refused'));
}
