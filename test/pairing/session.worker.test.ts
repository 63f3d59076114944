import { afterEach, describe, expect, it, vi } from 'vitest';
import { call, nativeEvent, registered } from '../http/client.ts';
import type { OutsideCall } from '../outside.ts';
import { JEDLIX_HOST, JEDLIX_TOKEN, STEKKER_HOST } from '../settings.ts';
import { issuedAt, providersAnswer } from './world.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const at = (minute: number) => `2026-03-31T13:${String(minute).padStart(2, '0')}:00Z`;
const say = async (id: string, action: string, payload: unknown, response?: unknown) => {
  const frame = [2, crypto.randomUUID(), action, payload];
  const json = nativeEvent(id, { frame, ...(response !== undefined && { response }) });
  expect((await call('/webhooks/ocpp', { json })).status).toBe(202);
};

/** A session on a connector: it starts at minute 0 with 100 Wh. */
const start = (id: string, transactionId: number, connectorId = 1) =>
  say(
    id,
    'StartTransaction',
    { connectorId, idTag: `CARD${connectorId}`, timestamp: at(0), meterStart: 100 },
    { transactionId, idTagInfo: { status: 'Accepted' } },
  );
/** A reading of a session; `where` is its connector. */
const read = (id: string, transactionId: number, [minute, wh]: readonly [number, number], where = 1) =>
  say(id, 'MeterValues', {
    connectorId: where,
    transactionId,
    meterValue: [{ timestamp: at(minute), sampledValue: [{ value: String(wh) }] }],
  });
const charge = (id: string, connectorId = 1) =>
  say(id, 'StatusNotification', { connectorId, status: 'Charging', errorCode: 'NoError', timestamp: at(1) });
const stop = (id: string, transactionId: number, minute: number, wh: number) =>
  say(id, 'StopTransaction', { transactionId, timestamp: at(minute), meterStop: wh });

const pair = async (id: string, provider: string, target: Record<string, unknown> = {}) => {
  const answer = await call(`/api/chargers/${id}/pairings`, { json: { provider, code: 'PEN4E', ...target } });
  expect(answer.status).toBe(201);
};
const verify = async (id: string) => {
  const json = { code: await issuedAt(id, Date.now()) };
  expect((await call('/v1/cpo/ocpp2.0.1/pair', { json, token: JEDLIX_TOKEN })).status).toBe(200);
};
const unpair = async (id: string, provider: string) =>
  expect((await call(`/api/chargers/${id}/pairings/${provider}`, { method: 'DELETE' })).status).toBe(204);

/** Jedlix's TransactionEvents: their bodies, when there are so many. */
async function toJedlix(calls: readonly OutsideCall[], count: number): Promise<Record<string, unknown>[]> {
  const sent = () => calls.filter(({ host, path }) => host === JEDLIX_HOST && path.endsWith('TransactionEvent'));
  await vi.waitUntil(() => sent().length >= count);
  return sent().map(({ body }) => JSON.parse(body));
}

/** Stekker's session messages as [method, params, reply beside the event], when there are so many. */
async function toStekker(calls: readonly OutsideCall[], count: number) {
  const sent = () => calls.filter(({ host, method }) => host === STEKKER_HOST && method === 'POST');
  await vi.waitUntil(() => sent().length >= count);
  return sent().map(({ body }) => {
    const { event, response } = JSON.parse(body);
    return { method: event.method, params: event.params, response };
  });
}

const accepting = () => providersAnswer(() => Response.json({}));

