import { runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OutsideCall } from '../outside.ts';
import { providersAnswer } from '../pairing/world.ts';
import { ADMIN_TOKEN, JEDLIX_HOST, JEDLIX_TOKEN } from '../settings.ts';
import { PATIENCE } from '../patience.ts';
import { call, expectProblem, freshId, nativeEvent, registered } from './client.ts';

beforeEach(() => {
  providersAnswer(() => Response.json({}));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const pair = (id: string, json: unknown = { provider: 'jedlix', code: '123456' }) =>
  call(`/api/chargers/${id}/pairings`, { json });
const unpair = (id: string, provider = 'jedlix') =>
  call(`/api/chargers/${id}/pairings/${provider}`, { method: 'DELETE' });
const pairingsOf = async (id: string) => (await call(`/api/chargers/${id}/pairings`)).json();
const station = (id: string) => env.CHARGING_STATION.getByName(id);
const toJedlix = (calls: readonly OutsideCall[]) =>
  calls.filter(({ host }) => host === JEDLIX_HOST).map(({ path }) => path.slice(path.lastIndexOf('/') + 1));

async function paired(json?: unknown, changes: Record<string, unknown> = {}): Promise<string> {
  const id = await registered(changes);
  expect((await pair(id, json)).status).toBe(201);
  return id;
}

/** A session starts on connector 1: the request with the CSMS's answer. */
const start = (id: string, transactionId: number) =>
  call('/webhooks/ocpp', {
    json: nativeEvent(id, {
      frame: [
        2,
        crypto.randomUUID(),
        'StartTransaction',
        { connectorId: 1, idTag: 'CARD', timestamp: '2026-03-31T13:00:00Z', meterStart: 100 },
      ],
      response: { transactionId, idTagInfo: { status: 'Accepted' } },
    }),
  });
const read = (id: string, transactionId: number, wh: number) =>
  call('/webhooks/ocpp', {
    json: nativeEvent(id, {
      frame: [
        2,
        crypto.randomUUID(),
        'MeterValues',
        {
          connectorId: 1,
          transactionId,
          meterValue: [{ timestamp: '2026-03-31T13:10:00Z', sampledValue: [{ value: String(wh) }] }],
        },
      ],
    }),
  });

describe('unpairing by the CSMS', () => {
  it('answers 204, and 404 from then on', async () => {
    const id = await paired({ provider: 'stekker', code: 'PEN4E' });
    expect((await unpair(id, 'stekker')).status).toBe(204);
    expect(await pairingsOf(id)).toEqual({ pairings: [] });
    await expectProblem(await unpair(id, 'stekker'), 404, 'pairing-unknown');
  });

  it('tells a provider that wants to know, once, before it answers', async () => {
    const id = await paired();
    const { calls } = providersAnswer(() => Response.json({}));
    expect((await unpair(id)).status).toBe(204);
    expect(calls.map(({ path }) => path)).toEqual([`/v1/scsp/chargingstations/${id}/unpair`]);
    expect(calls[0]).toMatchObject({ method: 'POST', headers: { apikey: 'api-key-for-tests' } });
  });

  it('names the EVSE when one EVSE was paired', async () => {
    const uid = `evse-${freshId()}`;
    const connectors = [{ connectorId: '1' }];
    const id = await paired(
      { provider: 'jedlix', code: '123456', format: 'ocpi', evseUid: uid },
      { evses: [{ evseId: 1, uid, connectors }] },
    );
    const { calls } = providersAnswer(() => Response.json({}));
    expect((await unpair(id)).status).toBe(204);
    expect(calls.map(({ path }) => path)).toEqual([`/v1/scsp/evse/${uid}/unpair`]);
  });

  it('sends nothing to a provider without such a call', async () => {
    const id = await paired({ provider: 'stekker', code: 'PEN4E' });
    const { calls } = providersAnswer(() => Response.json({}));
    expect((await unpair(id, 'stekker')).status).toBe(204);
    expect(calls).toEqual([]);
  });

  it('comes after what happened before it, and nothing comes after it', async () => {
    const id = await paired();
    const jedlix = { isUp: false };
    const { calls } = providersAnswer(() => new Response('{}', { status: jedlix.isUp ? 200 : 503 }));
    await start(id, 7);
    await vi.waitUntil(() => calls.length === 1, PATIENCE);
    expect((await unpair(id)).status).toBe(204);
    await read(id, 7, 200);
    expect(toJedlix(calls)).toEqual(['TransactionEvent']);
    jedlix.isUp = true;
    await station(id).isUnpairingTold('jedlix', true);
    expect(toJedlix(calls)).toEqual(['TransactionEvent', 'TransactionEvent', 'unpair']);
  });

  it('does not wait for a provider that cannot be told, and tells it later', async () => {
    const id = await paired();
    const { calls } = providersAnswer(() => new Response('{}', { status: 500 }));
    expect((await unpair(id)).status).toBe(204);
    expect(toJedlix(calls)).toEqual(['unpair']);
    expect(await pairingsOf(id)).toEqual({ pairings: [] });
    const later = providersAnswer(() => Response.json({}));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2000 });
    expect(await runDurableObjectAlarm(station(id))).toBe(true);
    await vi.waitUntil(() => later.calls.length === 1, PATIENCE);
    expect(toJedlix(later.calls)).toEqual(['unpair']);
  });

  it('answers after three seconds when the provider is slow', async () => {
    const id = await paired();
    const provider = { isAnswering: false };
    const { calls } = providersAnswer(async () => {
      while (!provider.isAnswering) await scheduler.wait(5);
      return Response.json({});
    });
    const answer = unpair(id);
    await vi.waitUntil(() => calls.length === 1, PATIENCE);
    expect((await answer).status).toBe(204);
    provider.isAnswering = true;
    expect(await station(id).isUnpairingTold('jedlix', false)).toBe(true);
  });

  it('counts as told when the provider does not know the charger', async () => {
    const id = await paired();
    const { calls } = providersAnswer(() => new Response('{}', { status: 404 }));
    expect((await unpair(id)).status).toBe(204);
    expect(await station(id).isUnpairingTold('jedlix', false)).toBe(true);
    expect(toJedlix(calls)).toEqual(['unpair']);
    const parked = await call(`/api/dead-letters?chargePointId=${id}`, { token: ADMIN_TOKEN });
    expect(await parked.json()).toMatchObject({ deadLetters: [] });
  });

  it('is refused for what is not there', async () => {
    await expectProblem(await unpair(await registered()), 404, 'pairing-unknown');
    await expectProblem(await unpair(await registered(), 'acme'), 404, 'pairing-unknown');
    await expectProblem(await unpair(freshId()), 404, 'charger-unknown');
  });

  it('leaves one outcome when it is asked for many times at once', async () => {
    const id = await paired();
    const { calls } = providersAnswer(() => Response.json({}));
    const answers = await Promise.all(Array.from({ length: 10 }, () => unpair(id)));
    expect(answers.map(({ status }) => status).every((status) => status === 204 || status === 404)).toBe(true);
    expect(toJedlix(calls)).toEqual(['unpair']);
    expect(await pairingsOf(id)).toEqual({ pairings: [] });
  });
});

