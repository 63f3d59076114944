/** Clocks of chargers that are wrong, and ids that are right all the same, as in reports from the field. */
import { expect, test } from 'vitest';
import { runReport, numbered, run, said } from './field-world.ts';

const at = (after: number) => new Date(Date.parse('2026-03-31T12:00:00Z') + after * 1000).toISOString();
const startAt = (timestamp: string) =>
  said(0, 'a1', 'StartTransaction', { connectorId: 1, idTag: '04AABBCC', meterStart: 1000, timestamp });
const readingsOf = ({ events }: ReturnType<typeof run>) =>
  events.flatMap((event) =>
    event.kind === 'session-updated' ? event.meterValues.flatMap(({ samples }) => samples.map(({ text }) => text)) : [],
  );

test('a status of 1970 is of when it was seen', () => {
  expect(runReport('03-status-1970-in-session').events.at(-1)).toMatchObject({
    kind: 'session-updated',
    chargingState: 'Charging',
    at: at(75),
    connectorStatus: { at: at(75) },
  });
});

test('a start of 2036 is of when it was seen, and what names it or its connector is its own', () => {
  const world = runReport('05-start-2036-clock');
  expect(world.events[0]).toMatchObject({ kind: 'session-started', at: at(0) });
  expect(readingsOf(world)).toEqual(['1500', '2000']);
  expect(world.station.book.running).toMatchObject([{ chargingState: 'Charging' }]);
});

test('a clock that is set back two hours in mid-session loses no reading', () => {
  const world = runReport('08-clock-set-back-two-hours');
  expect(readingsOf(world)).toEqual(['1100', '1200', '8000']);
  expect(world.events[0]).toMatchObject({ at: at(0) });
  expect(world.events.at(-1)).toMatchObject({ kind: 'session-ended', at: at(3700), meterStopWh: 8100 });
});

test('a session whose stop says a time before its start ends when it started', () => {
  const stop = { transactionId: 509, meterStop: 2000, timestamp: '@+-3600' };
  const world = run([startAt('@+0'), numbered(1, 'a1', 509), said(60, 'a2', 'StopTransaction', stop)]);
  expect(world.events.at(-1)).toMatchObject({ kind: 'session-ended', at: at(0), meterStopWh: 2000 });
});

test('a year beyond 9999 is no time: what is sent stays RFC 3339', () => {
  const world = run([startAt('9999-12-31T23:59:59-14:00'), numbered(1, 'a1', 509)]);
  expect(world.events[0]).toMatchObject({ kind: 'session-started', at: at(0) });
});

test('readings and the stop that name a running session are its own after another card was refused there', () => {
  const world = runReport('49-other-card-refused-in-session');
  expect(readingsOf(world)).toEqual(['1500', '2000', '2500']);
  expect(world.events.at(-1)).toMatchObject({ kind: 'session-ended', meterStopWh: 5000 });
});

test('local time without a zone, ahead of UTC, is of when it was seen', () => {
  const world = run([startAt('2026-03-31T14:00:00'), numbered(1, 'a1', 510)]);
  expect(world.events[0]).toMatchObject({ kind: 'session-started', at: at(0) });
  expect(world.station.sent.stekker[0]?.body).toMatchObject({ event: { params: { timestamp: at(0) } } });
});

test('a 2.0.1 transaction told by a clock that was never set is told at the times at which it was seen', () => {
  const step = (after: number, eventType: string, value: number) => ({
    protocol: 'ocpp2.0.1',
    direction: 'cs',
    timestamp: `@+${after}`,
    frame: [
      2,
      `t${after}`,
      'TransactionEvent',
      {
        eventType,
        timestamp: `2000-01-01T00:00:0${after / 60}Z`,
        triggerReason: 'MeterValuePeriodic',
        seqNo: after / 60,
        transactionInfo: { transactionId: 'T1' },
        evse: { id: 1, connectorId: 1 },
        meterValue: [{ timestamp: `2000-01-01T00:00:0${after / 60}Z`, sampledValue: [{ value }] }],
      },
    ],
  });
  const { station } = run([step(0, 'Started', 1000), step(60, 'Updated', 1500), step(120, 'Ended', 2000)]);
  expect(station.sent.jedlix.map(({ body }) => body)).toMatchObject(
    ['Started', 'Updated', 'Ended'].map((eventType, index) => ({
      eventType,
      timestamp: at(index * 60),
      meterValue: [{ timestamp: at(index * 60) }],
    })),
  );
});

const meterValues = (after: number, transactionId: number, value: string) =>
  said(after, `m${after}`, 'MeterValues', {
    connectorId: 1,
    transactionId,
    meterValue: [{ timestamp: `@+${after}`, sampledValue: [{ value }] }],
  });
const startAgain = (after: number) =>
  said(after, 'b1', 'StartTransaction', {
    connectorId: 1,
    idTag: '04DDEEFF',
    meterStart: 1500,
    timestamp: `@+${after}`,
  });

test('readings and the stop that name a running session are its own after a start there that the CSMS could not take', () => {
  const failed = { ...said(301, 'b1', '', {}), direction: 'csms', frame: [4, 'b1', 'InternalError', '', {}] };
  const stop = said(600, 's1', 'StopTransaction', { transactionId: 520, meterStop: 3000, timestamp: '@+600' });
  const world = run([
    startAt('@+0'),
    numbered(1, 'a1', 520),
    startAgain(300),
    failed,
    meterValues(400, 520, '2000'),
    stop,
  ]);
  expect(readingsOf(world)).toEqual(['2000']);
  expect(world.events.at(-1)).toMatchObject({ kind: 'session-ended', meterStopWh: 3000, at: at(600) });
});

test('readings and the stop that name a running session are its own after a start there that nobody answered', () => {
  const stop = said(1800, 's1', 'StopTransaction', { transactionId: 521, meterStop: 3000, timestamp: '@+1800' });
  const world = run([startAt('@+0'), numbered(1, 'a1', 521), startAgain(300), meterValues(1200, 521, '2000'), stop]);
  expect(readingsOf(world)).toEqual(['2000']);
  expect(world.events.at(-1)).toMatchObject({ kind: 'session-ended', meterStopWh: 3000, at: at(1800) });
});

test('readings that name a running session do not wait for the answer of a start that was said there since', () => {
  const world = run([startAt('@+0'), numbered(1, 'a1', 522), startAgain(300), meterValues(400, 522, '2000')]);
  expect(readingsOf(world)).toEqual(['2000']);
});
