/** Places the steps of a transaction that the station numbers itself (OCPP 2.0.1 §E02). Pure. */
import type { ConnectorState, ConnectorStatus } from '../charging/charge-event.ts';
import { findRegisterWh } from '../charging/meter.ts';
import type { TransactionStep } from '../charging/station-message.ts';
import type { EvseRef, SessionRef } from '../charging/session.ts';
import { nameFromString } from '../charging/transaction-id.ts';
import type { RemoteStart, RunningSession, SessionBook, Step, Turn } from './book.ts';
import { isFollowed, isPlaced } from './places.ts';
import { keep, placeUnknown, runningById, unchanged } from './placing.ts';
import { isOlder } from './running-session.ts';
import { endSession, followedBy, isTaken, openSession, settleOn, updateSession } from './sessions.ts';
import { withTrueStart } from './true-start.ts';
import { wait } from './waiting.ts';

/** A start opens a session; an update or end of a session not known yet waits. */
export function transactionStep(book: SessionBook, message: TransactionStep, turn: Turn): Step {
  const { kind: _, step, transactionId, stopReason, reservationId: __, ...said } = message;
  if (step === 'started') {
    if (isKnownStart(book, message)) return keep(book, turn, 'start-repeated');
    const { at, evse, meterValues } = message;
    const meterStartWh = findRegisterWh(meterValues, 'first');
    const corrected = withTrueStart(book, { stationId: transactionId, evse, at, meterStartWh });
    return corrected === undefined ? startOfStation(book, message, turn) : keep(corrected, turn, 'start-late');
  }
  const session = runningById(book, transactionId, message);
  if (session === 'start-pending') return wait(book, message, turn);
  if (session === undefined) return placeUnknown(book, message, transactionId, turn);
  const settled = message.evse && !isPlaced(session.ref) ? settleOn(book, session, message.evse) : unchanged(book);
  const evse = message.evse ?? session.ref.evse;
  const change = {
    ...said,
    ...statusUnlessLate(book, { evse, startedAt: session.ref.startedAt }, message, statusOfStep(session, message)),
  };
  const next =
    step === 'updated'
      ? updateSession(settled.book, session, change, turn.nowMs)
      : endSession(settled.book, session, {
          ...change,
          ...(stopReason && { stopReason }),
          ...(turn.evseIds && { evseIds: turn.evseIds }),
        });
  return followedBy(settled, next);
}

type WithStatus = { readonly connectorStatus?: ConnectorStatus };

/**
 * What a step says of its connector; nothing when the next session began there, or when the connector itself was heard
 * of later: a station that was offline tells of what is long over.
 */
function statusUnlessLate(
  book: SessionBook,
  { evse, startedAt }: Pick<SessionRef, 'evse' | 'startedAt'>,
  { step, at, details }: TransactionStep,
  status: WithStatus,
): WithStatus {
  const { stateAt } = book.evses[String(evse.evseId)] ?? {};
  const isLate = (step === 'ended' || details?.offline === true) && isOlder(at, stateAt);
  return isLate || isFollowed(book, evse, startedAt) ? {} : status;
}

/**
 * Whether this start was seen before. An id should never come again; where it does, another time or EVSE is another
 * session's.
 */
function isKnownStart({ running, ended }: SessionBook, { transactionId, evse, at }: TransactionStep): boolean {
  return [...running, ...ended].some(({ stationId, ref }) => {
    const isElsewhere = evse !== undefined && ref.evse.evseId > 0 && evse.evseId !== ref.evse.evseId;
    return stationId === transactionId && !isElsewhere && Date.parse(at) === Date.parse(ref.startedAt);
  });
}

/**
 * What a change of charging state amounts to as a connector's status; nothing when the state is as it was, or came
 * late.
 */
function statusOfStep(
  session: RunningSession,
  { step, chargingState, trigger, stopReason, at }: TransactionStep,
): { connectorStatus?: ConnectorStatus } {
  if (step === 'ended') {
    const isGone = trigger === 'EVCommunicationLost' || trigger === 'EVDeparted' || stopReason === 'EVDisconnected';
    const hasLeft = chargingState === undefined ? isGone : chargingState === 'Idle';
    return { connectorStatus: { state: hasLeft ? 'Available' : 'Finishing', at } };
  }
  if (chargingState === undefined || chargingState === session.chargingState) return {};
  if (isOlder(at, session.chargingStateAt)) return {};
  return { connectorStatus: { state: stateInSession({ ...session, chargingState }), at } };
}

function startOfStation(book: SessionBook, message: TransactionStep, turn: Turn): Step {
  const { kind: _, step: __, transactionId: stationId, stopReason: ___, ...said } = message;
  const remote = remoteStartOf(book, message);
  const evse = message.evse?.evseId ? message.evse : likelyEvse(remote, turn);
  const idToken = message.idToken ?? remote?.idToken;
  const origin = { chargePointId: turn.chargePointId, evseId: evse.evseId, startedAt: message.at };
  const opened = { ...book, remoteStarts: book.remoteStarts.filter((other) => other !== remote) };
  return openSession(opened, {
    ...said,
    transactionId: nameFromString(stationId, origin, (is) => isTaken(book, is)),
    stationId,
    numberedBy: 'station',
    evse,
    authorization: { status: 'Accepted' },
    ...(idToken && { idToken }),
    ...statusUnlessLate(book, { evse, startedAt: message.at }, message, statusAtStart(message)),
  });
}

/** The request of the CSMS that a start follows: the one it names by its number, else the last one for its EVSE. */
function remoteStartOf({ remoteStarts }: SessionBook, { evse, details, trigger }: TransactionStep) {
  const number = details?.remoteStartId;
  if (number === undefined && trigger !== 'RemoteStart') return undefined;
  return remoteStarts.findLast(
    ({ remoteStartId, evseId }) =>
      (number === undefined || remoteStartId === number) &&
      (evseId === undefined || evse === undefined || evseId === evse.evseId),
  );
}

/** Where a session runs that does not say it: where the CSMS asked for it, or on the only EVSE there is. */
function likelyEvse(remote: RemoteStart | undefined, { evseIds = [] }: Turn): EvseRef {
  const only = evseIds.length === 1 ? evseIds[0] : undefined;
  return { evseId: remote?.evseId ?? only ?? 0 };
}

function statusAtStart({ chargingState, at }: TransactionStep): { connectorStatus?: ConnectorStatus } {
  if (chargingState === undefined || chargingState === 'Idle') return {};
  return { connectorStatus: { state: stateInSession({ chargingState, hasCharged: false }), at } };
}

/**
 * OCPP 2.0.1 says only `Occupied`; the session's state, or that one just ended, tells which of OCPP 1.6's five it is.
 */
export function occupiedAs(book: SessionBook, session: RunningSession | undefined, evseId: number): ConnectorState {
  if (session === undefined) return book.evses[String(evseId)]?.hasEndedSession ? 'Finishing' : 'Preparing';
  return stateInSession(session);
}

function stateInSession({
  chargingState,
  hasCharged,
}: Pick<RunningSession, 'chargingState' | 'hasCharged'>): ConnectorState {
  if (chargingState === undefined) return 'Preparing';
  if (chargingState === 'Idle') return 'Available';
  if (chargingState === 'EVConnected') return hasCharged ? 'Finishing' : 'Preparing';
  return chargingState;
}
