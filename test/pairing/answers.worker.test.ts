import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { pairCharger } from '../../src/pairing/pair.ts';
import { ok } from '../../src/result.ts';
import { findCharger } from '../../src/storage/chargers.ts';
import { storeChargers } from '../../src/storage/store-chargers.ts';
import { listPairings } from '../../src/pairing/pairings.ts';
import { call, expectProblem, registered, requestTo, uidOf } from '../http/client.ts';
import { standIn, type Host } from '../outside.ts';
import { JEDLIX_HOST, JEDLIX_TOKEN_HOST, STEKKER_HOST } from '../settings.ts';
import { PATIENCE } from '../patience.ts';
import { contextAt, providersAnswer, T0 } from './world.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pair = (id: string, provider: string, target: Record<string, unknown> = {}) =>
  call(`/api/chargers/${id}/pairings`, { json: { provider, code: 'PEN4E', ...target } });

/** Pairs under settings of choice; gives "paired" or the reason of the refusal. */
async function pairUnder(settings: Record<string, unknown>, id: string, provider: string): Promise<string> {
  const charger = await findCharger(env.DB, id);
  if (charger === undefined) throw new Error('no such charger');
  const paired = await pairCharger(contextAt(T0, settings), charger, { provider, code: 'PEN4E', format: 'ocpp' });
  return paired.ok ? paired.value.status : paired.error.reason;
}

/** What a provider sees of a pairing: [method, path, body]. */
async function sentBy(provider: string, format: 'ocpp' | 'ocpi' = 'ocpp'): Promise<[string, string, unknown]> {
  const { calls } = providersAnswer(() => Response.json({}));
  const id = await registered();
  const target = format === 'ocpi' ? { format, evseUid: uidOf(id) } : {};
  expect((await pair(id, provider, target)).status).toBe(201);
  const [sent, ...others] = calls.filter(({ host }) => host !== JEDLIX_TOKEN_HOST);
  expect(others).toEqual([]);
  const { method = '', path = '', body = '' } = sent ?? {};
  return [method, path, JSON.parse(body.replaceAll(id, 'ID'))];
}

const CONNECTORS = [{ id: '1', power_type: 'AC_3_PHASE', max_voltage: 230, max_amperage: 32 }];
const CAPABILITIES = ['CHARGING_PROFILE_CAPABLE'];

describe('what is sent to redeem a code', () => {
  it('is for Stekker the charger’s details, by PUT', async () => {
    const details = { event: 'ChargePointDetailsNotification', chargePointId: 'ID', pairingCode: 'PEN4E' };
    expect(await sentBy('stekker')).toEqual(['PUT', '/api/v1/events', expect.objectContaining(details)]);
  });

  it('is for Jedlix the station, under the protocol of its sessions', async () => {
    const evses = [{ evse_id: 1, capabilities: CAPABILITIES, connectors: CONNECTORS }];
    const body = { code: 'PEN4E', charging_station: { uid: 'ID', evses } };
    expect(await sentBy('jedlix')).toEqual(['POST', '/v1/scsp/ocpp2.0.1/pair', body]);
  });

  it('is for Jedlix one EVSE, under OCPI, when one EVSE is paired', async () => {
    const evse = { uid: uidOf('ID'), evse_id: 'NL*STK*E000002', capabilities: CAPABILITIES, connectors: CONNECTORS };
    const sent = await sentBy('jedlix', 'ocpi');
    expect(sent).toEqual(['POST', '/v1/scsp/ocpi2.2/pair', { code: 'PEN4E', evse }]);
  });
});

