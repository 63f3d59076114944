/**
 * The session book: (state, message) → (state, events). Finds out which session a message belongs to, joins requests
 * with replies, and keeps what cannot be placed. Pure: no I/O, no clock; no input makes it throw.
 */
import { isSameToken } from '../charging/id-token.ts';
import type {
  ReadingsReported,
  RemoteStartRequested,
  RemoteStopRequested,
  StationMessage,
  Stopped,
} from '../charging/station-message.ts';
import { chargingStateAfterStop, triggerOfStop } from '../charging/stop-reason.ts';
import { answeredByReadings, assumedAnswer } from './assumed-answers.ts';
import {
  bounded,
  replaceRunning,
  type Around,
  type RunningSession,
  type SessionBook,
  type Shelved,
  type Step,
  type Turn,
} from './book.ts';
import { occupantOf, placeUnknown, runningById, unchanged } from './placing.ts';
import { readingsReported, statusReported } from './reports.ts';
import { endSession, followedBy } from './sessions.ts';
import { startAnswered, startFailed, startRequested } from './starts.ts';
import { transactionStep } from './transaction-steps.ts';
import { openUnheard } from './unheard.ts';
import { inOrder, shelve, unshelve, wait, WAIT_MS } from './waiting.ts';

const REMOTE_STARTS_LIMIT = 8;

/** Messages that change what the others wait for. */
const DECIDING: ReadonlySet<StationMessage['kind']> = new Set(['start-requested', 'start-answered', 'start-failed']);

/** Records one message, and whatever it lets the book place that was waiting. */
export function record(book: SessionBook, message: StationMessage, turn: Turn): Step {
  const step = place(book, message, turn);
  const opened = step.events.some((event) => event.kind === 'session-started');
  const tried = opened || DECIDING.has(message.kind) ? followedBy(step, tryAgain(step.book, turn)) : step;
  return whenEnded(tried, turn);
}

/** After the end of a session, those that waited beside it are opened, if their time has come. */
export function whenEnded(step: Step, turn: Around & { readonly nowMs: number }): Step {
  const hasShelf = (step.book.shelved ?? []).length > 0;
  if (!hasShelf || !step.events.some(({ kind }) => kind === 'session-ended')) return step;
  const isOver = ({ since }: { readonly since: number }) => since + WAIT_MS <= turn.nowMs;
  return followedBy(step, openWaiting(step.book, isOver, { ...turn, isEvseFree: true }));
}

/** Opens the sessions whose start was never heard of; what has waited for long is known by its log row from then on. */
export function openWaiting(
  book: SessionBook,
  isOver: (waiting: { readonly since: number }) => boolean,
  around: Around & { readonly isEvseFree?: boolean },
): Step {
  let step = openUnheard(book, isOver, around);
  if (step.events.length > 0) step = followedBy(step, tryAgain(step.book, around));
  return followedBy(step, shelve(step.book, isOver));
}

/**
 * Tries what waits again, for as long as that opens sessions. Each session takes a start or an EVSE, so it comes to an
 * end.
 */
export function tryAgain(book: SessionBook, around: Around): Step {
  let last = tryOnce(book, around);
  let step = last;
  while (last.events.some(({ kind }) => kind === 'session-started')) {
    last = tryOnce(step.book, around);
    step = followedBy(step, last);
  }
  return step;
}

/**
 * Tries every message that waits again, in the order in which they were said; of those in the log, what may have found
 * its place.
 */
function tryOnce(book: SessionBook, around: Around): Step {
  let step = unshelve(book, (shelved) => isRipe(book, shelved), around);
  const recalled = new Set(step.book.waiting.slice(book.waiting.length).map(({ seq }) => seq));
  const waiting = inOrder(step.book.waiting);
  step = { ...step, book: { ...step.book, waiting: [] } };
  for (const { message, seq, since } of waiting) {
    step = followedBy(step, place(step.book, message, { ...around, seq, nowMs: since }));
  }
  return recalled.size === 0
    ? step
    : followedBy(
        step,
        shelve(step.book, ({ seq }) => recalled.has(seq)),
      );
}

/**
 * Whether a message that waits in the log may have a place by now: its transaction is known, or the start on its EVSE
 * is settled.
 */
function isRipe(book: SessionBook, { stationId, evseId, at }: Shelved): boolean {
  if (stationId !== undefined) return [...book.running, ...book.ended].some((known) => known.stationId === stationId);
  const occupant = occupantOf(book, { evseId: evseId ?? 0 }, (beganAt) => Date.parse(at) >= Date.parse(beganAt));
  return occupant !== 'start-pending' && occupant !== 'start-overdue';
}

