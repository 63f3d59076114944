/** Places what a connector reports of itself, its status and its readings, with or without a transaction id. Pure. */
import { stateOfStatus } from '../charging/charging-state.ts';
import { latestRegister, type MeterValue } from '../charging/meter.ts';
import type { ReadingsReported, StatusReported } from '../charging/station-message.ts';
import {
  isSameEvse,
  remember,
  replaceRunning,
  type Moment,
  type RunningSession,
  type SessionBook,
  type Step,
} from './book.ts';
import { isPlaced } from './places.ts';
import {
  isBefore,
  isStartPending,
  isUnique,
  keep,
  occupantOf,
  placeUnknown,
  runningById,
  unchanged,
  type OccupantOrOverdue,
} from './placing.ts';
import { hasLeft, isOlder, REVIVING, seenConnector } from './running-session.ts';
import { followedBy, updateSession } from './sessions.ts';
import { occupiedAs } from './transaction-steps.ts';
import { wait } from './waiting.ts';

/**
 * A status is part of the session on its EVSE where stations report charging states by status (OCPP 1.6); else it is
 * only the connector's. One without a time is of now.
 */
export function statusReported(book: SessionBook, message: StatusReported, moment: Moment): Step {
  const { evse, at, status } = message;
  const { at: saidAt } = status;
  const hasBegun = (beganAt: string) => saidAt === undefined || !isBefore(saidAt, beganAt);
  const occupant = occupantOf(book, evse, hasBegun);
  if (occupant === 'start-pending') return wait(book, message, moment);
  const session = occupant === 'start-overdue' ? undefined : occupant;
  const left = status.state === 'Available' && occupant === 'start-overdue' ? withoutCar(book, message) : book;
  const isOver = session !== undefined && hasLeft(session, at) && !REVIVING.has(status.state);
  return statusOf(left, isOver ? undefined : session, message, moment);
}

/** Records a status, in the session that it is said of, if any. */
function statusOf(
  book: SessionBook,
  session: RunningSession | undefined,
  message: StatusReported,
  moment: Moment,
): Step {
  const { evse, at, status } = message;
  if (session !== undefined && isOtherConnector(session, message)) return keep(book, moment, 'other-connector');
  const isAvailable = status.state === 'Available';
  const noted = remember(book, evse, {
    state: status.state,
    stateAt: at,
    ...(isAvailable && { hasEndedSession: false }),
  });
  const meaning = session?.numberedBy === 'csms' ? stateOfStatus(status.state) : undefined;
  if (session !== undefined && meaning !== undefined) {
    const change = { at, ...meaning, connectorStatus: status, meterValues: [], isUnnamed: true as const };
    return updateSession(noted, session, change, moment.nowMs);
  }
  const seen =
    session?.numberedBy === 'station'
      ? replaceRunning(noted, seenConnector(session, { at, state: status.state }, moment.nowMs))
      : noted;
  const state = status.state === 'Occupied' ? occupiedAs(book, session, evse.evseId) : status.state;
  // What was said before something that is known already is no news: it comes late, or was posted again.
  if (status.at !== undefined && isOlder(at, book.evses[String(evse.evseId)]?.stateAt))
    return keep(book, moment, 'status-old');
  const event = { kind: 'connector-status-changed' as const, evse, at, status: { ...status, state } };
  return { book: seen, events: [event], kept: [] };
}

/** The car left of a start that has no answer yet: what is said later on its EVSE is not of that start. */
function withoutCar(book: SessionBook, { evse, at }: StatusReported): SessionBook {
  const starts = book.starts.map((start) => {
    const { request, leftAt } = start;
    const isHere = isSameEvse(request.evse, evse) && !isBefore(at, request.at);
    return isHere && (leftAt === undefined || isOlder(at, leftAt)) ? { ...start, leftAt: at } : start;
  });
  return { ...book, starts };
}

function isOtherConnector({ ref }: RunningSession, { evse }: StatusReported): boolean {
  const { connectorId } = ref.evse;
  return connectorId !== undefined && evse.connectorId !== undefined && connectorId !== evse.connectorId;
}

