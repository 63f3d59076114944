/** What a station of either version says of a session that really happened, message by message. */
import type { Day, Fate } from './generated-day.ts';
import {
  iso,
  Line,
  readingRegister,
  realSessions,
  startRegister,
  stopRegister,
  type RealSession,
  type Webhook,
} from './generated-webhooks.ts';

/** The webhooks of a day in the order of their arrival, and the sessions that they tell of. */
export function webhooksOf(day: Day): {
  readonly webhooks: readonly Webhook[];
  readonly sessions: readonly RealSession[];
} {
  const sessions = realSessions(day);
  const line = new Line(day.protocol);
  for (const session of sessions) {
    if (day.protocol === 'ocpp1.6') tellOld(line, session, day.numbering === 'counter');
    else tellNew(line, session, day.numbering === 'counter' || day.numbering === 'negative');
  }
  return { webhooks: line.sorted(), sessions };
}

const fateAt = ({ plan }: RealSession, place: number): Fate | undefined => plan.fates[place % plan.fates.length];
const told = (fate: Fate | undefined, offlineS: number): Fate | undefined =>
  fate && { ...fate, delayS: fate.delayS + offlineS };

/** Whether anybody could know where a message belongs: by its id, or because its start is known to be on the way. */
const isPlaceable = (isDistinct: boolean, startedMs: number | undefined) => isDistinct || startedMs !== undefined;

function tellOld(line: Line, session: RealSession, isDistinct: boolean): void {
  const { plan, evseId, startMs, endMs, transactionId } = session;
  const status = (atMs: number, state: string, place: number) =>
    line.tell({
      atMs,
      fate: fateAt(session, place),
      make: (id) => [
        call(id, 'StatusNotification', {
          connectorId: evseId,
          errorCode: 'NoError',
          status: state,
          timestamp: iso(atMs),
        }),
      ],
    });
  status(startMs - 10_000, 'Preparing', 1);
  const startedMs = line.tell({ atMs: startMs, fate: fateAt(session, 0), make: (id) => startWith(session, id) });
  plan.readings.forEach((form, place) => {
    const atMs = startMs + (place + 1) * 60_000;
    if (form === 'status') return void status(atMs, 'Charging', place + 2);
    if (!isPlaceable(isDistinct && form !== 'unnamed', startedMs)) return;
    const fate = told(fateAt(session, place + 2), place > 0 ? plan.offlineS : 0);
    const make = (id: string) => [call(id, 'MeterValues', oldReading(session, place))];
    line.tell({ atMs, fate, notBeforeMs: isDistinct && form !== 'unnamed' ? 0 : startedMs, make });
  });
  const isNumbered = plan.answer !== 'lost' && plan.answer !== 'failed';
  if (plan.end === 'stop' && isPlaceable(isDistinct, startedMs) && (isDistinct || isNumbered)) {
    const stop = {
      transactionId,
      meterStop: stopRegister(session),
      timestamp: iso(endMs),
      ...(plan.hasBegin && { idTag: plan.token }),
      ...(plan.reason !== '' && { reason: plan.reason }),
    };
    const make = (id: string) => [call(id, 'StopTransaction', stop)];
    line.tell({
      atMs: endMs,
      fate: told(fateAt(session, 5), plan.offlineS),
      notBeforeMs: isDistinct ? 0 : startedMs,
      make,
    });
  }
  if (plan.end !== 'nothing') status(endMs + 4000, 'Available', 6);
}

function oldReading(session: RealSession, place: number): unknown {
  const { plan, evseId, startMs, transactionId } = session;
  const form = plan.readings[place];
  const wh = readingRegister(session, place);
  const register =
    form === 'odd' ? { value: String(wh / 1000), unit: 'kWh' } : { value: `${wh}.00`, context: 'Sample.Periodic' };
  const sampledValue = [
    { value: '11040', measurand: 'Power.Active.Import', unit: 'W' },
    ...(form === 'odd' ? [{ value: 'n/a' }, { value: '41', measurand: 'Temperature', unit: 'Celcius' }] : []),
    { measurand: 'Energy.Active.Import.Register', ...register },
  ];
  return {
    connectorId: evseId,
    ...(form !== 'unnamed' && { transactionId }),
    meterValue: [{ timestamp: iso(startMs + (place + 1) * 60_000), sampledValue }],
  };
}

