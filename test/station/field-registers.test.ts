/** Which registers count as a session's, and which are unknown: nothing is made up in their place. */
import { describe, expect, test } from 'vitest';
import { numbered, run, runReport, said } from './field-world.ts';

const REGISTER = 'Energy.Active.Import.Register';
const start = (after: number, id: string, meterStart: number) =>
  said(after, id, 'StartTransaction', { connectorId: 1, idTag: '04AABBCC', meterStart, timestamp: `@+${after}` });
const started = (meterStart: number, transactionId = 515) => [
  start(0, 'a1', meterStart),
  numbered(1, 'a1', transactionId),
];
const read = (after: number, ...sampledValue: readonly object[]) =>
  said(after, `m${after}`, 'MeterValues', {
    connectorId: 1,
    transactionId: 515,
    meterValue: [{ timestamp: `@+${after}`, sampledValue }],
  });
const stop = (meterStop: number, more: object = {}) =>
  said(3600, 'z', 'StopTransaction', { transactionId: 515, meterStop, timestamp: '@+3600', reason: 'Local', ...more });
const wh = (value: number, more: object = {}) => ({ value: String(value), measurand: REGISTER, unit: 'Wh', ...more });

/** What the session ended at, for each provider: Stekker's meterStop, and the registers that Jedlix was told. */
function endOf({ station, events }: ReturnType<typeof run>) {
  const jedlix = JSON.stringify(station.sent.jedlix.at(-1)?.body);
  const ended = events.findLast(({ kind }) => kind === 'session-ended');
  return {
    meterStopWh: ended?.kind === 'session-ended' ? ended.meterStopWh : undefined,
    stekker: JSON.stringify(station.sent.stekker).match(/"meterStop":(-?\d+)/)?.[1],
    jedlix: [...jedlix.matchAll(/"value":(-?[\d.]+)/g)].map(([, value]) => Number(value)),
  };
}

describe('a stop whose register is unknown', () => {
  test('because it is negative ends at the last register; Jedlix is told none', () => {
    expect(endOf(runReport('15-meterstop-minus-1'))).toEqual({ meterStopWh: 9000, stekker: '9000', jedlix: [] });
  });

  test('because it is negative in its readings too', () => {
    const transactionData = [{ timestamp: '@+3600', sampledValue: [wh(-1, { context: 'Transaction.End' })] }];
    const ended = endOf(run([...started(1000), read(60, wh(9000)), stop(-1, { transactionData })]));
    expect(ended).toEqual({ meterStopWh: 9000, stekker: '9000', jedlix: [] });
  });

  test('because it is below what was read before', () => {
    const ended = endOf(run([...started(1000), read(60, wh(9000)), stop(1200)]));
    expect(ended).toEqual({ meterStopWh: 9000, stekker: '9000', jedlix: [] });
  });

  test('because it is below the start ends at the start', () => {
    expect(endOf(run([...started(1000), stop(0)]))).toMatchObject({ meterStopWh: 1000, stekker: '1000', jedlix: [] });
  });

  test('because it is a counter for life ends at the last register', () => {
    expect(endOf(run([...started(0), read(60, wh(9000)), stop(7_654_321)]))).toMatchObject({ meterStopWh: 9000 });
  });

  test('is known when it is only rounded otherwise', () => {
    const ended = endOf(run([...started(1000), read(60, wh(9004.6)), stop(9000)]));
    expect(ended).toEqual({ meterStopWh: 9000, stekker: '9000', jedlix: [9000] });
  });

  test('does not make its repetition the stop of another session with the same id', () => {
    const other = said(4000, 'b1', 'StartTransaction', {
      connectorId: 2,
      idTag: '04AABBCC',
      meterStart: 0,
      timestamp: '@+1000',
    });
    const zero = said(3600, 'z', 'StopTransaction', { transactionId: 0, meterStop: 1200, timestamp: '@+3600' });
    const again = said(3700, 'z2', 'StopTransaction', { transactionId: 0, meterStop: 1200, timestamp: '@+3600' });
    const reading = {
      ...read(60, wh(9000)),
      frame: [2, 'm', 'MeterValues', { connectorId: 1, meterValue: [{ timestamp: '@+60', sampledValue: [wh(9000)] }] }],
    };
    const { station } = run([...started(1000, 0), reading, zero, other, numbered(4001, 'b1', 0), again]);
    expect(station.book.running.map(({ ref }) => ref.evse.evseId)).toEqual([2]);
  });
});

