/** Replies and messages that come hours late find their place, and hold nothing else back meanwhile. */
import { expect, test } from 'vitest';
import { arriving, instantOf, numbered, run, runReport, said } from './field-world.ts';

const HOUR = 3600;

const start = (after: number, id: string, { connectorId = 1, idTag = '04AABBCC', meterStart = 1000 } = {}) =>
  said(after, id, 'StartTransaction', { connectorId, idTag, meterStart, timestamp: `@+${after}` });
const reading = (after: number, wh: number, transactionId?: number, connectorId = 1) =>
  said(after, `m-${after}-${connectorId}`, 'MeterValues', {
    connectorId,
    transactionId,
    meterValue: [{ timestamp: `@+${after}`, sampledValue: [{ value: String(wh) }] }],
  });
const status = (after: number, state: string) =>
  said(after, `s-${after}`, 'StatusNotification', {
    connectorId: 1,
    status: state,
    errorCode: 'NoError',
    timestamp: `@+${after}`,
  });
const stop = (after: number, transactionId: number, meterStop: number) =>
  said(after, `z-${after}`, 'StopTransaction', { transactionId, meterStop, timestamp: `@+${after}`, reason: 'Local' });

/** The events of sessions in words: what happened, under which id, at which register. */
const told = ({ events }: ReturnType<typeof run>) =>
  events.flatMap((event) => {
    if (!('sequence' in event)) return [];
    const id = event.session.transactionId.ocpp201;
    if (event.kind === 'session-started') return [`${id} started ${event.meterStartWh}`];
    if (event.kind === 'session-ended') return [`${id} ended ${event.meterStopWh}`];
    return [`${id} ${event.meterValues[0]?.samples[0]?.value ?? event.chargingState}`];
  });

test('an answer that is delivered after ten minutes opens its session, with all that was said meanwhile', () => {
  const outcome = runReport('70-answer-after-retries');
  expect(told(outcome)).toEqual(['7 started 1000', '7 1001', '7 1011', '7 ended 2000']);
  expect(outcome.kept).toEqual([]);
  expect(outcome.station.sent.jedlix).toHaveLength(4);
  expect(outcome.station.sent.stekker.length).toBeGreaterThanOrEqual(4);
});

test('everything but the start is delivered five hours late and in no order: the session is whole', () => {
  const outcome = run([
    start(0, 'a1'),
    arriving(5 * HOUR, stop(1200, 7, 3000)),
    arriving(5 * HOUR + 1, reading(600, 2000, 7)),
    arriving(5 * HOUR + 700, numbered(1, 'a1', 7)),
    arriving(5 * HOUR + 701, reading(900, 2500, 7)),
  ]);
  expect(told(outcome)).toEqual(['7 started 1000', '7 2000', '7 ended 3000']);
  expect(outcome.kept).toEqual([{ event: 5, reason: 'session-ended' }]);
});

test('readings without an id that were said while the answer was on its way are the session’s, until the car has left', () => {
  const { station, ...outcome } = run([
    start(0, 'a1'),
    reading(60, 1100),
    arriving(700, reading(700, 1200)),
    arriving(800, status(800, 'Available')),
    arriving(900, reading(900, 9000)),
    arriving(HOUR, numbered(1, 'a1', 7)),
  ]);
  expect(told({ station, ...outcome })).toEqual(['7 started 1000', '7 1100', '7 1200']);
  station.wait(instantOf(2.1 * HOUR));
  expect(station.events.at(-1)).toMatchObject({ kind: 'session-ended', meterStopWh: 1200 });
});

test('a start without an answer holds no status back for longer than ten minutes, nor any that is said later', () => {
  const { station, events } = run([start(0, 'a1'), status(60, 'Charging'), arriving(700, status(700, 'SuspendedEV'))]);
  expect(events.map((event) => event.kind === 'connector-status-changed' && event.status.state)).toEqual([
    'Charging',
    'SuspendedEV',
  ]);
  expect(station.book.starts).toHaveLength(1);
});

test('a newer start on its connector voids a start without an answer: what waited goes out, the late answer opens nothing', () => {
  const outcome = run([
    start(0, 'a1'),
    status(5, 'Charging'),
    arriving(800, start(800, 'b1', { idTag: '04DDEEFF', meterStart: 1200 })),
    arriving(801, numbered(801, 'b1', 8)),
    arriving(860, reading(860, 1500, 8)),
    arriving(2 * HOUR, numbered(1, 'a1', 7)),
    arriving(2 * HOUR, reading(7200, 1900, 8)),
  ]);
  expect(outcome.events[0]).toMatchObject({ kind: 'connector-status-changed', status: { state: 'Charging' } });
  expect(told(outcome)).toEqual(['8 started 1200', '8 1500', '8 1900']);
  expect(outcome.kept).toEqual([{ event: 1, reason: 'start-unanswered' }]);
});

