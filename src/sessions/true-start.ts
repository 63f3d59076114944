/** The start of a session that was opened without it, when it comes after all. Pure. */
import type { EvseRef } from '../charging/session.ts';
import { replaceRunning, type EndedSession, type RunningSession, type SessionBook } from './book.ts';

/** What a start says that came late. */
type LateStart = {
  readonly stationId: string;
  readonly evse?: EvseRef | undefined;
  readonly at: string;
  readonly meterStartWh?: number | undefined;
};

/**
 * The book with the true start of a session that was opened without one; undefined when it is no such session's. What
 * was sent stays; what is shown is corrected.
 */
export function withTrueStart(
  book: SessionBook,
  { stationId, evse, at, meterStartWh }: LateStart,
): SessionBook | undefined {
  const trueStart = { at, ...(meterStartWh !== undefined && { meterStartWh }) };
  const isIts = (known: Pick<RunningSession | EndedSession, 'isInferred' | 'stationId' | 'ref'>) =>
    known.isInferred === true &&
    known.stationId === stationId &&
    (evse === undefined || evse.evseId === 0 || evse.evseId === known.ref.evse.evseId) &&
    Date.parse(at) <= Date.parse(known.ref.startedAt);
  const session = book.running.find(isIts);
  if (session !== undefined) return replaceRunning(book, { ...session, trueStart });
  if (!book.ended.some(isIts)) return undefined;
  return { ...book, ended: book.ended.map((each) => (isIts(each) ? { ...each, trueStart } : each)) };
}