function startWith(session: RealSession, id: string): readonly unknown[] {
  const { plan, evseId, startMs, transactionId } = session;
  const request = {
    connectorId: evseId,
    idTag: plan.token,
    meterStart: startRegister(session),
    timestamp: iso(startMs),
  };
  const start = call(id, 'StartTransaction', request);
  const idTagInfo = { status: plan.answer === 'refused' ? 'Blocked' : 'Accepted' };
  const response = { transactionId, idTagInfo };
  if (plan.answer === 'inline') return [{ ...start, response }];
  if (plan.answer === 'lost') return [start];
  const frame = plan.answer === 'failed' ? [4, id, 'InternalError', '', {}] : [3, id, response];
  const answer = { direction: 'csms', frame };
  return plan.hasEnd ? [start, answer] : [answer, start];
}

function tellNew(line: Line, session: RealSession, isDistinct: boolean): void {
  const { plan, evseId, startMs, endMs } = session;
  const evse = { id: evseId, connectorId: 1 };
  const step = (atMs: number, eventType: string, seqNo: number, said: object) => ({
    eventType,
    timestamp: iso(atMs),
    triggerReason: eventType === 'Started' ? 'Authorized' : 'MeterValuePeriodic',
    seqNo: seqNo * 2 + 3,
    ...(plan.offlineS > 0 && seqNo > 1 && { offline: true }),
    ...(!isDistinct && { evse }),
    transactionInfo: { transactionId: session.transactionId },
    ...said,
  });
  const info = (said: object) => ({ transactionInfo: { transactionId: session.transactionId, ...said } });
  const register = (wh: number, context: string) => ({
    meterValue: [
      { timestamp: iso(startMs + 1), sampledValue: [{ value: wh, context, unitOfMeasure: { unit: 'Wh' } }] },
    ],
  });
  const started = {
    ...info({ chargingState: 'EVConnected' }),
    ...((plan.saysEvse || !isDistinct) && { evse }),
    idToken: { idToken: plan.token, type: 'Central' },
    ...(plan.hasBegin && register(startRegister(session), 'Transaction.Begin')),
  };
  const startedMs = line.tell({
    atMs: startMs,
    fate: fateAt(session, 0),
    make: (id) => [call(id, 'TransactionEvent', step(startMs, 'Started', 0, started))],
  });
  plan.readings.forEach((form, place) => {
    const atMs = startMs + (place + 1) * 60_000;
    const wh = readingRegister(session, place);
    const isNamed = form !== 'unnamed';
    if (!isPlaceable(isDistinct && isNamed, startedMs)) return;
    const sampledValue = [
      { value: form === 'odd' ? wh / 1000 : wh, unitOfMeasure: { unit: form === 'odd' ? 'kWh' : 'Wh' } },
      { value: 12.5, measurand: form === 'odd' ? 'Acme.Mood' : 'Energy.Active.Net' },
    ];
    const meterValue = [{ timestamp: iso(atMs), sampledValue }];
    const said = form === 'status' ? info({ chargingState: 'Charging' }) : { meterValue };
    const make = (id: string) => [
      isNamed
        ? call(id, 'TransactionEvent', step(atMs, 'Updated', place + 1, said))
        : call(id, 'MeterValues', { evseId, meterValue }),
    ];
    const fate = told(fateAt(session, place + 2), place > 0 ? plan.offlineS : 0);
    line.tell({ atMs, fate, notBeforeMs: isDistinct && isNamed ? 0 : startedMs, make });
  });
  if (plan.end === 'stop' && isPlaceable(isDistinct, startedMs)) {
    const stoppedReason = plan.reason === '' ? {} : { stoppedReason: plan.reason };
    const said = {
      ...info(stoppedReason),
      triggerReason: 'StopAuthorized',
      ...(plan.hasEnd && register(stopRegister(session), 'Transaction.End')),
    };
    const make = (id: string) => [call(id, 'TransactionEvent', step(endMs, 'Ended', plan.readings.length + 1, said))];
    line.tell({
      atMs: endMs,
      fate: told(fateAt(session, 5), plan.offlineS),
      notBeforeMs: isDistinct ? 0 : startedMs,
      make,
    });
  }
  if (plan.end === 'nothing') return;
  const connectorStatus = { connectorStatus: 'Available', timestamp: iso(endMs + 4000), evseId, connectorId: 1 };
  line.tell({
    atMs: endMs + 4000,
    fate: fateAt(session, 6),
    make: (id) => [call(id, 'StatusNotification', connectorStatus)],
  });
}

const call = (id: string, action: string, payload: unknown) => ({ direction: 'cs', frame: [2, id, action, payload] });
