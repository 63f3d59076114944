/** What chargers in the field write otherwise than OCPP says is read as it is meant. */
import { describe, expect, test } from 'vitest';
import { numbered, run, runReport, said, written } from './field-world.ts';

const START = { connectorId: 1, idTag: '04AABBCC', meterStart: 1000, timestamp: '@+0' };
const started = [said(0, 'a1', 'StartTransaction', START), numbered(1, 'a1', 513)];

test('a stop with the id 2^63 - 1 ends the only session that runs', () => {
  const { events, acceptances } = runReport('13-alfen-int64-stop');
  expect(acceptances).not.toContain('rejected: frame-invalid');
  expect(events.at(-1)).toMatchObject({
    kind: 'session-ended',
    meterStopWh: 9000,
    session: { transactionId: { ocpp16: 513 } },
  });
});

test('one reading where a list belongs is a list of one', () => {
  const { events } = runReport('14-huawei-metervalue-object');
  expect(events.at(-1)).toMatchObject({
    kind: 'session-updated',
    meterValues: [{ samples: [{ value: 1.5, unit: 'kWh' }] }],
  });
});

test('a stop with an unusable id and another token ends no session', () => {
  const stop = { transactionId: '9223372036854775807', meterStop: 9000, timestamp: '@+60', idTag: '04FFFFFF' };
  const { station } = run([...started, said(60, 'a2', 'StopTransaction', stop)]);
  expect(station.book.running).toHaveLength(1);
});

test('a stop with an unusable id and a register below the session ends no session', () => {
  const stop = { transactionId: '9223372036854775807', meterStop: 500, timestamp: '@+60' };
  expect(run([...started, said(60, 'a2', 'StopTransaction', stop)]).station.book.running).toHaveLength(1);
});

describe('a stop with the id 0, where exactly one session runs', () => {
  const stop = (meterStop: number, more: object = {}) =>
    said(600, 'z', 'StopTransaction', { transactionId: 0, meterStop, timestamp: '@+600', ...more });
  const other = (after: number, id: string) =>
    said(after, id, 'StartTransaction', { ...START, connectorId: 2, timestamp: `@+${after}` });
  const refused = {
    ...numbered(61, 'b1', 514),
    frame: [3, 'b1', { transactionId: 514, idTagInfo: { status: 'Invalid' } }],
  };
  const failed = { ...numbered(61, 'b1', 514), frame: [4, 'b1', 'InternalError', '', {}] };

  test('ends it', () => {
    const { events, station } = run([...started, stop(9000)]);
    expect(events.at(-1)).toMatchObject({ kind: 'session-ended', meterStopWh: 9000 });
    expect(station.book.running).toEqual([]);
  });

  test.each([
    ['was refused', [other(60, 'b1'), refused]],
    ['failed', [other(60, 'b1'), failed]],
    ['has no answer', [other(60, 'b1')]],
  ])('does not end it when a start since then %s, be it on another connector', (_, events) => {
    expect(run([...started, ...events, stop(9000)]).station.book.running).toHaveLength(1);
  });

  test('does not end it when that start was given up', () => {
    const { station } = run([...started, other(60, 'b1')]);
    station.wait(Date.parse('2026-03-31T12:30:00Z'));
    station.take(written({ ...stop(9000), chargePointId: 'CP-1' }));
    expect(station.book.running).toHaveLength(1);
  });

  test('ends it when the refused start came before it', () => {
    const before = [other(-120, 'b1'), { ...refused, timestamp: '@+-119' }];
    expect(run([...before, ...started, stop(9000)]).station.book.running).toEqual([]);
  });

  test('ends it without a register only by its token', () => {
    expect(run([...started, stop(-1)]).station.book.running).toHaveLength(1);
    expect(run([...started, stop(-1, { idTag: '04aabbcc' })]).station.book.running).toEqual([]);
  });
});

test('a token of a remote start in small letters with a NUL behind it is the one of the start', () => {
  const remote = { ...said(0, 'r', 'RemoteStartTransaction', { idTag: '04aabbcc\0 ' }), direction: 'csms' };
  expect(run([remote, ...started]).events[0]).toMatchObject({ kind: 'session-started', trigger: 'RemoteStart' });
});

test('a start on connector 0 of a charger with one connector is on connector 1, and one without a token has the placeholder', () => {
  const start = { connectorId: 0, meterStart: '1000', timestamp: '@+0' };
  expect(run([said(0, 'a1', 'StartTransaction', start), numbered(1, 'a1', 513)], 1).events[0]).toMatchObject({
    kind: 'session-started',
    session: { evse: { evseId: 1 }, idToken: { value: 'ANONYMOUS' } },
    meterStartWh: 1000,
  });
});
