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
