/** Opens, updates and ends sessions in the book, and says so in charge events. Pure; decides nothing about where a message belongs. */
import type { SessionStarted, SessionUpdated, StopReason, TriggerReason } from '../charging/charge-event.ts';
import type { Authorization, IdToken } from '../charging/id-token.ts';
import { findRegisterWh, type MeterValue } from '../charging/meter.ts';
import type { ChargingState, EvseRef, TransactionId } from '../charging/session.ts';
import {
  bounded,
  remember,
  replaceRunning,
  runningOn,
  type RunningSession,
  type SessionBook,
  type Step,
} from './book.ts';

/** How many sessions that are over are remembered, so that late messages are told from new ones. */
const ENDED_LIMIT = 32;

/** What a start gives the book. A register that is absent is taken from the first reading, else from the EVSE's last one. */
export type Opening = {
  readonly transactionId: TransactionId;
  readonly stationId: string;
  readonly numberedBy: RunningSession['numberedBy'];
  readonly evse: EvseRef;
  readonly at: string;
  readonly trigger: TriggerReason;
  readonly authorization: Authorization;
  readonly meterStartWh?: number;
  readonly meterValues: readonly MeterValue[];
  readonly chargingState?: ChargingState;
  readonly idToken?: IdToken;
  readonly reservationId?: number;
  readonly details?: SessionStarted['details'];
  readonly connectorStatus?: SessionStarted['connectorStatus'];
};

/** A step within a session, or its end. Absent means: the message did not say. */
export type Change = Omit<SessionUpdated, 'kind' | 'session' | 'sequence'> & { readonly evse?: EvseRef };
export type Ending = Change & {
  readonly meterStopWh?: number;
  readonly stopReason?: StopReason;
  readonly authorization?: Authorization;
};

/** Opens a session; sessions that began earlier on the same EVSE and never ended are ended first, with what is known of them. */
export function openSession(book: SessionBook, opening: Opening): Step {
  const { evse, at } = opening;
  const stale = book.running.filter(
    (session) =>
      evse.evseId > 0 && session.ref.evse.evseId === evse.evseId && Date.parse(session.ref.startedAt) <= Date.parse(at),
  );
  let step: Step = { book, events: [], kept: [] };
  for (const session of stale) {
    step = followedBy(step, abandon(step.book, session, at));
  }
  return followedBy(step, begin(step.book, opening));
}

function begin(book: SessionBook, opening: Opening): Step {
  const { evse, meterValues } = opening;
  const stated = opening.meterStartWh ?? findRegisterWh(meterValues, 'first', 'Transaction.Begin');
  const meterStartWh =
    stated ?? findRegisterWh(meterValues, 'first') ?? book.evses[String(evse.evseId)]?.registerWh ?? 0;
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
    ...(stated === undefined && { isRegisterInferred: true as const }),
    authorization: opening.authorization,
    ...(opening.chargingState && { chargingState: opening.chargingState }),
    ...(opening.idToken && { idToken: opening.idToken }),
    ...(opening.reservationId !== undefined && { reservationId: opening.reservationId }),
    ...(opening.details && { details: opening.details }),
    ...(opening.connectorStatus && { connectorStatus: opening.connectorStatus }),
  };
  const session: RunningSession = {
    ref: started.session,
    stationId: opening.stationId,
    numberedBy: opening.numberedBy,
    started,
    nextSequence: 1,
    lastRegisterWh: findRegisterWh(meterValues, 'last') ?? meterStartWh,
    lastMeterValues: meterValues,
    lastMessageAt: opening.at,
    ...(opening.chargingState && { chargingState: opening.chargingState }),
    hasCharged: opening.chargingState === 'Charging',
    seqOffsets: {},
  };
  const running = [...book.running, session].toSorted(
    (a, b) => Date.parse(a.ref.startedAt) - Date.parse(b.ref.startedAt),
  );
  return { book: { ...book, running }, events: [started], kept: [] };
}

/** Records a step of a running session. */
export function updateSession(book: SessionBook, session: RunningSession, change: Change, nowMs: number): Step {
  const { evse, ...said } = change;
  const ref = evse === undefined || session.ref.evse.evseId > 0 ? session.ref : { ...session.ref, evse };
  const chargingState = change.chargingState ?? session.chargingState;
  const { idleSince: _, ...rest } = session;
  const updated: RunningSession = {
    ...rest,
    ref,
    nextSequence: session.nextSequence + 1,
    lastRegisterWh: findRegisterWh(change.meterValues, 'last') ?? session.lastRegisterWh,
    lastMeterValues: change.meterValues.length > 0 ? change.meterValues : session.lastMeterValues,
    lastMessageAt: change.at,
    ...(chargingState && { chargingState }),
    hasCharged: session.hasCharged || change.chargingState === 'Charging',
    ...(change.chargingState === 'Idle' && { idleSince: nowMs }),
  };
  const event: SessionUpdated = { kind: 'session-updated', session: ref, sequence: session.nextSequence, ...said };
  return { book: replaceRunning(book, updated), events: [event], kept: [] };
}

/** Ends a running session. A register the message does not state is the last one known. */
export function endSession(book: SessionBook, session: RunningSession, ending: Ending): Step {
  const { evse: _, meterStopWh, meterValues, ...said } = ending;
  const stated = meterStopWh ?? findRegisterWh(meterValues, 'last', 'Transaction.End');
  const stopWh = stated ?? findRegisterWh(meterValues, 'last') ?? session.lastRegisterWh;
  const id = session.ref.transactionId.ocpp201;
  const without: SessionBook = {
    ...book,
    running: book.running.filter((other) => other.ref.transactionId.ocpp201 !== id),
    ended: bounded(book.ended, { stationId: session.stationId, ref: session.ref }, ENDED_LIMIT),
  };
  return {
    book: remember(without, session.ref.evse, { registerWh: stopWh, hasEndedSession: true }),
    events: [
      {
        kind: 'session-ended',
        session: session.ref,
        sequence: session.nextSequence,
        ...said,
        meterValues,
        meterStopWh: stopWh,
        ...(stated === undefined && { isRegisterInferred: true as const }),
      },
    ],
    kept: [],
  };
}

/** Ends a session whose stop never came, at `at`, with its last known register. */
export function abandon(book: SessionBook, session: RunningSession, at: string): Step {
  return endSession(book, session, {
    at,
    trigger: 'AbnormalCondition',
    stopReason: 'Other',
    chargingState: 'Idle',
    meterValues: [],
  });
}

/** Remembers a transaction that the CSMS refused, so that what comes for it is known and not sent. */
export function refuse(book: SessionBook, stationId: string, ref: RunningSession['ref']): SessionBook {
  return { ...book, ended: bounded(book.ended, { stationId, ref, isRefused: true }, ENDED_LIMIT) };
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

/** The session that a message without a transaction id belongs to: the one running on its EVSE when it was said. */
export function sessionAt(book: SessionBook, evse: EvseRef, at: string): RunningSession | undefined {
  const session = evse.evseId > 0 ? runningOn(book, evse) : undefined;
  return session !== undefined && Date.parse(at) >= Date.parse(session.ref.startedAt) ? session : undefined;
}