describe('pairing again after unpairing', () => {
  it('waits until the provider knows that the earlier pairing ended', async () => {
    const id = await paired();
    providersAnswer(() => new Response('{}', { status: 500 }));
    expect((await unpair(id)).status).toBe(204);
    await expectProblem(await pair(id), 503, 'provider-unavailable');
    expect(await pairingsOf(id)).toEqual({ pairings: [] });
    const { calls } = providersAnswer(() => Response.json({}));
    expect((await pair(id)).status).toBe(201);
    expect(toJedlix(calls)).toEqual(['unpair', 'pair']);
  });

  it('by a code of ours takes back an unpairing that was not told', async () => {
    const id = await paired();
    providersAnswer(() => new Response('{}', { status: 500 }));
    expect((await unpair(id)).status).toBe(204);
    const issued = await call(`/api/chargers/${id}/pairing-codes`, { json: { provider: 'jedlix' } });
    const { code } = await issued.json<{ code: string }>();
    const verified = await call('/v1/cpo/ocpp2.0.1/pair', { json: { code }, token: JEDLIX_TOKEN });
    expect(verified.status).toBe(200);
    const { calls } = providersAnswer(() => Response.json({}));
    expect(await station(id).isUnpairingTold('jedlix', true)).toBe(true);
    expect(calls).toEqual([]);
  });
});

describe('unpairing by the provider', () => {
  const byJedlix = (path: string) => call(`/v1/cpo/${path}/unpair`, { method: 'POST', token: JEDLIX_TOKEN });
  const UNKNOWN = { message: 'The specified charging station is not valid or does not exist.' };

  it('ends the pairing of a station, is not told back, and repeated is the documented 404', async () => {
    const id = await paired();
    const { calls } = providersAnswer(() => Response.json({}));
    const answer = await byJedlix(`chargingstations/${id}`);
    expect([answer.status, await answer.json()]).toEqual([200, { message: 'Charging station successfully unpaired.' }]);
    expect(await pairingsOf(id)).toEqual({ pairings: [] });
    await start(id, 7);
    expect(await station(id).isUnpairingTold('jedlix', true)).toBe(true);
    expect(calls).toEqual([]);
    const again = await byJedlix(`chargingstations/${id}`);
    expect([again.status, await again.json()]).toEqual([404, UNKNOWN]);
  });

  it('ends the pairing of an EVSE by the EVSE’s uid', async () => {
    const uid = freshId();
    const id = await registered({
      evses: [{ evseId: 1, uid, emi3Id: 'NL*STK*E1', connectors: [{ connectorId: '1' }] }],
    });
    expect((await pair(id, { provider: 'jedlix', code: '1', format: 'ocpi', evseUid: uid })).status).toBe(201);
    expect((await byJedlix(`evse/${uid}`)).status).toBe(200);
    expect(await pairingsOf(id)).toEqual({ pairings: [] });
    expect((await byJedlix(`evse/${uid}`)).status).toBe(404);
  });

  it('does not touch another provider’s pairing', async () => {
    const id = await paired({ provider: 'stekker', code: 'PEN4E' });
    const refused = await byJedlix(`chargingstations/${id}`);
    expect([refused.status, await refused.json()]).toEqual([404, UNKNOWN]);
    expect(await pairingsOf(id)).toMatchObject({ pairings: [{ provider: 'stekker', status: 'paired' }] });
  });
});

describe('removing a charger', () => {
  it('unpairs first, and the provider is told', async () => {
    const id = await paired();
    const { calls } = providersAnswer(() => Response.json({}));
    expect((await call(`/api/chargers/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(toJedlix(calls)).toEqual(['unpair']);
  });

  it('still delivers what happened before, and the unpairing after it', async () => {
    const id = await paired();
    providersAnswer(() => new Response('{}', { status: 503 }));
    await start(id, 7);
    expect((await call(`/api/chargers/${id}`, { method: 'DELETE' })).status).toBe(204);
    const { calls } = providersAnswer(() => Response.json({}));
    await station(id).isUnpairingTold('jedlix', true);
    expect(toJedlix(calls)).toEqual(['TransactionEvent', 'unpair']);
  });
});
