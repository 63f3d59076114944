/**
 * The session book: (state, message) → (state, events). Finds out which session a message belongs to, joins requests with
 * replies, and keeps what cannot be placed. Pure: no I/O, no clock; no input makes it throw.
 */
import { stateOfStatus } from '../charging/charging-state.ts';
import type {
  ReadingsReported,
  RemoteStartRequested,
  StationMessage,
  StatusReported,
  Stopped,
} from '../charging/station-message.ts';
import { chargingStateAfterStop, triggerOfStop } from '../charging/stop-reason.ts';
import { bounded, remember, type SessionBook, type Step, type Turn } from './book.ts';
import { isStartPending, placeUnknown, runningById, unchanged, wait } from './placing.ts';
import { endSession, sessionAt, followedBy, updateSession } from './sessions.ts';
import { dropStart, startAnswered, startRequested } from './starts.ts';
import { occupiedAs, transactionStep } from './transaction-steps.ts';

const REMOTE_STARTS_LIMIT = 8;

/** Records one message, and whatever it lets the book place that was waiting. */
export function record(book: SessionBook, message: StationMessage, turn: Turn): Step {
  const step = place(book, message, turn);
  const opened = step.events.some((event) => event.kind === 'session-started');
  return opened || message.kind === 'start-answered' ? followedBy(step, replay(step.book, turn)) : step;
}

/** Tries every waiting message again, in the order they came. */
function replay(book: SessionBook, turn: Turn): Step {
  let step: Step = { book: { ...book, waiting: [] }, events: [], kept: [] };
  for (const { message, seq, since } of book.waiting) {
    step = followedBy(step, place(step.book, message, { ...turn, seq, nowMs: since }));
  }
  return step;
}

function place(book: SessionBook, message: StationMessage, turn: Turn): Step {
  switch (message.kind) {
    case 'start-requested':
      return startRequested(book, message, turn);
    case 'start-answered':
      return startAnswered(book, message, turn);
    case 'start-failed':
      return dropStart(book, message.messageId, 'start-failed');
    case 'stopped':
      return stopped(book, message, turn);
    case 'transaction-step':
      return transactionStep(book, message, turn);
    case 'status-reported':
      return statusReported(book, message, turn);
    case 'readings-reported':
      return readingsReported(book, message, turn);
    case 'remote-start-requested':
      return remoteStartRequested(book, message);
    case 'station-connected':
    case 'station-disconnected':
    case 'station-booted':
      return { book, events: [{ kind: message.kind, at: message.at }], kept: [] };
  }
}

function stopped(book: SessionBook, stop: Stopped, turn: Turn): Step {
  const session = runningById(book, String(stop.transactionId), stop);
  if (session === undefined) return placeUnknown(book, stop, String(stop.transactionId), turn);
  const { transactionId: _, kind: __, reason, ...said } = stop;
  return endSession(book, session, {
    ...said,
    trigger: triggerOfStop(reason),
    chargingState: chargingStateAfterStop(reason),
    ...(reason && { stopReason: reason }),
  });
}

function statusReported(book: SessionBook, message: StatusReported, turn: Turn): Step {
  const { evse, at, status } = message;
  if (isStartPending(book, evse, at)) return wait(book, message, turn);
  const session = sessionAt(book, evse, at);
  const noted = remember(book, evse, {
    state: status.state,
    ...(status.state === 'Available' && { hasEndedSession: false }),
  });
  const meaning = session?.numberedBy === 'csms' ? stateOfStatus(status.state) : undefined;
  if (session === undefined || meaning === undefined) {
    const state = status.state === 'Occupied' ? occupiedAs(book, session, evse.evseId) : status.state;
    const event = { kind: 'connector-status-changed' as const, evse, at, status: { ...status, state } };
    return { book: noted, events: [event], kept: [] };
  }
  const change = { at, ...meaning, connectorStatus: status, meterValues: [] };
  return updateSession(noted, session, change, turn.nowMs);
}

function readingsReported(book: SessionBook, message: ReadingsReported, turn: Turn): Step {
  const { evse, at, transactionId, trigger, meterValues } = message;
  const named = transactionId === undefined ? undefined : runningById(book, String(transactionId), { at, evse });
  if (named === undefined && transactionId !== undefined && transactionId > 0) {
    return placeUnknown(book, message, String(transactionId), turn);
  }
  if (named === undefined && isStartPending(book, evse, at)) return wait(book, message, turn);
  const session = named ?? sessionAt(book, evse, at);
  if (session !== undefined) return updateSession(book, session, { at, trigger, meterValues }, turn.nowMs);
  return { book, events: [{ kind: 'meter-values-taken', evse, at, meterValues }], kept: [] };
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