test('a session that is over before the answer of its start comes is told whole, though the next one runs by then', () => {
  const outcome = run([
    start(0, 'a1'),
    stop(500, 7, 1100),
    arriving(800, start(800, 'b1', { idTag: '04DDEEFF', meterStart: 1100 })),
    arriving(801, numbered(801, 'b1', 8)),
    arriving(HOUR, numbered(1, 'a1', 7)),
    arriving(HOUR, reading(HOUR, 1900, 8)),
  ]);
  expect(told(outcome)).toEqual(['8 started 1100', '7 started 1000', '7 ended 1100', '8 1900']);
});

test('after a day a start without an answer is given up, and its answer opens nothing', () => {
  const { station } = run([start(0, 'a1')]);
  station.wait(instantOf(24 * HOUR - 1));
  expect(station.kept).toEqual([]);
  station.wait(instantOf(24 * HOUR));
  expect(station.kept).toEqual([{ event: 1, reason: 'start-unanswered' }]);
});

test('what waits for hours stands in the log, not in the book', () => {
  const readings = Array.from({ length: 60 }, (_, index) => reading(60 * index, 1000 + index, 99));
  const { station } = run([start(0, 'a0'), numbered(1, 'a0', 5), ...readings]);
  station.wait(instantOf(2 * HOUR));
  expect(station.book.waiting).toEqual([]);
  expect(station.book.shelved).toHaveLength(60);
  expect(JSON.stringify(station.book.shelved).length).toBeLessThan(7000);
});

const failed = (after: number, id: string) => ({
  protocol: 'ocpp1.6',
  direction: 'csms',
  timestamp: `@+${after}`,
  frame: [4, id, 'RpcFrameworkError', 'Call already in progress', {}],
});
const boot = (after: number, id: string) =>
  said(after, id, 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });

test('of two starts under one message id the answer is of the newest that was not seen after it', () => {
  const { events, station } = runReport('47-late-answer-same-id');
  expect(events.filter(({ kind }) => kind === 'session-started')).toMatchObject([
    { meterStartWh: 1200, session: { idToken: { value: '04DDEEFF' }, transactionId: { ocpp201: '534' } } },
  ]);
  expect(events.at(-1)).toMatchObject({ kind: 'session-updated' });
  expect(station.book.starts).toMatchObject([{ request: { meterStartWh: 1000 } }]);
});

test('the answer of before the reboot, delivered after the start of after it, is of the first start', () => {
  const { events } = run([
    start(10, '2'),
    stop(80, 533, 1100),
    boot(100, '1'),
    start(110, '2', { idTag: '04DDEEFF', meterStart: 1200 }),
    numbered(11, '2', 533),
    numbered(111, '2', 534),
  ]);
  expect(
    events.flatMap((event) =>
      event.kind === 'session-started' ? [[event.session.transactionId.ocpp16, event.meterStartWh]] : [],
    ),
  ).toEqual([
    [533, 1000],
    [534, 1200],
  ]);
});

test('an answer that overtakes its start is not of the start from before the reboot', () => {
  const outcome = run([
    start(10, '2', { idTag: '04AABBCC' }),
    boot(100, '1'),
    numbered(111, '2', 534),
    start(110, '2', { idTag: '04DDEEFF', meterStart: 1200 }),
  ]);
  expect(told(outcome)).toEqual(['534 started 1200']);
});

test('a start that the CSMS answered with an error waits on: it is said again under its id, and the answer opens the session', () => {
  const outcome = run([start(0, 'x'), failed(1, 'x'), start(0, 'x'), numbered(31, 'x', 7), reading(90, 1100, 7)]);
  expect(outcome.acceptances[2]).toBe('duplicate');
  expect(told(outcome)).toEqual(['7 started 1000', '7 1100']);
});

test('an error that is delivered before its start, and the answer hours after both, lose nothing', () => {
  const outcome = run([
    failed(1, 'x'),
    start(0, 'x'),
    status(2, 'Charging'),
    reading(60, 1100),
    arriving(3 * HOUR, numbered(31, 'x', 7)),
  ]);
  expect(outcome.events[0]).toMatchObject({ kind: 'connector-status-changed' });
  expect(told(outcome)).toEqual(['7 started 1000', '7 1100']);
});
