/**
 * Opens, updates and ends sessions in the book, and says so in charge events. Pure; decides nothing about where a
 * message belongs.
 */
import type { SessionStarted, SessionUpdated } from '../charging/charge-event.ts';
import { findRegisterWh, withoutUnknownEnds } from '../charging/meter.ts';
import { powerOf } from '../charging/power.ts';
import type { EvseRef, SessionRef, TransactionId } from '../charging/session.ts';
import {
  remember,
  replaceRunning,
  type EndedSession,
  type RunningSession,
  type SessionBook,
  type Step,
} from './book.ts';
import { isFollowed, lastStartOf, lateStartOf, runningOn } from './places.ts';
import { noted, type Warning } from './plausibility.ts';
import { finalRegisterOf, newestRegister } from './registers.ts';
import { beginning, isOlder, progressed, refAfter, type Change, type Ending, type Opening } from './running-session.ts';

/** How many sessions that are over are remembered, so that late messages are told from new ones. */
const ENDED_LIMIT = 32;
/** How many sessions may run; a station that opens ever more without a place to run them has ended the oldest. */
export const RUNNING_LIMIT = 32;

/** A session that ends without a stop so soon after the CSMS told the station to stop it was stopped by that. */
const REMOTE_STOP_WINDOW_MS = 5 * 60_000;

/**
 * Opens a session; sessions that began earlier on the same EVSE and never ended are ended first, with what is known of
 * them.
 */
export function openSession(book: SessionBook, opening: Opening): Step {
  const excess = book.running.slice(0, Math.max(0, book.running.length + 1 - RUNNING_LIMIT));
  const stale = runningOn(book, opening.evse, opening.at);
  const over = book.running.filter((each) => stale.includes(each) || excess.includes(each));
  const step = abandonAll(book, over, opening.at);
  return followedBy(step, begin(step.book, opening));
}

/** A session whose EVSE is learned: those that began earlier there are over, as if it had begun there. */
export function settleOn(book: SessionBook, { ref }: RunningSession, evse: EvseRef): Step {
  const others = runningOn(book, evse, ref.startedAt).filter((each) => !isOf(each, ref));
  return abandonAll(book, others, ref.startedAt);
}

function abandonAll(book: SessionBook, sessions: readonly RunningSession[], at: string): Step {
  let step: Step = { book, events: [], kept: [] };
  for (const session of sessions) step = followedBy(step, abandon(step.book, session, at));
  return step;
}

function begin(book: SessionBook, opening: Opening): Step {
  const { evse } = opening;
  const meterValues = withoutUnknownEnds(opening.meterValues);
  const isStated = opening.meterStartWh !== undefined && opening.meterStartWh >= 0;
  const stated = isStated ? opening.meterStartWh : findRegisterWh(meterValues, 'first', 'Transaction.Begin');
  const meterStartWh = stated ?? findRegisterWh(meterValues, 'first') ?? registerBefore(book, evse, opening.at) ?? 0;
  const started: SessionStarted = {
    kind: 'session-started',
    session: {
      transactionId: opening.transactionId,
      evse,
      startedAt: opening.at,
      ...(opening.idToken && { idToken: opening.idToken }),
    },
    sequence: 0,
    at: opening.at,
    trigger: opening.trigger,
    meterValues,
    meterStartWh,
    ...((stated === undefined || opening.isInferred) && { isRegisterInferred: true as const }),
    authorization: opening.authorization,
    ...(opening.chargingState && { chargingState: opening.chargingState }),
    ...(opening.idToken && { idToken: opening.idToken }),
    ...(opening.reservationId !== undefined && { reservationId: opening.reservationId }),
    ...(opening.details && { details: opening.details }),
    ...(opening.connectorStatus && { connectorStatus: opening.connectorStatus }),
  };
  const { vacatedAt } = book.evses[String(evse.evseId)] ?? {};
  const isFollowed = vacatedAt !== undefined && evse.evseId > 0 && isOlder(opening.at, vacatedAt);
  const session = { ...beginning(opening, started), ...(isFollowed && { followedAt: vacatedAt }) };
  const running = [...book.running, session].toSorted(
    (a, b) => Date.parse(a.ref.startedAt) - Date.parse(b.ref.startedAt),
  );
  return { book: { ...book, running }, events: [started], kept: [] };
}

/** The register that was read last on an EVSE, unless that was later. */
function registerBefore({ evses }: SessionBook, evse: EvseRef, at: string): number | undefined {
  const { registerWh, registerAt } = evses[String(evse.evseId)] ?? {};
  return registerAt !== undefined && isOlder(at, registerAt) ? undefined : registerWh;
}

/** Records a step of a running session. */
export function updateSession(book: SessionBook, session: RunningSession, change: Change, nowMs: number): Step {
  const { evse: _, isUnnamed: __, ...said } = change;
  const updated = progressed(session, change, nowMs);
  const sequence = session.nextSequence;
  const lateStart = lateStartOf(book, session, updated.ref);
  const event: SessionUpdated = {
    kind: 'session-updated',
    session: updated.ref,
    sequence,
    ...said,
    ...(lateStart && { lateStart }),
  };
  return { book: replaceRunning(book, updated), events: [event], kept: [] };
}

