import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStekker, type Stekker } from '../../sandbox/stekker.ts';
import { details, beside, inside, reading, send, start, stop } from './examples.ts';

let stekker: Stekker;

beforeEach(async () => {
  stekker = await startStekker({ token: 't0ken', pairingCodes: ['PEN4E', 'DWXYZ'], coordinates: 'lat-lon' });
});
afterEach(() => stekker.close());

const authorized = { authorization: 'Token t0ken' };
const put = (body: unknown) => send(`${stekker.url}/api/v1/events`, { method: 'PUT', headers: authorized, body });
const post = (body: unknown) => send(`${stekker.url}/api/v1/events`, { headers: authorized, body });
const refused = (status: number, error: string) =>
  expect.objectContaining({ status, body: expect.objectContaining({ error }) });
const withoutCode = (({ pairingCode: _code, ...rest }) => rest)(details);
const withConnector = (changes: object) => ({ ...details, connectors: [{ ...details.connectors[0], ...changes }] });

describe('Stekker pairs', () => {
  it('a charger whose code it gave out, and the same charger again', async () => {
    expect((await put(details)).status).toBe(200);
    expect((await put(details)).status).toBe(200);
    expect([...stekker.pairedChargers]).toEqual(['6']);
  });

  it('no charger with an unknown code', async () => {
    expect(await put({ ...details, pairingCode: 'XXXXX' })).toEqual(refused(404, 'pairing-code-unknown'));
  });

  it('no second charger with a used code', async () => {
    await put(details);
    expect(await put({ ...details, chargePointId: '7' })).toEqual(refused(404, 'pairing-code-used'));
  });

  it('takes details without a code only of a charger that is paired', async () => {
    expect(await put(withoutCode)).toEqual(refused(404, 'charger-not-paired'));
    await put(details);
    expect((await put(withoutCode)).status).toBe(200);
  });

  it('refuses unknown keys, two-letter countries and connectors without an id', async () => {
    expect(await put({ ...details, vendor: 'x' })).toEqual(refused(422, 'details-invalid'));
    expect(await put({ ...details, country: 'NL' })).toEqual(refused(422, 'details-invalid'));
    expect(await put(withConnector({ connectorId: undefined }))).toEqual(refused(422, 'details-invalid'));
  });

  it('refuses a maxPower that is not voltage × amperage × phases', async () => {
    expect(await put(withConnector({ maxPower: 7360 }))).toEqual(refused(422, 'details-inconsistent'));
    expect((await put(withConnector({ maxPower: 7360, powerType: undefined }))).status).toBe(200);
    expect((await put(withConnector({ maxPower: 14720, powerType: 'AC_2_PHASE_SPLIT' }))).status).toBe(200);
  });

  it('counts √3 for 380 V and more between the phases', async () => {
    expect((await put(withConnector({ maxVoltage: 400, maxPower: 22170 }))).status).toBe(200);
    expect(await put(withConnector({ maxVoltage: 400, maxPower: 38400 }))).toEqual(
      refused(422, 'details-inconsistent'),
    );
  });

  it('refuses a connector id that occurs twice', async () => {
    const connectors = [details.connectors[0], details.connectors[0]];
    expect(await put({ ...details, connectors })).toEqual(refused(422, 'details-inconsistent'));
  });

  it('refuses coordinates in the other order', async () => {
    const geometry = { type: 'Point', coordinates: [5.365, 52.583] };
    expect(await put({ ...details, geometry })).toEqual(refused(422, 'details-inconsistent'));
  });
});

describe('Stekker refuses', () => {
  it('other paths and methods', async () => {
    expect(await send(`${stekker.url}/api/v2/events`, { headers: authorized, body: start })).toEqual(
      refused(404, 'path-unknown'),
    );
    const patch = send(`${stekker.url}/api/v1/events`, { method: 'PATCH', headers: authorized, body: start });
    expect(await patch).toEqual(refused(405, 'method-wrong'));
  });

  it('another token, another scheme and none', async () => {
    for (const headers of [{ authorization: 'Token other' }, { authorization: 'Bearer t0ken' }, {}]) {
      const answer = await send(`${stekker.url}/api/v1/events`, { headers, body: start });
      expect(answer).toEqual(refused(401, 'authorization-wrong'));
    }
  });

  it('bodies that do not say JSON or are none', async () => {
    const headers = { ...authorized, 'content-type': 'text/plain' };
    expect(await send(`${stekker.url}/api/v1/events`, { headers, body: start })).toEqual(
      refused(415, 'content-type-wrong'),
    );
    expect(await post('{')).toEqual(refused(400, 'json-invalid'));
  });

  it('session events of a charger that is not paired', async () => {
    expect(await post(start)).toEqual(refused(404, 'charger-not-paired'));
  });
});