describe.each(['stekker', 'jedlix'])('what %s answers', (provider) => {
  it.each([
    [404, 404, 'pairing-code-incorrect'],
    [409, 409, 'charger-already-paired'],
    [401, 502, 'provider-misconfigured'],
    [403, 502, 'provider-misconfigured'],
    [400, 502, 'provider-rejected'],
    [500, 503, 'provider-unavailable'],
    [503, 503, 'provider-unavailable'],
    [429, 503, 'provider-unavailable'],
  ])('with %i is %i %s to the person waiting, and nothing is paired', async (status, ours, reason) => {
    providersAnswer(() => new Response('{}', { status, headers: { 'retry-after': '7' } }));
    const id = await registered();
    const answer = await pair(id, provider);
    expect(answer.headers.get('retry-after')).toBe(ours === 503 ? '7' : null);
    await expectProblem(answer, ours, reason);
    expect(await listPairings(env.DB, id, Date.now())).toEqual([]);
  });

  it('too late is as when it is down', async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    const tooLate: Host = (_, signal) =>
      new Promise((_resolve, reject) => {
        if (!signal) throw new Error('a call without a signal waits for ever');
        signal.addEventListener('abort', () => reject(new Error('nobody waits any more')));
        asked.resolve(signal);
      });
    const token: Host = () => Response.json({ access_token: 'token', expires_in: 3600 });
    standIn({ [STEKKER_HOST]: tooLate, [JEDLIX_HOST]: tooLate, [JEDLIX_TOKEN_HOST]: token });
    const id = await registered();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const answer = pairUnder({ PROVIDER_TIMEOUT_MS: '30' }, id, provider);
    const signal = await asked.promise;
    vi.advanceTimersByTime(29);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.aborted).toBe(true);
    expect(await answer).toBe('provider-unavailable');
    expect(await listPairings(env.DB, id, T0)).toEqual([]);
  });

  it.each([
    [15_000, '15000'],
    [25_000, '600000'],
  ])('is waited for %i ms where the setting says %s: the claim outlives four such calls', async (waitMs, setting) => {
    const context = contextAt(T0, { PROVIDER_TIMEOUT_MS: setting });
    const { [provider]: configured } = Object.fromEntries(context.config.providers);
    const charger = await findCharger(env.DB, await registered());
    if (configured === undefined || charger === undefined) throw new Error('the test settings leave something out');
    const waits: number[] = [];
    const patient = {
      ...configured,
      pair: async (_: unknown, { timeoutMs }: { readonly timeoutMs: number }) => {
        waits.push(timeoutMs);
        return ok(undefined);
      },
    };
    const config = { ...context.config, providers: new Map([[provider, patient]]) };
    const request = { provider, code: 'PEN4E', format: 'ocpp' } as const;
    expect(await pairCharger({ ...context, config }, charger, request)).toMatchObject({ ok: true });
    expect(waits).toEqual([waitMs]);
  });
});

describe('the token server of Jedlix', () => {
  it.each([
    ['refuses our credentials', () => new Response('{}', { status: 401 }), 'provider-misconfigured'],
    ['is down', () => new Response('{}', { status: 503 }), 'provider-unavailable'],
  ])('that %s keeps nobody waiting and pairs nothing', async (_, answer, reason) => {
    const { calls } = standIn({ [JEDLIX_TOKEN_HOST]: answer });
    const id = await registered();
    // Credentials of its own, for which no token is kept.
    expect(await pairUnder({ JEDLIX_CLIENT_ID: id }, id, 'jedlix')).toBe(reason);
    expect(calls.filter(({ path }) => path.endsWith('/pair'))).toEqual([]);
    expect(await listPairings(env.DB, id, T0)).toEqual([]);
  });
});

describe('one who does not wait for the answer', () => {
  it('finds the charger paired: what the provider was asked is seen through', async () => {
    const provider = { isAnswering: false };
    const { calls } = providersAnswer(async () => {
      while (!provider.isAnswering) await scheduler.wait(5);
      return Response.json({});
    });
    const id = await registered();
    const kept: Promise<unknown>[] = [];
    const context = createExecutionContext();
    vi.spyOn(context, 'waitUntil').mockImplementation((work) => void kept.push(work));
    const request = requestTo(`/api/chargers/${id}/pairings`, { json: { provider: 'stekker', code: 'PEN4E' } });
    const answer = createApp().fetch(request, env, context);
    await vi.waitUntil(() => calls.length === 1, PATIENCE);
    expect(kept).toHaveLength(1);
    provider.isAnswering = true;
    await Promise.all(kept);
    expect(await listPairings(env.DB, id, Date.now())).toMatchObject([{ provider: 'stekker', status: 'paired' }]);
    expect((await answer).status).toBe(201);
  });
});

describe('an Idempotency-Key', () => {
  const keyed = (id: string, key: string, json: unknown = { provider: 'stekker', code: 'PEN4E' }) =>
    call(`/api/chargers/${id}/pairings`, { json, headers: { 'idempotency-key': key } });

  it('does not keep that a charger was unknown, or was another provider’s: that may change', async () => {
    providersAnswer(() => Response.json({}));
    const [id, key, other] = [await registered(), crypto.randomUUID(), crypto.randomUUID()];
    const charger = await findCharger(env.DB, id);
    if (charger === undefined) throw new Error('no such charger');
    await call(`/api/chargers/${id}`, { method: 'DELETE' });
    await expectProblem(await keyed(id, key), 404, 'charger-unknown');
    await storeChargers(env.DB, [charger], Date.now());
    expect((await keyed(id, key)).status).toBe(201);
    const jedlix = { provider: 'jedlix', code: '123456' };
    await expectProblem(await keyed(id, other, jedlix), 409, 'charger-already-paired');
    await call(`/api/chargers/${id}/pairings/stekker`, { method: 'DELETE' });
    expect((await keyed(id, other, jedlix)).status).toBe(201);
  });
});
