/** Finds the session that a message means, and what to do when there is none: keep it with a reason, or let it wait. Pure. */
import type { EvseRef } from '../charging/session.ts';
import type { StationMessage } from '../charging/station-message.ts';
import { isSameEvse, type KeptReason, type RunningSession, type SessionBook, type Step, type Turn } from './book.ts';

/** How many messages may wait for their session, and starts for their answer. */
export const WAITING_LIMIT = 64;

/**
 * The running session that a message means by its transaction id. Ids recur (0, -1, a counter that restarts): then only a session
 * that had begun when the message was said counts, and of several the one on its EVSE, else the one with the nearest register.
 */
export function runningById(
  book: SessionBook,
  stationId: string,
  said: { readonly at: string; readonly evse?: EvseRef; readonly meterStopWh?: number },
): RunningSession | undefined {
  const named = book.running.filter((session) => session.stationId === stationId);
  if (named.length <= 1 && !isOver(book, stationId)) return named[0];
  const { at, evse, meterStopWh } = said;
  const begun = named.filter(({ ref }) => Date.parse(ref.startedAt) <= Date.parse(at));
  if (evse !== undefined && evse.evseId > 0) return begun.find(({ ref }) => isSameEvse(ref.evse, evse));
  if (meterStopWh === undefined) return begun.at(-1);
  const distance = (session: RunningSession) => Math.abs(meterStopWh - session.lastRegisterWh);
  return begun.toSorted((a, b) => distance(a) - distance(b))[0];
}

/** A message of a transaction that does not run: over (kept), or not begun as far as we know (waits, for a bounded time). */
export function placeUnknown(book: SessionBook, message: StationMessage, stationId: string, turn: Turn): Step {
  if (!isOver(book, stationId)) return wait(book, message, turn);
  return keep(book, turn, message.kind === 'stopped' ? 'stop-repeated' : 'session-ended');
}

/** Whether a session of this id is over, or was refused. */
export const isOver = (book: SessionBook, stationId: string) =>
  book.ended.some((session) => session.stationId === stationId);

/** Whether a start on this EVSE, said before `at`, still waits for its answer. */
export const isStartPending = (book: SessionBook, { evseId }: { evseId: number }, at: string) =>
  evseId > 0 &&
  book.starts.some(({ request }) => request.evse.evseId === evseId && Date.parse(request.at) <= Date.parse(at));

/** Lets a message wait; beyond the limit the oldest is given up. */
export function wait(book: SessionBook, message: StationMessage, turn: Turn): Step {
  const waiting = [...book.waiting, { message, since: turn.nowMs, seq: turn.seq }];
  const kept = waiting.slice(0, -WAITING_LIMIT).map(({ seq }) => ({ seq, reason: 'session-unknown' as const }));
  return { book: { ...book, waiting: waiting.slice(-WAITING_LIMIT) }, events: [], kept };
}

/** A turn in which nothing happened but the book's own change. */
export const unchanged = (book: SessionBook): Step => ({ book, events: [], kept: [] });

/** A turn whose message is kept and not sent. */
export const keep = (book: SessionBook, turn: Turn, reason: KeptReason): Step => ({
  book,
  events: [],
  kept: [{ seq: turn.seq, reason }],
});
