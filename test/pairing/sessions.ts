/** What pairing tests let a charger and its CSMS do in a session, and what the providers hear of it. */
import { expect, vi } from 'vitest';
import type { CodeRequest } from '../../src/pairing/issue.ts';
import { call, nativeEvent } from '../http/client.ts';
import type { OutsideCall } from '../outside.ts';
import { JEDLIX_HOST, JEDLIX_TOKEN, STEKKER_HOST } from '../settings.ts';
import { PATIENCE } from '../patience.ts';
import { issuedAt, providersAnswer } from './world.ts';

/** A minute of the hour in which the sessions of tests run. */
export const at = (minute: number) => `2026-03-31T13:${String(minute).padStart(2, '0')}:00Z`;
/** What a charger says, by webhook, with the reply of the CSMS where one is given. */
export const say = async (id: string, action: string, payload: unknown, response?: unknown) => {
  const frame = [2, crypto.randomUUID(), action, payload];
  const json = nativeEvent(id, { frame, ...(response !== undefined && { response }) });
  expect((await call('/webhooks/ocpp', { json })).status).toBe(202);
};

/** The same by a station that speaks OCPP 2.0.1 and numbers its transaction's messages itself. */
export const say201 = async (id: string, payload: unknown) => {
  const frame = [2, crypto.randomUUID(), 'TransactionEvent', payload];
  const json = nativeEvent(id, { protocol: 'ocpp2.0.1', frame });
  expect(await (await call('/webhooks/ocpp', { json })).json()).toMatchObject({ received: 1 });
};

/** A session on a connector: it starts at minute 0 with 100 Wh. */
export const start = (id: string, transactionId: number, connectorId = 1) =>
  say(
    id,
    'StartTransaction',
    { connectorId, idTag: `CARD${connectorId}`, timestamp: at(0), meterStart: 100 },
    { transactionId, idTagInfo: { status: 'Accepted' } },
  );
/** A reading of a session; `where` is its connector. */
export const read = (id: string, transactionId: number, [minute, wh]: readonly [number, number], where = 1) =>
  say(id, 'MeterValues', {
    connectorId: where,
    transactionId,
    meterValue: [{ timestamp: at(minute), sampledValue: [{ value: String(wh) }] }],
  });
/** A connector reports that it charges. */
export const charge = (id: string, connectorId = 1) =>
  say(id, 'StatusNotification', { connectorId, status: 'Charging', errorCode: 'NoError', timestamp: at(1) });
/** A session ends. */
export const stop = (id: string, transactionId: number, minute: number, wh: number) =>
  say(id, 'StopTransaction', { transactionId, timestamp: at(minute), meterStop: wh });

/** Pairs by a code of the provider’s app. */
export const pair = async (id: string, provider: string, target: Record<string, unknown> = {}) => {
  const answer = await call(`/api/chargers/${id}/pairings`, { json: { provider, code: 'PEN4E', ...target } });
  expect(answer.status).toBe(201);
};
/** Pairs with Jedlix by a code of ours. */
export const verify = async (id: string, target: Partial<CodeRequest> = {}) => {
  const json = { code: await issuedAt(id, Date.now(), target) };
  const path = `/v1/cpo/${target.format === 'ocpi' ? 'ocpi2.2' : 'ocpp2.0.1'}/pair`;
  expect((await call(path, { json, token: JEDLIX_TOKEN })).status).toBe(200);
};
/** The two directions in which a code pairs. */
export const OURS = 'a code of ours';
export const BY = ['a code of its app', OURS];
/** Unpairs as the CSMS does. */
export const unpair = async (id: string, provider: string) =>
  expect((await call(`/api/chargers/${id}/pairings/${provider}`, { method: 'DELETE' })).status).toBe(204);

/** Jedlix's TransactionEvents: their bodies, when there are so many. */
export async function toJedlix(calls: readonly OutsideCall[], count: number): Promise<Record<string, unknown>[]> {
  const sent = () => calls.filter(({ host, path }) => host === JEDLIX_HOST && path.endsWith('TransactionEvent'));
  await vi.waitUntil(() => sent().length >= count, PATIENCE);
  return sent().map(({ body }) => JSON.parse(body));
}

/** Stekker's session messages as [method, params, reply beside the event], when there are so many. */
export async function toStekker(calls: readonly OutsideCall[], count: number) {
  const sent = () => calls.filter(({ host, method }) => host === STEKKER_HOST && method === 'POST');
  await vi.waitUntil(() => sent().length >= count, PATIENCE);
  return sent().map(({ body }) => {
    const { event, response } = JSON.parse(body);
    return { method: event.method, params: event.params, response };
  });
}

/** Both providers take everything. */
export const accepting = () => providersAnswer(() => Response.json({}));
