/** OCPP 2.0.1 sessions for a provider that listens in OCPP 1.6: where they run, whose they are, and what their connector says. */
import { describe, expect, test } from 'vitest';
import { numbered, run, runReport, said, written } from './field-world.ts';
import { expectOrder, flawsOf } from './sent.ts';

const TOKEN = { idToken: '04AABBCC', type: 'ISO14443' };

/** An event of a transaction, `after` seconds from the beginning. */
const step = (
  after: number,
  eventType: string,
  more: { info?: object; id?: string } & Record<string, unknown> = {},
) => {
  const { info, id = 'T1', ...rest } = more;
  return {
    ...said(after, `${id}-${after}`, 'TransactionEvent', {
      eventType,
      timestamp: `@+${after}`,
      triggerReason: 'Authorized',
      seqNo: after,
      transactionInfo: { transactionId: id, ...info },
      ...rest,
    }),
    protocol: 'ocpp2.0.1',
  };
};
const status = (after: number, connectorStatus: string, evseId = 1) => ({
  ...said(after, `s${after}`, 'StatusNotification', {
    timestamp: `@+${after}`,
    connectorStatus,
    evseId,
    connectorId: 1,
  }),
  protocol: 'ocpp2.0.1',
});
const register = (after: number, value: number) => ({
  meterValue: [{ timestamp: `@+${after}`, sampledValue: [{ value, measurand: 'Energy.Active.Import.Register' }] }],
});

/** What Stekker was sent, in a word for each: the action, its connector or transaction, and its status, register or token. */
function toStekker({ station }: ReturnType<typeof run>): string[] {
  return station.sent.stekker.map(({ body }) => {
    const { event } = JSON.parse(JSON.stringify(body));
    const { connectorId = '-', status: state, meterStart, meterStop, idTag } = event.params;
    return [event.method, connectorId, state ?? meterStart ?? meterStop ?? '', idTag ?? ''].join(' ').trim();
  });
}

/** The EVSE of each event that Jedlix was sent. */
const evsesToJedlix = ({ station }: ReturnType<typeof run>) =>
  station.sent.jedlix.map(({ body }) => JSON.parse(JSON.stringify(body)).evse?.id);

describe('a session that does not say where it runs', () => {
  test('is told to Stekker when an event names its EVSE, and to Jedlix at once', () => {
    const world = runReport('30-authorized-before-cable');
    expect(toStekker(world)).toEqual([
      'StartTransaction 2 0 04AABBCC',
      'StatusNotification 2 Preparing',
      'StatusNotification 2 Charging',
      'MeterValues 2',
      'StopTransaction - 4000',
      'StatusNotification 2 Finishing',
    ]);
    expect(evsesToJedlix(world)).toEqual([undefined, 2, 2, 2]);
    expectOrder(world.station.sent.jedlix);
    expect(flawsOf(world.station)).toEqual([]);
  });

  test('is told to Stekker at its end if no event names its EVSE: on the one where nothing else runs', () => {
    const other = step(0, 'Started', { id: 'T9', evse: { id: 1 }, idToken: TOKEN });
    const mine = { info: { chargingState: 'EVConnected' } };
    const world = run([other, step(10, 'Started', mine), step(60, 'Updated', register(60, 900)), step(90, 'Ended')]);
    expect(toStekker(world).slice(1)).toEqual(['StartTransaction 2 0 ANONYMOUS', 'StopTransaction - 900']);
    expect(world.station.book.running.map(({ stationId }) => stationId)).toEqual(['T9']);
    expect(evsesToJedlix(world)).toEqual([1, undefined, undefined, undefined]);
  });

  test('is told to Stekker with the token that came before its EVSE, and once only', () => {
    const world = run([
      step(0, 'Started', register(0, 100)),
      step(10, 'Updated', { idToken: TOKEN }),
      step(20, 'Updated', { evse: { id: 2 } }),
      step(30, 'Updated', { evse: { id: 2 }, ...register(30, 200) }),
    ]);
    expect(toStekker(world)).toEqual(['StartTransaction 2 100 04AABBCC', 'MeterValues 2']);
  });

  test('ends the session that was left behind on the EVSE where it turns out to run', () => {
    const world = run([
      step(0, 'Started', { id: 'T0', evse: { id: 2 } }),
      step(100, 'Started'),
      step(120, 'Updated', { evse: { id: 2 } }),
    ]);
    expect(world.station.book.running.map(({ stationId }) => stationId)).toEqual(['T1']);
    expect(toStekker(world).map((each) => each.split(' ')[0])).toEqual([
      'StartTransaction',
      'StopTransaction',
      'StartTransaction',
    ]);
  });

  test('is told to a provider that is paired before its EVSE is known when that is known', () => {
    const world = run([step(0, 'Started')], 2, ['jedlix']);
    world.station.pair('stekker');
    expect(toStekker(world)).toEqual([]);
    world.station.take(written({ ...step(120, 'Updated', { evse: { id: 2 } }), chargePointId: 'CP-1' }));
    expect(toStekker(world)[0]).toMatch(/^StartTransaction 2/);
  });
});