describe('pairing while a car is charging', () => {
  it.each(['a code of its app', 'a code of ours'])('tells Jedlix of the session at once, by %s', async (by) => {
    const { calls } = accepting();
    const id = await registered();
    await start(id, 7);
    await charge(id);
    await read(id, 7, [10, 1600]);
    await (by === 'a code of ours' ? verify(id) : pair(id, 'jedlix'));
    const [started, latest] = await toJedlix(calls, 2);
    expect(started).toMatchObject({
      eventType: 'Started',
      seqNo: 0,
      timestamp: at(0),
      transactionInfo: { transactionId: '7' },
      idToken: { idToken: 'CARD1' },
      meterValue: [{ timestamp: at(0), sampledValue: [{ value: 100 }] }],
    });
    expect(latest).toMatchObject({
      eventType: 'Updated',
      seqNo: 1,
      timestamp: at(10),
      transactionInfo: { transactionId: '7', chargingState: 'Charging' },
      meterValue: [{ timestamp: at(10), sampledValue: [{ value: 1600 }] }],
    });
    await read(id, 7, [20, 3100]);
    await stop(id, 7, 30, 4600);
    const all = await toJedlix(calls, 4);
    expect(all.map(({ eventType, seqNo }) => [eventType, seqNo])).toEqual([
      ['Started', 0],
      ['Updated', 1],
      ['Updated', 2],
      ['Ended', 3],
    ]);
  });

  it('tells Stekker of the session at once, under the CSMS’s own transaction id', async () => {
    const { calls } = accepting();
    const id = await registered();
    await start(id, 123885164);
    await charge(id);
    await read(id, 123885164, [10, 1600]);
    await pair(id, 'stekker');
    await read(id, 123885164, [20, 3100]);
    const sent = await toStekker(calls, 4);
    const [first] = sent;
    expect(first).toMatchObject({
      method: 'StartTransaction',
      params: { connectorId: 1, idTag: 'CARD1', timestamp: at(0), meterStart: 100 },
      response: { transactionId: 123885164, idTagInfo: { status: 'Accepted' } },
    });
    const readings = sent.filter(({ method }) => method === 'MeterValues').map(({ params }) => params);
    expect(readings).toMatchObject([
      { transactionId: 123885164, meterValue: [{ timestamp: at(10), sampledValue: [{ value: '1600' }] }] },
      { transactionId: 123885164, meterValue: [{ timestamp: at(20), sampledValue: [{ value: '3100' }] }] },
    ]);
    expect(sent.filter(({ method }) => method === 'StatusNotification')).toMatchObject([
      { params: { connectorId: 1, status: 'Charging' } },
    ]);
  });

  it('tells nothing of a session that is over', async () => {
    const { calls } = accepting();
    const id = await registered();
    await start(id, 7);
    await stop(id, 7, 10, 1600);
    await pair(id, 'jedlix');
    await start(id, 8);
    const [first] = await toJedlix(calls, 1);
    expect(first).toMatchObject({ eventType: 'Started', transactionInfo: { transactionId: '8' } });
  });

  it('goes on where a provider left that is paired again in the same session', async () => {
    const { calls } = accepting();
    const id = await registered();
    await pair(id, 'jedlix');
    await start(id, 7);
    await read(id, 7, [10, 1600]);
    const before = await toJedlix(calls, 2);
    await unpair(id, 'jedlix');
    await read(id, 7, [15, 2000]);
    await pair(id, 'jedlix');
    await read(id, 7, [20, 3100]);
    const all = await toJedlix(calls, 5);
    expect(all.map(({ eventType, seqNo }) => [eventType, seqNo])).toEqual([
      ['Started', 0],
      ['Updated', 1],
      ['Started', 0],
      ['Updated', 2],
      ['Updated', 3],
    ]);
    expect(all[2]).toEqual(before[0]);
    expect(all[3]).toMatchObject({ timestamp: at(15) });
  });
});

describe('a charger of which one EVSE was paired', () => {
  const connectors = [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }];
  const evses = [1, 2].map((evseId) => ({ evseId, uid: `E${evseId}`, emi3Id: `NL*STK*E${evseId}`, connectors }));

  it('tells of the sessions on that EVSE only, running ones and later ones', async () => {
    const { calls } = accepting();
    const id = await registered({ evses });
    await start(id, 1, 1);
    await start(id, 2, 2);
    await pair(id, 'jedlix', { format: 'ocpi', evseUid: 'E2' });
    await read(id, 1, [10, 1600], 1);
    await read(id, 2, [10, 1600], 2);
    await stop(id, 1, 20, 2000);
    await stop(id, 2, 20, 2000);
    const all = await toJedlix(calls, 3);
    expect(all.map(({ eventType, seqNo, evse }) => [eventType, seqNo, evse])).toEqual([
      ['Started', 0, { id: 2, connectorId: 1 }],
      ['Updated', 1, { id: 2, connectorId: 1 }],
      ['Ended', 2, { id: 2, connectorId: 1 }],
    ]);
  });
});

describe('changing a charger that is paired', () => {
  const details = (calls: readonly OutsideCall[]) => calls.filter(({ method }) => method === 'PUT');
  const change = async (id: string, changes: Record<string, unknown>) => {
    const charger = await (await call(`/api/chargers/${id}`)).json<Record<string, unknown>>();
    const answer = await call(`/api/chargers/${id}`, { method: 'PUT', json: { ...charger, ...changes } });
    expect(answer.status).toBe(200);
  };

  it('tells Stekker the new details, without a code', async () => {
    const { calls } = accepting();
    const id = await registered();
    await pair(id, 'stekker');
    await change(id, { name: 'Solar 0214' });
    await vi.waitUntil(() => details(calls).length === 2);
    const body = JSON.parse(details(calls)[1]?.body ?? '');
    expect(body).toMatchObject({ event: 'ChargePointDetailsNotification', chargePointId: id, name: 'Solar 0214' });
    expect(body).not.toHaveProperty('pairingCode');
  });

  it('sends nothing when only that changes which the provider does not see', async () => {
    const { calls } = accepting();
    const id = await registered();
    await pair(id, 'stekker');
    const connectors = [{ connectorId: '1', powerType: 'AC_3_PHASE', maxVoltage: 230, maxAmperage: 32 }];
    await change(id, { evses: [{ evseId: 1, uid: 'other', capabilities: ['RESERVABLE'], connectors }] });
    await change(id, {});
    await change(id, { country: 'BEL' });
    await vi.waitUntil(() => details(calls).length === 2);
    expect(details(calls).map(({ body }) => JSON.parse(body).country)).toEqual(['NLD', 'BEL']);
  });

  it('sends nothing to a provider that is not told details, or is paired no more', async () => {
    const { calls } = accepting();
    const id = await registered();
    await pair(id, 'jedlix');
    await change(id, { name: 'Solar 0214' });
    await unpair(id, 'jedlix');
    await pair(id, 'stekker');
    await unpair(id, 'stekker');
    await change(id, { name: 'Solar 0215' });
    const other = await registered();
    await pair(other, 'stekker');
    expect(details(calls).map(({ body }) => JSON.parse(body).pairingCode)).toEqual(['PEN4E', 'PEN4E']);
  });
});
