/** How wrong a station's clock is, by what it says and when its CSMS saw it. Marks the sessions that it concerns. Pure. */
import type { Clock, ClockReading, RunningSession, SessionBook, Step } from './book.ts';
import { withWarning, type Warning } from './plausibility.ts';

/** A clock that is off by more than this is wrong. */
const WRONG_MS = 2 * 60_000;
/** A clock that says a year before this one was never set. */
const NEVER_SET_MS = Date.UTC(2015, 0, 1);
/** Two messages that were said so far apart, and are late by the same, were not merely delayed. */
const APART_MS = 60_000;
const SAME_MS = 30_000;

/**
 * What is known of the clock after a reading. A message can come late but never early: a clock that is ahead is wrong
 * at once. One that is behind is wrong when a second message is late by the same.
 */
export function clockAfter(clock: Clock | undefined, reading: ClockReading): Clock {
  const offMs = reading.saidMs - reading.seenMs;
  const isWrong = offMs > WRONG_MS || reading.saidMs < NEVER_SET_MS || (offMs < -WRONG_MS && isAgain(clock, reading));
  return { ...reading, ...(isWrong && { offMs }) };
}

function isAgain(clock: Clock | undefined, { saidMs, seenMs }: ClockReading): boolean {
  if (clock === undefined) return false;
  const isApart = Math.abs(saidMs - clock.saidMs) >= APART_MS;
  const isSame = Math.abs(saidMs - seenMs - (clock.saidMs - clock.seenMs)) <= SAME_MS;
  return isSame && (isApart || clock.offMs !== undefined);
}

/** The step, with the station's clock noted, and marked in the sessions that run or ended in it, when it is wrong. */
export function withClock(step: Step, reading: ClockReading | undefined): Step {
  const clock = reading === undefined ? step.book.clock : clockAfter(step.book.clock, reading);
  if (clock === undefined) return step;
  const book = { ...step.book, clock };
  return { ...step, book: clock.offMs === undefined ? book : marked(book, clock, clock.offMs, endedIn(step)) };
}

const endedIn = ({ events }: Step) =>
  events.flatMap((event) => (event.kind === 'session-ended' ? [event.session.transactionId.ocpp201] : []));

function marked(book: SessionBook, { seenMs }: Clock, offMs: number, endedNow: readonly string[]): SessionBook {
  const warning: Warning = {
    code: 'clock-wrong',
    since: new Date(seenMs).toISOString(),
    offS: Math.round(offMs / 1000),
  };
  const mark = <T extends Pick<RunningSession, 'warnings'>>(session: T): T => ({
    ...session,
    warnings: withWarning(session.warnings ?? [], warning),
  });
  return {
    ...book,
    running: book.running.map(mark),
    ended: book.ended.map((each) => (endedNow.includes(each.ref.transactionId.ocpp201) ? mark(each) : each)),
  };
}