/**
 * Readings belong to the transaction they name, if it can be. Those that name none, or one that does not run by an id
 * that recurs, belong to what ran on their EVSE when they were taken, each by itself: a buffer may reach over the end
 * of one session and the next start.
 */
export function readingsReported(book: SessionBook, message: ReadingsReported, moment: Moment): Step {
  const { evse, at, transactionId, trigger, meterValues } = message;
  const stationId = String(transactionId);
  const named = transactionId === undefined ? undefined : runningById(book, stationId, { at, evse });
  if (named === 'start-pending' || (named && !isUnique(book, named.stationId) && isStartPending(book, named, at)))
    return wait(book, message, moment);
  if (named && isOfAnother(book, named, message)) return keep(book, moment, 'session-unknown');
  if (named !== undefined) {
    const place = isPlaced(named.ref) ? {} : { evse };
    return updateSession(book, named, { at, trigger, meterValues, ...place }, moment.nowMs);
  }
  if (transactionId !== undefined && transactionId > 0) return placeUnknown(book, message, stationId, moment);
  const groups = byOccupant(book, message);
  if (groups.has('start-pending') || groups.has('start-overdue')) return wait(book, message, moment);
  let step = unchanged(book);
  for (const [session, [first, ...rest]] of groups) {
    if (session === 'start-pending' || session === 'start-overdue' || first === undefined) continue;
    const readings = { ...message, at: first.at, meterValues: [first, ...rest] };
    const next = session
      ? updateSession(
          step.book,
          session,
          { at: first.at, trigger, meterValues: readings.meterValues, isUnnamed: true },
          moment.nowMs,
        )
      : outsideSessions(step.book, readings);
    step = followedBy(step, next);
  }
  return step;
}

/** Readings for the begin of a session may be a little older than its start says. */
const EARLY_MS = 10_000;

/**
 * Whether readings cannot be of the session they name: it runs elsewhere. Of an id that recurs also when it began after
 * they were taken, or was over by then; an id that only one session had is believed, whatever the times say.
 */
function isOfAnother(
  book: SessionBook,
  { ref, stationId, followedAt }: RunningSession,
  { evse, at, meterValues }: ReadingsReported,
): boolean {
  if (evse.evseId > 0 && ref.evse.evseId > 0 && evse.evseId !== ref.evse.evseId) return true;
  if (isUnique(book, stationId)) return false;
  const takenAt = Date.parse(meterValues.at(-1)?.at ?? at);
  const isOver = followedAt !== undefined && Date.parse(followedAt) <= takenAt;
  return isOver || takenAt < Date.parse(ref.startedAt) - EARLY_MS;
}

function byOccupant(book: SessionBook, { evse, meterValues }: ReadingsReported): Map<OccupantOrOverdue, MeterValue[]> {
  const groups = new Map<OccupantOrOverdue, MeterValue[]>();
  for (const meterValue of meterValues) {
    const takenAt = Date.parse(meterValue.at);
    const there = occupantOf(book, evse, (beganAt) => takenAt >= Date.parse(beganAt));
    const hasGone = typeof there === 'object' && hasLeft(there, meterValue.at);
    const occupant = hasGone ? undefined : there;
    groups.set(occupant, [...(groups.get(occupant) ?? []), meterValue]);
  }
  return groups;
}

/** Nobody's readings; the register of an EVSE is what its next session begins at, should that not say it. */
function outsideSessions(book: SessionBook, { evse, at, meterValues }: ReadingsReported): Step {
  const isFree = evse.evseId > 0 && !book.running.some(({ ref }) => ref.evse.evseId === evse.evseId);
  const register = isFree ? latestRegister(meterValues) : undefined;
  return {
    book:
      register === undefined
        ? book
        : remember(book, evse, { registerWh: register.registerWh, registerAt: register.at }),
    events: [{ kind: 'meter-values-taken', evse, at, meterValues }],
    kept: [],
  };
}