function place(book: SessionBook, message: StationMessage, turn: Turn): Step {
  switch (message.kind) {
    case 'start-requested':
      return startRequested(book, message, turn);
    case 'start-answered':
      return assumedAnswer(book, message, turn) ?? startAnswered(book, message, turn);
    case 'start-failed':
      return startFailed(book, message, turn);
    case 'stopped':
      return stopped(book, message, turn);
    case 'transaction-step':
      return transactionStep(book, message, turn);
    case 'status-reported':
      return statusReported(book, message, turn);
    case 'readings-reported':
      return readingsOf(book, message, turn);
    case 'remote-start-requested':
      return remoteStartRequested(book, message);
    case 'remote-stop-requested':
      return remoteStopRequested(book, message);
    case 'station-connected':
    case 'station-disconnected':
    case 'station-booted': {
      const { kind, at } = message;
      const connection = { isConnected: kind !== 'station-disconnected', at };
      const booted = kind === 'station-booted' ? { bootedAt: at } : {};
      return { book: { ...book, connection, ...booted }, events: [{ kind, at }], kept: [] };
    }
  }
}

/**
 * Readings. Those that name the transaction of a start whose answer was never heard of open its session, and then follow
 * what waited for that as long as they do.
 */
function readingsOf(book: SessionBook, message: ReadingsReported, turn: Turn): Step {
  const opened = answeredByReadings(book, message, turn);
  if (opened === undefined) return readingsReported(book, message, turn);
  return followedBy(opened, wait(opened.book, message, turn));
}

function stopped(book: SessionBook, stop: Stopped, turn: Turn): Step {
  const session = runningById(book, String(stop.transactionId), stop) ?? onlySessionOf(book, stop);
  if (session === 'start-pending') return wait(book, stop, turn);
  if (session === undefined) return placeUnknown(book, stop, String(stop.transactionId), turn);
  const { transactionId: _, kind: __, reason, ...said } = stop;
  return endSession(book, session, {
    ...said,
    trigger: triggerOfStop(reason),
    chargingState: chargingStateAfterStop(reason),
    ...(reason && { stopReason: reason }),
  });
}

/**
 * The session of a stop whose id no session here ever had, and which says none (0, -1): the only one that runs, if it
 * fits. It may be the stop of a start that came to nothing since, on whatever connector: then it ends no other.
 */
function onlySessionOf(book: SessionBook, stop: Stopped): RunningSession | undefined {
  const { running, ended, starts } = book;
  const [only] = running;
  const isKnown = ended.some(({ stationId }) => stationId === String(stop.transactionId));
  if (stop.transactionId > 0 || isKnown || starts.length > 0 || only === undefined || running.length > 1)
    return undefined;
  const { ref, started, numberedBy } = only;
  const isToken = stop.idToken === undefined || ref.idToken === undefined || isSameToken(stop.idToken, ref.idToken);
  const hasBegun = Date.parse(ref.startedAt) <= Date.parse(stop.at) && !hasVainStartSince(book, ref.startedAt);
  const { meterStopWh } = stop;
  const isRegister =
    meterStopWh === undefined
      ? stop.idToken !== undefined && ref.idToken !== undefined
      : only.lastRegisterWh <= meterStopWh || started.isRegisterInferred === true;
  return numberedBy === 'csms' && isToken && hasBegun && isRegister ? only : undefined;
}

/** Whether a start was said since then that was refused, failed or left unanswered. */
function hasVainStartSince({ ended, evses }: SessionBook, at: string): boolean {
  const refused = ended.flatMap(({ ref, isRefused }) => (isRefused === true ? [ref.startedAt] : []));
  const unanswered = Object.values(evses).flatMap(({ vacatedAt = [] }) => vacatedAt);
  return [...refused, ...unanswered].some((saidAt) => Date.parse(saidAt) >= Date.parse(at));
}

function remoteStartRequested(book: SessionBook, message: RemoteStartRequested): Step {
  const { evse, idToken, at, remoteStartId } = message;
  const remote = {
    idToken,
    at: Date.parse(at),
    ...(evse && { evseId: evse.evseId }),
    ...(remoteStartId !== undefined && { remoteStartId }),
  };
  return unchanged({ ...book, remoteStarts: bounded(book.remoteStarts, remote, REMOTE_STARTS_LIMIT) });
}

/** Only remembered: the stop itself says why it came, and one that never comes is known to be the request's doing. */
function remoteStopRequested(book: SessionBook, { transactionId, at }: RemoteStopRequested): Step {
  const session = runningById(book, transactionId, { at });
  const isRunning = session !== undefined && session !== 'start-pending';
  return unchanged(isRunning ? replaceRunning(book, { ...session, remoteStopAt: at }) : book);
}