describe('a session without an outlet’s total', () => {
  const next = [start(4000, 'b1', 20_000), numbered(4001, 'b1', 563)];

  test('whose phases are all told ends at their sum', () => {
    expect(endOf(runReport('62-register-per-phase'))).toMatchObject({ meterStopWh: 9000, stekker: '9000' });
  });

  test('of which one phase is missing ends at its start', () => {
    const phases = [wh(3000, { phase: 'L1' }), wh(3000, { phase: 'L2' })];
    expect(endOf(run([...started(1000), read(600, ...phases), ...next]))).toMatchObject({ meterStopWh: 1000 });
  });

  test('ends at the total of its phases where that is told too, not at a sum', () => {
    const phases = ['L1', 'L2', 'L3'].map((phase) => wh(3000, { phase }));
    expect(endOf(run([...started(1000), read(600, ...phases, wh(9100)), ...next]))).toMatchObject({
      meterStopWh: 9100,
    });
  });

  test.each([
    [['EV', 'Cable', 'Body'], 'Body'],
    [['EV', 'Cable'], 'Cable'],
    [['Inlet', 'EV'], 'EV'],
    [['Body', 'Outlet'], 'Outlet'],
  ])('of %j ends at the register of the %s', (locations, best) => {
    const samples = locations.map((location) => wh(location === best ? 5000 : 7000, { location }));
    expect(endOf(run([...started(1000), read(600, ...samples), ...next]))).toMatchObject({ meterStopWh: 5000 });
  });

  test('does not take the car’s own counter once the outlet’s was read', () => {
    const readings = [read(600, wh(5000)), read(700, wh(8000, { location: 'EV' }))];
    expect(endOf(run([...started(1000), ...readings, ...next]))).toMatchObject({ meterStopWh: 5000 });
  });

  test('ends where its phases say at the end, in OCPP 2.0.1 too', () => {
    const step = (after: number, eventType: string, context: string, value: number) => ({
      ...said(after, `t${after}`, 'TransactionEvent', {
        eventType,
        timestamp: `@+${after}`,
        triggerReason: 'Authorized',
        seqNo: after,
        transactionInfo: { transactionId: 'T1' },
        evse: { id: 1 },
        meterValue: [
          {
            timestamp: `@+${after}`,
            sampledValue: ['L1-N', 'L2-N', 'L3-N'].map((phase) => ({ value, context, measurand: REGISTER, phase })),
          },
        ],
      }),
      protocol: 'ocpp2.0.1',
    });
    const { events } = run([
      step(0, 'Started', 'Transaction.Begin', 100.1),
      step(60, 'Ended', 'Transaction.End', 200.2),
    ]);
    expect(events).toMatchObject([{ meterStartWh: 300.3 }, { meterStopWh: 600.6 }]);
    expect(events.at(-1)).not.toHaveProperty('isRegisterInferred');
  });
});

describe('a counter for life among a session’s registers', () => {
  test('is not the session’s, whichever comes last', () => {
    const readings = [read(60, wh(300)), read(120, wh(7_654_321)), read(180, wh(900), wh(7_654_999))];
    const { station } = run([...started(0), ...readings]);
    expect(station.book.running).toMatchObject([{ lastRegisterWh: 900 }]);
  });

  test('that is young is not the session’s when both are read at once', () => {
    const { station } = run([...started(0), read(60, wh(300), wh(80_300)), read(120, wh(900), wh(80_900))]);
    expect(station.book.running).toMatchObject([{ lastRegisterWh: 900 }]);
  });

  test('is the session’s when its start was read from it', () => {
    const { station } = run([...started(7_650_000), read(60, wh(7_654_321)), read(120, wh(300))]);
    expect(station.book.running).toMatchObject([{ lastRegisterWh: 7_654_321 }]);
  });
});

test('a start whose register is negative begins at the last one of its connector', () => {
  const { events } = run([...started(1000), stop(5000), start(4000, 'b1', -1), numbered(4001, 'b1', 600)]);
  expect(events.at(-1)).toMatchObject({ kind: 'session-started', meterStartWh: 5000, isRegisterInferred: true });
});
