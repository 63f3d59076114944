/** What chargers in the field write otherwise than OCPP says is read as it is meant. */
import { expect, test } from 'vitest';
import { numbered, run, runReport, said } from './field-world.ts';

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
