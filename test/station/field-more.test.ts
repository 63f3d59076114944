/** What else chargers and CSMSs in the field do, by kind of fault: two inputs of each that no public report is known of. */
import { describe, expect, test } from 'vitest';
import { arriving, instantOf, numbered, run, said } from './field-world.ts';

const START = { connectorId: 1, idTag: '04AABBCC', meterStart: 1000, timestamp: '@+0' };
const start = (after: number, id: string, changes: object = {}) =>
  said(after, id, 'StartTransaction', { ...START, timestamp: `@+${after}`, ...changes });
const started = [start(0, 'a1'), numbered(1, 'a1', 513)];
const reading = (after: number, wh: number, changes: object = { transactionId: 513 }) =>
  said(after, `m${after}`, 'MeterValues', {
    connectorId: 1,
    ...changes,
    meterValue: [{ timestamp: `@+${after}`, sampledValue: [{ value: String(wh) }] }],
  });
const stop = (after: number, meterStop: number, changes: object = {}) =>
  said(after, `s${after}`, 'StopTransaction', { transactionId: 513, meterStop, timestamp: `@+${after}`, ...changes });
const status = (after: number, word: string, connectorId = 1) =>
  said(after, `x${after}`, 'StatusNotification', {
    connectorId,
    errorCode: 'NoError',
    status: word,
    timestamp: `@+${after}`,
  });
const step = (after: number, eventType: string, seqNo: number, more: object = {}) => ({
  protocol: 'ocpp2.0.1',
  direction: 'cs',
  timestamp: `@+${after}`,
  frame: [
    2,
    `t${after}-${seqNo}`,
    'TransactionEvent',
    {
      eventType,
      seqNo,
      timestamp: `@+${after}`,
      triggerReason: 'CablePluggedIn',
      transactionInfo: { transactionId: 'T1' },
      ...more,
    },
  ],
});
const kinds = ({ events }: ReturnType<typeof run>) => events.map(({ kind }) => kind);
const last = ({ events }: ReturnType<typeof run>) => events.at(-1);
const WHOLE = ['session-started', 'session-updated', 'session-ended'];

describe('clocks', () => {
  test('a time as a number, or as no text at all, is of when it was seen', () => {
    const { events } = run([
      start(0, 'a1', { timestamp: 1_774_958_400 }),
      numbered(1, 'a1', 513),
      stop(600, 9000, { timestamp: '' }),
    ]);
    expect(events).toMatchObject([
      { kind: 'session-started', at: new Date(instantOf(0)).toISOString() },
      { kind: 'session-ended', at: new Date(instantOf(600)).toISOString() },
    ]);
  });

  test('a reading at 24:00 and one on 30 February lose nothing of the session', () => {
    const odd = (after: number, timestamp: string) =>
      said(after, `o${after}`, 'MeterValues', {
        connectorId: 1,
        transactionId: 513,
        meterValue: [{ timestamp, sampledValue: [{ value: '2000' }] }],
      });
    const result = run([
      ...started,
      odd(60, '2026-03-31T24:00:00Z'),
      odd(120, '2026-02-30T12:00:00Z'),
      stop(600, 9000),
    ]);
    expect(kinds(result)).toEqual(['session-started', 'session-updated', 'session-updated', 'session-ended']);
  });
});

describe('repeats', () => {
  test('a stop that is said again under another id, and at another time, ends nothing twice', () => {
    const again = said(660, 's9', 'StopTransaction', { transactionId: 513, meterStop: 9000, timestamp: '@+660' });
    const result = run([...started, stop(600, 9000), again]);
    expect(kinds(result)).toEqual(['session-started', 'session-ended']);
    expect(result.kept).toMatchObject([{ reason: 'stop-repeated' }]);
  });

  test('a 2.0.1 transaction that is told from its beginning after a reboot is one session', () => {
    const evse = { evse: { id: 1 } };
    const begin = step(0, 'Started', 0, evse);
    const again = step(0, 'Started', 0, { ...evse, offline: true });
    const renamed = { ...again, frame: [2, 'other', ...again.frame.slice(2)] };
    const result = run([begin, renamed, step(600, 'Ended', 1)], 2, ['jedlix'], 'ocpp2.0.1');
    expect(kinds(result).filter((kind) => kind === 'session-started')).toHaveLength(1);
  });
});

describe('sessions that are over', () => {
  test('a reading that comes after the stop, and was taken before it, is kept and not sent', () => {
    const result = run([...started, stop(600, 9000), arriving(700, reading(590, 8900))]);
    expect(last(result)).toMatchObject({ kind: 'session-ended', meterStopWh: 9000 });
    expect(result.kept).toMatchObject([{ reason: 'session-ended' }]);
  });

  test('Unavailable in mid-session ends nothing, and the stop that follows does', () => {
    expect(last(run([...started, status(60, 'Unavailable'), stop(600, 9000)]))).toMatchObject({ meterStopWh: 9000 });
  });
});