describe('Stekker, once paired,', () => {
  beforeEach(async () => void (await put(details)));

  it('takes a session in order and lists its messages', async () => {
    const status = beside('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' }, {});
    const session = [start, status, reading('2026-03-31T13:00:00Z'), stop];
    for (const message of session) expect((await post(message)).status).toBe(200);
    expect(stekker.sessionMessages('6').map(({ body }) => body)).toEqual(session);
    expect(stekker.counts).toEqual({ accepted: 5, refused: 0, duplicates: 0, outOfOrder: 0 });
  });

  it('refuses a response on the wrong side of the event', async () => {
    const { params: started } = start.event;
    expect(await post(inside('StartTransaction', started, start.response))).toEqual(refused(422, 'envelope-invalid'));
    const { params, response } = stop.event;
    expect(await post(beside('StopTransaction', params, response))).toEqual(refused(422, 'envelope-invalid'));
  });

  it('refuses unknown keys, methods and versions in the envelope', async () => {
    expect(await post({ ...start, direction: 'cs' })).toEqual(refused(422, 'envelope-invalid'));
    expect(await post({ ...start, protocol: '2.0.1' })).toEqual(refused(422, 'envelope-invalid'));
    expect(await post(beside('Heartbeat', {}, {}))).toEqual(refused(422, 'envelope-invalid'));
  });

  it('refuses a start without a transaction id in the response', async () => {
    const { transactionId: _id, ...response } = start.response;
    expect(await post({ ...start, response })).toEqual(refused(422, 'ocpp-invalid'));
    expect(await post({ ...start, response: { ...response, transactionId: '7' } })).toEqual(
      refused(422, 'ocpp-invalid'),
    );
  });

  it('refuses params that OCPP 1.6 does not allow, and says what is wrong', async () => {
    const params = { ...start.event.params, meterStart: 0.5 };
    const answer = await post({ ...start, event: { method: 'StartTransaction', params } });
    expect(answer).toEqual({ status: 422, body: { error: 'ocpp-invalid', details: ['/meterStart must be integer'] } });
  });

  it('refuses a reading without a transaction', async () => {
    const answer = await post(reading('2026-03-31T13:00:00Z', { transactionId: undefined }));
    expect(answer).toEqual(refused(422, 'ocpp-invalid'));
  });

  it('refuses a reading and a stop of a transaction that never started', async () => {
    expect(await post(reading('2026-03-31T13:00:00Z'))).toEqual(refused(409, 'transaction-not-started'));
    expect(await post(stop)).toEqual(refused(409, 'transaction-not-started'));
    expect(stekker.counts.outOfOrder).toBe(2);
  });

  it('refuses a reading after the stop', async () => {
    for (const message of [start, stop]) await post(message);
    expect(await post(reading('2026-03-31T13:00:00Z'))).toEqual(refused(409, 'transaction-stopped'));
    expect(stekker.counts.outOfOrder).toBe(1);
  });

  it('refuses a second start under the same transaction id', async () => {
    for (const message of [start, stop]) await post(message);
    const later = { ...start.event.params, timestamp: '2026-04-01T12:00:00Z' };
    const again = beside('StartTransaction', later, start.response);
    expect(await post(again)).toEqual(refused(409, 'transaction-id-taken'));
  });

  it('refuses a reading from the connector of another session', async () => {
    await post(start);
    const answer = await post(reading('2026-03-31T13:00:00Z', { connectorId: 2 }));
    expect(answer).toEqual(refused(422, 'connector-of-another-session'));
  });

  it('takes the same message twice, as a duplicate', async () => {
    for (const message of [start, start, stop, stop]) expect((await post(message)).status).toBe(200);
    expect(stekker.counts).toEqual({ accepted: 5, refused: 0, duplicates: 2, outOfOrder: 0 });
  });

  it('keeps what a fault swallowed apart from what it judged', async () => {
    stekker.setFaults(() => 'reset');
    await expect(post(start)).rejects.toThrow('fetch failed');
    stekker.setFaults(() => ({ status: 503 }));
    await post(start);
    expect(stekker.received.slice(1).map(({ status, reason }) => [status, reason])).toEqual([
      [0, 'fault-reset'],
      [503, 'fault-status'],
    ]);
    expect(stekker.counts).toEqual(expect.objectContaining({ accepted: 1, refused: 0 }));
  });

  it('forgets everything on reset, and gives its codes out again', async () => {
    await post(start);
    stekker.reset();
    expect([stekker.received, stekker.counts.accepted, [...stekker.pairedChargers]]).toEqual([[], 0, []]);
    expect((await put({ ...details, chargePointId: '7' })).status).toBe(200);
  });
});
