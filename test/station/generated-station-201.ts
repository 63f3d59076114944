/** What an OCPP 2.0.1 station says of a session that really happened. */
import {
  call,
  iso,
  isPlaceable,
  readingRegister,
  startRegister,
  stopRegister,
  type Line,
  type RealSession,
} from './generated-webhooks.ts';

/** Tells all of it. `isDistinct`: no other session has its id, so an event needs no start to be placed, and may leave out the EVSE. */
export function tellSession201(line: Line, session: RealSession, isDistinct: boolean): void {
  const { plan, startMs, endMs, evseId } = session;
  const startedMs = tellStep(line, session, { atMs: startMs, place: 0, payload: startOf(session, isDistinct) });
  plan.readings.forEach((form, place) => {
    const atMs = startMs + (place + 1) * 60_000;
    const isNamed = form !== 'unnamed' || !plan.saysEvse;
    const isByItself = isDistinct && isNamed;
    if (!isPlaceable(isByItself, startedMs)) return;
    const meterValue = [readingOf(session, place)];
    const payload =
      form === 'status' ? { transactionInfo: { ...idOf(session), chargingState: 'Charging' } } : { meterValue };
    const update = stepOf(session, { eventType: 'Updated', atMs, seqNo: place + 1, isDistinct, ...payload });
    const make = (id: string) => [
      isNamed ? call(id, 'TransactionEvent', update) : call(id, 'MeterValues', { evseId, meterValue }),
    ];
    line.tell({ atMs, fate: session.fateAt(place + 2, place > 0), notBeforeMs: isByItself ? 0 : startedMs, make });
  });
  if (plan.end === 'stop' && isPlaceable(isDistinct, startedMs)) {
    tellStep(line, session, {
      atMs: endMs,
      place: 5,
      payload: endOf(session, isDistinct),
      notBeforeMs: isDistinct ? 0 : startedMs,
    });
  }
  if (plan.end === 'nothing') return;
  const atMs = endMs + 4000;
  const status = { connectorStatus: 'Available', timestamp: iso(atMs), evseId, connectorId: 1 };
  line.tell({ atMs, fate: session.fateAt(6), make: (id) => [call(id, 'StatusNotification', status)] });
}

type Step = {
  readonly atMs: number;
  readonly place: number;
  readonly payload: unknown;
  readonly notBeforeMs?: number | undefined;
};

const tellStep = (line: Line, session: RealSession, { atMs, place, payload, notBeforeMs }: Step) =>
  line.tell({
    atMs,
    fate: session.fateAt(place, place > 0),
    notBeforeMs,
    make: (id) => [call(id, 'TransactionEvent', payload)],
  });

const idOf = ({ transactionId }: RealSession) => ({ transactionId });
const evseOf = ({ evseId }: RealSession) => ({ id: evseId, connectorId: 1 });

type Said = {
  readonly eventType: string;
  readonly atMs: number;
  readonly seqNo: number;
  readonly isDistinct: boolean;
  readonly [field: string]: unknown;
};

function stepOf(session: RealSession, { atMs, seqNo, isDistinct, ...said }: Said): object {
  return {
    timestamp: iso(atMs),
    triggerReason: 'MeterValuePeriodic',
    seqNo: seqNo * 2 + 3,
    ...(session.plan.offlineS > 0 && seqNo > 1 && { offline: true }),
    ...(!isDistinct && { evse: evseOf(session) }),
    transactionInfo: idOf(session),
    ...said,
  };
}

function startOf(session: RealSession, isDistinct: boolean): object {
  const { plan, startMs } = session;
  return stepOf(session, {
    eventType: 'Started',
    atMs: startMs,
    seqNo: 0,
    isDistinct,
    triggerReason: 'Authorized',
    transactionInfo: { ...idOf(session), chargingState: 'EVConnected' },
    ...(plan.saysEvse && { evse: evseOf(session) }),
    idToken: { idToken: plan.token, type: 'Central' },
    ...(plan.hasBegin && registerAt(startMs, startRegister(session), 'Transaction.Begin')),
  });
}

function endOf(session: RealSession, isDistinct: boolean): object {
  const { plan, endMs } = session;
  return stepOf(session, {
    eventType: 'Ended',
    atMs: endMs,
    seqNo: plan.readings.length + 1,
    isDistinct,
    triggerReason: 'StopAuthorized',
    transactionInfo: { ...idOf(session), ...(plan.reason !== '' && { stoppedReason: plan.reason }) },
    ...(plan.hasEnd && registerAt(endMs, stopRegister(session), 'Transaction.End')),
  });
}

const registerAt = (atMs: number, value: number, context: string) => ({
  meterValue: [{ timestamp: iso(atMs), sampledValue: [{ value, context, unitOfMeasure: { unit: 'Wh' } }] }],
});

function readingOf(session: RealSession, place: number): unknown {
  const isOdd = session.plan.readings[place] === 'odd';
  const wh = readingRegister(session, place);
  return {
    timestamp: iso(session.startMs + (place + 1) * 60_000),
    sampledValue: [
      { value: isOdd ? wh / 1000 : wh, unitOfMeasure: { unit: isOdd ? 'kWh' : 'Wh' } },
      { value: 12.5, measurand: isOdd ? 'Acme.Mood' : 'Energy.Active.Net' },
    ],
  };
}
