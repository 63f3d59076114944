/** Places the steps of a transaction that the station numbers itself (OCPP 2.0.1 §E02). Pure. */
import type { ConnectorState, ConnectorStatus } from '../charging/charge-event.ts';
import type { TransactionStep } from '../charging/station-message.ts';
import { nameFromString } from '../charging/transaction-id.ts';
import type { RunningSession, SessionBook, Step, Turn } from './book.ts';
import { isOver, keep, placeUnknown, runningById } from './placing.ts';
import { endSession, isTaken, openSession, updateSession } from './sessions.ts';

/** A start opens a session; an update or end of a session not known yet waits. */
export function transactionStep(book: SessionBook, message: TransactionStep, turn: Turn): Step {
  const session = runningById(book, message.transactionId, message);
  const { kind: _, step, transactionId, stopReason, reservationId: __, ...said } = message;
  if (step === 'started') {
    if (session !== undefined) return keep(book, turn, 'start-repeated');
    return isOver(book, transactionId) ? keep(book, turn, 'session-ended') : startOfStation(book, message, turn);
  }
  if (session === undefined) return placeUnknown(book, message, transactionId, turn);
  const change = { ...said, ...statusOfStep(session, message) };
  if (step === 'updated') return updateSession(book, session, change, turn.nowMs);
  return endSession(book, session, { ...change, ...(stopReason && { stopReason }) });
}

/** What a change of charging state amounts to as a connector's status; nothing when the state is as it was. */
function statusOfStep(
  session: RunningSession,
  { step, chargingState, trigger, at }: TransactionStep,
): { connectorStatus?: ConnectorStatus } {
  if (step === 'ended') {
    const hasLeft = chargingState === 'Idle' || trigger === 'EVCommunicationLost' || trigger === 'EVDeparted';
    return { connectorStatus: { state: hasLeft ? 'Available' : 'Finishing', at } };
  }
  if (chargingState === undefined || chargingState === session.chargingState) return {};
  return { connectorStatus: { state: stateInSession({ ...session, chargingState }), at } };
}

function startOfStation(book: SessionBook, message: TransactionStep, turn: Turn): Step {
  const { kind: _, step: __, transactionId: stationId, stopReason: ___, ...said } = message;
  const evse = message.evse ?? { evseId: 0 };
  const remote = book.remoteStarts.findLast(
    ({ remoteStartId, evseId }) =>
      remoteStartId === message.details?.remoteStartId && (evseId === undefined || evseId === evse.evseId),
  );
  const idToken = message.idToken ?? (message.trigger === 'RemoteStart' ? remote?.idToken : undefined);
  const origin = { chargePointId: turn.chargePointId, evseId: evse.evseId, startedAt: message.at };
  return openSession(book, {
    ...said,
    transactionId: nameFromString(stationId, origin, (id) => isTaken(book, (known) => known.ocpp16 === id)),
    stationId,
    numberedBy: 'station',
    evse,
    authorization: { status: 'Accepted' },
    ...(idToken && { idToken }),
    ...statusAtStart(message),
  });
}

function statusAtStart({ chargingState, at }: TransactionStep): { connectorStatus?: ConnectorStatus } {
  if (chargingState === undefined || chargingState === 'Idle') return {};
  return { connectorStatus: { state: stateInSession({ chargingState, hasCharged: false }), at } };
}

/** OCPP 2.0.1 says only `Occupied`; the session's state, or that one just ended, tells which of OCPP 1.6's five it is. */
export function occupiedAs(book: SessionBook, session: RunningSession | undefined, evseId: number): ConnectorState {
  if (session === undefined) return book.evses[String(evseId)]?.hasEndedSession ? 'Finishing' : 'Preparing';
  return session.chargingState === 'Idle' ? 'Preparing' : stateInSession(session);
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