describe('waiting', () => {
  test('an answer that comes hours before its start opens nothing and loses nothing', () => {
    const result = run([
      arriving(0, numbered(1, 'a1', 513)),
      arriving(7200, start(0, 'a1')),
      arriving(7300, stop(600, 9000)),
    ]);
    expect(kinds(result)).toEqual(['session-started', 'session-ended']);
  });

  test('a stop that is delivered hours before its start ends the session when that has come', () => {
    const result = run([
      arriving(700, stop(600, 9000)),
      arriving(9000, start(0, 'a1')),
      arriving(9001, numbered(1, 'a1', 513)),
    ]);
    expect(kinds(result)).toEqual(['session-started', 'session-ended']);
    expect(last(result)).toMatchObject({ meterStopWh: 9000 });
  });
});

describe('an id', () => {
  test('that two connectors have at once is, in a reading, that of the connector it names', () => {
    const second = [start(10, 'a2', { connectorId: 2, idTag: 'OTHER' }), numbered(11, 'a2', 513)];
    const result = run([...started, ...second, reading(60, 2000, { transactionId: 513, connectorId: 2 })]);
    expect(last(result)).toMatchObject({ kind: 'session-updated', session: { evse: { evseId: 2 } } });
  });

  test('as text is the number that it says', () => {
    const result = run([
      ...started,
      reading(60, 2000, { transactionId: '513' }),
      stop(600, 9000, { transactionId: '513.0' }),
    ]);
    expect(kinds(result)).toEqual(WHOLE);
  });
});

describe('registers', () => {
  test('in a signed sample beside a plain one are not mistaken for it', () => {
    const sampledValue = [{ value: 'OCMF|{"RV":99}', format: 'SignedData' }, { value: '2000' }];
    const signed = said(60, 'm', 'MeterValues', {
      connectorId: 1,
      transactionId: 513,
      meterValue: [{ timestamp: '@+60', sampledValue }],
    });
    expect(run([...started, signed]).station.book.running).toMatchObject([{ lastRegisterWh: 2000 }]);
  });

  test('with blanks around them count; those that are no number do not', () => {
    const sampledValue = [{ value: 'NaN' }, { value: '' }, { value: null }, { value: ' 2000 ' }];
    const odd = said(60, 'm', 'MeterValues', {
      connectorId: 1,
      transactionId: 513,
      meterValue: [{ timestamp: '@+60', sampledValue }],
    });
    expect(run([...started, odd]).station.book.running).toMatchObject([{ lastRegisterWh: 2000 }]);
  });
});

describe('tolerance', () => {
  test('words in small letters mean what they say', () => {
    const result = run([...started, status(60, 'charging'), stop(600, 9000, { reason: 'local' })]);
    expect(last(result)).toMatchObject({ kind: 'session-ended', stopReason: 'Local' });
  });

  test('readings of connector 0 that name the session are its own', () => {
    expect(
      kinds(run([...started, reading(60, 2000, { transactionId: 513, connectorId: 0 }), stop(600, 9000)])),
    ).toEqual(WHOLE);
  });
});

describe('a 2.0.1 session for a 1.6 provider', () => {
  const methods = ({ station }: ReturnType<typeof run>) =>
    station.sent.stekker.map(({ body }) => (body as { event: { method: string } }).event.method);

  test('that names EVSE 0 first is told when its EVSE is named', () => {
    const first = run([step(0, 'Started', 0, { evse: { id: 0 } })], 2, ['stekker'], 'ocpp2.0.1');
    expect(methods(first)).toEqual([]);
    const events = [step(0, 'Started', 0, { evse: { id: 0 } }), step(60, 'Updated', 1, { evse: { id: 2 } })];
    expect(methods(run(events, 2, ['stekker'], 'ocpp2.0.1'))).toContain('StartTransaction');
  });

  test('whose events come in the wrong order is told in the right one', () => {
    const events = [
      step(60, 'Updated', 1, { meterValue: [{ timestamp: '@+60', sampledValue: [{ value: 1000 }] }] }),
      step(0, 'Started', 0, { evse: { id: 1 } }),
      step(600, 'Ended', 2),
    ];
    expect(methods(run(events, 2, ['stekker'], 'ocpp2.0.1')).slice(0, 3)).toEqual([
      'StartTransaction',
      'MeterValues',
      'StopTransaction',
    ]);
  });
});