test('an OCPP 1.6 session of the whole station is told to Stekker when a reading names its connector', () => {
  const start = { connectorId: 0, idTag: '04AABBCC', meterStart: 7, timestamp: '@+0' };
  const meterValue = [{ timestamp: '@+60', sampledValue: [{ value: '9' }] }];
  const reading = said(60, 'a2', 'MeterValues', { connectorId: 2, transactionId: 513, meterValue });
  const world = run([said(0, 'a1', 'StartTransaction', start), numbered(1, 'a1', 513), reading]);
  expect(toStekker(world)).toEqual(['StartTransaction 2 7 04AABBCC', 'MeterValues 2']);
});

describe('a token that came after the start', () => {
  test('is in the stop', () => {
    const world = run([
      step(0, 'Started', { evse: { id: 1 } }),
      step(10, 'Updated', { idToken: TOKEN }),
      step(90, 'Ended'),
    ]);
    expect(toStekker(world)).toContain('StopTransaction - 0 04AABBCC');
  });

  test('is not in the stop when the start had one, or another token stopped the session', () => {
    const other = { idToken: '04FFEEDD', type: 'ISO14443' };
    const known = run([step(0, 'Started', { evse: { id: 1 }, idToken: TOKEN }), step(90, 'Ended')]);
    expect(toStekker(known)).toContain('StopTransaction - 0');
    const stopped = [
      step(0, 'Started', { evse: { id: 1 } }),
      step(10, 'Updated', { idToken: TOKEN }),
      step(90, 'Ended', { idToken: other }),
    ];
    expect(toStekker(run(stopped))).toContain('StopTransaction - 0 04FFEEDD');
  });
});

const statuses = (world: ReturnType<typeof run>) =>
  toStekker(world).flatMap((each) => (each.startsWith('Status') ? [each.split(' ')[2]] : []));

describe('the status of a connector', () => {
  test('is not that of an offline session that is told while the next one runs', () => {
    const world = runReport('37-offline-replay-during-next');
    expect(statuses(world)).toEqual(['Charging']);
    expect(world.station.book.running).toMatchObject([{ stationId: 'T2', lastRegisterWh: 9500 }]);
    expectOrder(world.station.sent.jedlix);
    const offline = world.station.sent.jedlix.filter(({ body }) => JSON.stringify(body).includes('"offline":true'));
    expect(offline).toHaveLength(3);
  });

  test('is not that of an offline session that is told after the connector was heard of', () => {
    const offline = { evse: { id: 1 }, offline: true };
    const world = run([
      status(5000, 'Occupied'),
      step(0, 'Started', { ...offline, info: { chargingState: 'Charging' } }),
      step(4000, 'Ended', { ...offline, info: { chargingState: 'Idle', stoppedReason: 'EVDisconnected' } }),
      status(5100, 'Occupied'),
    ]);
    expect(statuses(world)).toEqual(['Preparing', 'Preparing']);
  });

  test('is Preparing when a car comes after a session whose stop was lost', () => {
    const world = run([
      step(0, 'Started', { evse: { id: 1, connectorId: 1 }, info: { chargingState: 'Charging' } }),
      status(1000, 'Available'),
      status(1200, 'Occupied'),
    ]);
    expect(statuses(world)).toEqual(['Charging', 'Available', 'Preparing']);
  });

  test('is Preparing when a car comes after the stop before came late', () => {
    const world = run([
      step(0, 'Started', { evse: { id: 1, connectorId: 1 }, info: { chargingState: 'Charging' } }),
      status(1000, 'Available'),
      step(900, 'Ended', { info: { chargingState: 'EVConnected' } }),
      status(1200, 'Occupied'),
    ]);
    expect(statuses(world).at(-1)).toBe('Preparing');
  });
});
