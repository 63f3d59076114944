/** Sessions that should be over: whose connector said Available though no stop came, as in reports from the field. */
import { describe, expect, test } from 'vitest';
import { numbered, run, runReport, said } from './field-world.ts';

const START = { connectorId: 1, idTag: '04AABBCC', meterStart: 1000, timestamp: '@+0' };
const status = (after: number, state: string) =>
  said(after, `s${after}`, 'StatusNotification', {
    connectorId: 1,
    status: state,
    errorCode: 'NoError',
    timestamp: `@+${after}`,
  });
const reading = (after: number, value: string, said16: object = {}) =>
  said(after, `r${after}`, 'MeterValues', {
    connectorId: 1,
    ...said16,
    meterValue: [{ timestamp: `@+${after}`, sampledValue: [{ value }] }],
  });
const started = [said(0, 'a1', 'StartTransaction', START), numbered(1, 'a1', 516), status(5, 'Charging')];
const ofSession = ({ events }: ReturnType<typeof run>) =>
  events.filter((event) => event.kind.startsWith('session-')).map((event) => [event.kind, 'at' in event && event.at]);

describe('after Available and without a stop', () => {
  test('clock-aligned readings without an id are nobody’s, and the session ends an hour after Available', () => {
    const world = runReport('16-clock-aligned-after-lost-stop');
    expect(world.events.filter(({ kind }) => kind === 'meter-values-taken')).toHaveLength(3);
    const sent = [...world.station.sent.jedlix, ...world.station.sent.stekker].map(({ body }) => JSON.stringify(body));
    expect(sent.filter((body) => body.includes('Sample.Clock'))).toEqual([]);
    world.station.wait(Date.parse('2026-03-31T14:00:00Z'));
    expect(world.events.at(-1)).toMatchObject({ kind: 'session-ended', at: '2026-03-31T13:00:00.000Z' });
    expect(world.station.book.running).toEqual([]);
  });

  test('the next car’s Preparing does not revive it, and is told as the connector’s status', () => {
    const world = run([...started, status(600, 'Available'), status(1200, 'Preparing')]);
    expect(world.events.at(-1)).toMatchObject({ kind: 'connector-status-changed', status: { state: 'Preparing' } });
    world.station.wait(Date.parse('2026-03-31T13:10:00Z'));
    expect(world.events.at(-1)).toMatchObject({ kind: 'session-ended', at: '2026-03-31T12:10:00.000Z' });
  });

  test('a connector that repeats Available every half an hour does not keep it running', () => {
    const world = run([...started, ...[600, 2400, 4100].map((after) => status(after, 'Available'))]);
    world.station.wait(Date.parse('2026-03-31T13:10:00Z'));
    expect(ofSession(world).at(-1)).toEqual(['session-ended', '2026-03-31T12:10:00.000Z']);
  });

  test('a reading that was taken before, and comes late without an id, is still its own and gives it no more time', () => {
    const late = { ...reading(590, '9000'), timestamp: '@+3000' };
    const world = run([...started, status(600, 'Available'), late]);
    expect(world.events.at(-1)).toMatchObject({ kind: 'session-updated', session: { transactionId: { ocpp16: 516 } } });
    world.station.wait(Date.parse('2026-03-31T13:10:00Z'));
    expect(world.station.book.running).toEqual([]);
  });

  test.each(['Charging', 'SuspendedEV', 'SuspendedEVSE'])('%s revives it', (state) => {
    const world = run([...started, status(600, 'Available'), status(700, state), reading(800, '9000')]);
    expect(ofSession(world).at(-1)).toEqual(['session-updated', '2026-03-31T12:13:20.000Z']);
    world.station.wait(Date.parse('2026-03-31T20:00:00Z'));
    expect(world.station.book.running).toMatchObject([{ stationId: '516', chargingState: state }]);
  });

  test('a reading that names the transaction gives it another hour', () => {
    const world = run([...started, status(600, 'Available'), reading(700, '9000', { transactionId: 516 })]);
    world.station.wait(Date.parse('2026-03-31T13:11:00Z'));
    expect(world.station.book.running).toHaveLength(1);
    world.station.wait(Date.parse('2026-03-31T13:11:40Z'));
    expect(world.station.book.running).toEqual([]);
  });
});

test('on OCPP 2.0.1 the next car’s Occupied does not revive a session whose end was lost, and is Preparing', () => {
  const frame = (after: number, action: string, payload: object) => ({
    protocol: 'ocpp2.0.1',
    direction: 'cs',
    timestamp: `@+${after}`,
    frame: [2, `m${after}`, action, { timestamp: `@+${after}`, ...payload }],
  });
  const transactionInfo = { transactionId: 'T-1', chargingState: 'Charging' };
  const begin = { eventType: 'Started', triggerReason: 'Authorized', seqNo: 0, transactionInfo, evse: { id: 1 } };
  const connector = (connectorStatus: string) => ({ evseId: 1, connectorId: 1, connectorStatus });
  const world = run([
    frame(0, 'TransactionEvent', begin),
    frame(600, 'StatusNotification', connector('Available')),
    frame(1200, 'StatusNotification', connector('Occupied')),
  ]);
  expect(world.events.at(-1)).toMatchObject({ kind: 'connector-status-changed', status: { state: 'Preparing' } });
  world.station.wait(Date.parse('2026-03-31T13:10:00Z'));
  expect(world.events.at(-1)).toMatchObject({ kind: 'session-ended', at: '2026-03-31T12:10:00.000Z' });
});
