/** What an OCPP 1.6 station, and its CSMS in answer, say of a session that really happened. */
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

/** Tells all of it. `isDistinct`: no other session has its id, so a message needs no start to be placed. */
export function tellSession16(line: Line, session: RealSession, isDistinct: boolean): void {
  const { plan, startMs, endMs } = session;
  tellStatus(line, session, { atMs: startMs - 10_000, status: 'Preparing', place: 1 });
  const startedMs = line.tell({
    atMs: startMs,
    fate: session.fateAt(0),
    // While nobody knows its id, and another session has the same, readings that name it can only be that one's.
    answerDelayS: isDistinct ? plan.answerDelayS : 0,
    make: (id) => startOf(session, id),
  });
  const isNumbered = plan.answer !== 'lost' && plan.answer !== 'failed';
  // Where nobody told us the id that it got, and another session has it, the id is believed to be of that one.
  const isMistakable = !isDistinct && !isNumbered && Number(session.transactionId) > 0;
  plan.readings.forEach((form, place) => {
    const atMs = startMs + (place + 1) * 60_000;
    if (form === 'status') return tellStatus(line, session, { atMs, status: 'Charging', place: place + 2 });
    if (isMistakable && form !== 'unnamed') return;
    // Without an id it may be of the session before, for all anybody knows.
    if (form === 'unnamed' && plan.answerDelayS > 0) return;
    const isByItself = isDistinct && form !== 'unnamed';
    if (!isPlaceable(isByItself, startedMs) || !(isDistinct || isNumbered || form === 'unnamed')) return;
    const make = (id: string) => [call(id, 'MeterValues', readingOf(session, place))];
    line.tell({ atMs, fate: session.fateAt(place + 2, place > 0), notBeforeMs: isByItself ? 0 : startedMs, make });
  });
  if (plan.end === 'stop' && isPlaceable(isDistinct, startedMs) && (isDistinct || isNumbered)) {
    const make = (id: string) => [call(id, 'StopTransaction', stopOf(session))];
    line.tell({ atMs: endMs, fate: session.fateAt(5, true), notBeforeMs: isDistinct ? 0 : startedMs, make });
  }
  if (plan.end !== 'nothing') tellStatus(line, session, { atMs: endMs + 4000, status: 'Available', place: 6 });
}

function tellStatus(
  line: Line,
  session: RealSession,
  { atMs, status, place }: { readonly atMs: number; readonly status: string; readonly place: number },
): void {
  const payload = { connectorId: session.evseId, errorCode: 'NoError', status, timestamp: iso(atMs) };
  line.tell({ atMs, fate: session.fateAt(place), make: (id) => [call(id, 'StatusNotification', payload)] });
}

function startOf(session: RealSession, id: string): readonly object[] {
  const { plan, evseId, startMs, transactionId } = session;
  const request = {
    connectorId: evseId,
    idTag: plan.token,
    meterStart: startRegister(session),
    timestamp: iso(startMs),
  };
  const start = call(id, 'StartTransaction', request);
  const response = { transactionId, idTagInfo: { status: plan.answer === 'refused' ? 'Blocked' : 'Accepted' } };
  if (plan.answer === 'inline') return [{ ...start, response }];
  if (plan.answer === 'lost') return [start];
  const frame = plan.answer === 'failed' ? [4, id, 'InternalError', '', {}] : [3, id, response];
  const answer = { direction: 'csms', frame };
  return plan.isAnsweredFirst ? [answer, start] : [start, answer];
}

function readingOf(session: RealSession, place: number): unknown {
  const { plan, evseId, startMs, transactionId } = session;
  const isOdd = plan.readings[place] === 'odd';
  const wh = readingRegister(session, place);
  const register = isOdd
    ? { value: String(wh / 1000), unit: 'kWh' }
    : { value: `${wh}.00`, context: 'Sample.Periodic' };
  const sampledValue = [
    { value: '11040', measurand: 'Power.Active.Import', unit: 'W' },
    ...(isOdd ? [{ value: 'n/a' }, { value: '41', measurand: 'Temperature', unit: 'Celcius' }] : []),
    { measurand: 'Energy.Active.Import.Register', ...register },
  ];
  return {
    connectorId: evseId,
    ...(plan.readings[place] !== 'unnamed' && { transactionId }),
    meterValue: [{ timestamp: iso(startMs + (place + 1) * 60_000), sampledValue }],
  };
}

function stopOf(session: RealSession): unknown {
  const { plan, endMs, transactionId } = session;
  return {
    transactionId,
    meterStop: stopRegister(session),
    timestamp: iso(endMs),
    ...(plan.hasBegin && { idTag: plan.token }),
    ...(plan.reason !== '' && { reason: plan.reason }),
  };
}