/** Ends a running session. A register the message does not state is the last one known. */
export function endSession(book: SessionBook, session: RunningSession, ending: Ending): Step {
  const { evse: _, evseIds, meterStopWh, ...told } = ending;
  const said = { ...told, at: isOlder(told.at, session.ref.startedAt) ? session.ref.startedAt : told.at };
  const ref = refAfter(session, ending);
  const { registerWh, isInferred } = finalRegisterOf(session, ending);
  const warnings = notedAtEnd(session, ending);
  const running = book.running.filter((other) => !isOf(other, ref));
  const { idToken: _token, ...known } = ref;
  const ended = {
    stationId: session.stationId,
    ref: known,
    endedAt: said.at,
    registerWh,
    ...(meterStopWh !== undefined && meterStopWh !== registerWh && { meterStopWh }),
    meterStartWh: session.started.meterStartWh,
    ...(warnings.length > 0 && { warnings }),
    ...(session.isInferred && { isInferred: true as const }),
    ...(session.trueStart && { trueStart: session.trueStart }),
    isStopped: true as const,
  };
  const lateStart = lastStartOf(book, session, ref, evseIds);
  const isLateToken = session.started.idToken === undefined && said.idToken === undefined;
  return {
    book: memoryAfter(withEnded({ ...book, running }, ended), { ref, registerWh, ...said }),
    events: [
      {
        kind: 'session-ended',
        session: ref,
        sequence: session.nextSequence,
        ...said,
        meterValues: withoutUnknownEnds(said.meterValues),
        meterStopWh: registerWh,
        ...(isInferred && { isRegisterInferred: true as const }),
        ...(isLateToken && ref.idToken && { lateIdToken: ref.idToken }),
        ...(lateStart && { lateStart }),
      },
    ],
    kept: [],
  };
}

function notedAtEnd(session: RunningSession, { at, meterStopWh, meterValues }: Ending): readonly Warning[] {
  const said = { meterValues, register: newestRegister(session, meterValues), power: powerOf(meterValues) };
  return noted(session, said, meterStopWh === undefined ? undefined : { at, registerWh: meterStopWh });
}

/** What an end leaves behind on its EVSE, unless something that was said later is known there. */
function memoryAfter(
  book: SessionBook,
  { ref, registerWh, at, chargingState, connectorStatus }: Ending & { ref: SessionRef; registerWh: number },
): SessionBook {
  if (isFollowed(book, ref.evse, ref.startedAt)) return book;
  const { stateAt } = book.evses[String(ref.evse.evseId)] ?? {};
  const hasEndedSession = chargingState !== 'Idle' && connectorStatus?.state !== 'Available';
  return remember(book, ref.evse, { registerWh, registerAt: at, ...(!isOlder(at, stateAt) && { hasEndedSession }) });
}

/**
 * Ends a session whose stop never came, with its last known register: when its car left, if that is known, else at
 * `at`.
 */
export function abandon(book: SessionBook, session: RunningSession, at: string): Step {
  const { endsAt, lastMessageAt, remoteStopAt = '' } = session;
  const endedAt = endsAt === undefined ? at : lastMessageAt;
  const isRemote = Math.abs(Date.parse(endedAt) - Date.parse(remoteStopAt)) <= REMOTE_STOP_WINDOW_MS;
  const step = endSession(book, session, {
    at: endedAt,
    trigger: isRemote ? 'RemoteStop' : 'AbnormalCondition',
    stopReason: isRemote ? 'Remote' : 'Other',
    chargingState: 'Idle',
    meterValues: [],
  });
  return {
    ...step,
    book: {
      ...step.book,
      ended: step.book.ended.map((each) => (isOf(each, session.ref) ? unstopped(each, session) : each)),
    },
  };
}

const isOf = (session: { readonly ref: SessionRef }, ref: SessionRef) =>
  session.ref.transactionId.ocpp201 === ref.transactionId.ocpp201;

/** Its stop may still come, and is known by its token too; nobody needs the token of a session that was stopped. */
function unstopped(session: EndedSession, { ref }: RunningSession): EndedSession {
  const { isStopped: _, ...ended } = session;
  return { ...ended, ref };
}

/** Remembers a transaction that the CSMS refused, so that what comes for it is known and not sent. */
export function refuse(book: SessionBook, refused: Omit<EndedSession, 'endedAt' | 'isRefused'>): SessionBook {
  return withEnded(book, { ...refused, endedAt: refused.ref.startedAt, isRefused: true });
}

function withEnded(book: SessionBook, ended: EndedSession): SessionBook {
  const all = [...book.ended, ended];
  const ids = all.slice(0, -ENDED_LIMIT).map(({ ref }) => ref.transactionId);
  const decimals = ids.filter(({ ocpp16, ocpp201 }) => String(ocpp16) === ocpp201).map(({ ocpp16 }) => ocpp16);
  const forgottenUpTo = Math.max(book.forgottenUpTo ?? 0, ...decimals);
  return { ...book, ended: all.slice(-ENDED_LIMIT), ...(forgottenUpTo > 0 && { forgottenUpTo }) };
}

/** Two steps in a row as one. */
export function followedBy(first: Step, second: Step): Step {
  return {
    book: second.book,
    events: [...first.events, ...second.events],
    kept: [...first.kept, ...second.kept],
  };
}

/** Whether a session of this charger, running or remembered, has this name. */
export function isTaken(book: SessionBook, is: (id: TransactionId) => boolean): boolean {
  return [...book.running, ...book.ended].some((session) => is(session.ref.transactionId));
}
