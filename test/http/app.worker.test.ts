import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { call, chargerBody, expectProblem, freshId, nativeEvent, registered, requestTo } from './client.ts';
import { ADMIN_TOKEN, CSMS_TOKEN, SETTINGS } from '../settings.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Everything that is logged from now on, as text. */
function watchLog(): () => string {
  const spies = (['info', 'warn', 'error', 'log'] as const).map((level) => vi.spyOn(console, level));
  return () => spies.flatMap((spy) => spy.mock.calls.map((line) => line.join(' '))).join('\n');
}

const callWith = async (changes: object, path: string, options: Parameters<typeof requestTo>[1] = {}) =>
  createApp().fetch(requestTo(path, options), { ...env, ...changes }, createExecutionContext());

describe('every answer', () => {
  it('carries an id of our own making', async () => {
    const headers = { 'x-request-id': 'mine' };
    for (const path of ['/healthz', '/nowhere', '/api/chargers?limit=1', '/webhooks/ocpp']) {
      expect((await call(path, { headers })).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('is a problem where there is nothing', async () => {
    await expectProblem(await call('/nowhere'), 404, 'not-found');
    await expectProblem(await call('/'), 404, 'not-found');
  });

  it.each([
    ['GET', '/webhooks/ocpp', 'POST, PUT'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['PATCH', '/api/chargers/x', 'PUT, GET, HEAD, DELETE'],
  ])('names what is allowed when the method is not: %s %s', async (method, path, allowed) => {
    const response = await call(path, { method });
    expect(response.headers.get('allow')).toBe(allowed);
    await expectProblem(response, 405, 'method-not-allowed');
  });
});

describe('half a configuration', () => {
  it('stops the provider that it is of, and nothing else', async () => {
    const logged = watchLog();
    const broken = { STEKKER_TOKEN: '' };
    const id = await registered();
    const profile = { method: 'POST', headers: { secret: SETTINGS.STEKKER_INBOUND_KEY }, json: {} };
    const own = await callWith(broken, `/stekker/chargers/${id}/set-charging-profile`, profile);
    expect(own.headers.get('retry-after')).not.toBeNull();
    expect(JSON.stringify(await expectProblem(own, 503, 'provider-half-configured'))).not.toContain('STEKKER');
    const pairing = { json: { provider: 'stekker', code: 'PEN4E' } };
    const asked = await callWith(broken, `/api/chargers/${id}/pairings`, pairing);
    await expectProblem(asked, 503, 'provider-half-configured');
    expect((await callWith(broken, '/webhooks/ocpp', { json: nativeEvent(id) })).status).toBe(202);
    const code = { json: { provider: 'jedlix' } };
    expect((await callWith(broken, `/api/chargers/${id}/pairing-codes`, code)).status).toBe(201);
    expect(logged()).not.toContain(SETTINGS.STEKKER_INBOUND_KEY);
  });

  it('is also a webhook secret that is none: signatures are refused, tokens are not', async () => {
    const malformed = { CSMS_WEBHOOK_SECRETS: 'whsec_short' };
    const id = await registered();
    const taken = await callWith(malformed, '/webhooks/ocpp', { json: nativeEvent(id) });
    expect(taken.status).toBe(202);
    const headers = { 'webhook-id': 'w', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' };
    const signed = { token: null, headers, json: nativeEvent(id) };
    await expectProblem(await callWith(malformed, '/webhooks/ocpp', signed), 401, 'unauthorized');
  });

  it('is a malformed time, and then nothing is forgotten', () => {
    const forever = readConfig({ PAYLOAD_RETENTION_DAYS: '7d', DELIVERY_MAX_AGE_S: '-1' });
    expect(forever.badSettings).toEqual(['DELIVERY_MAX_AGE_S', 'PAYLOAD_RETENTION_DAYS']);
    const century = 36_500 * 24 * 60 * 60_000;
    expect(forever.payloadRetentionMs).toBeGreaterThan(century);
    expect(forever.deliveryMaxAgeMs).toBeGreaterThan(century);
  });

  it('lets nobody in when no token and no secret is set', async () => {
    const closed = { CSMS_TOKENS: '', CSMS_WEBHOOK_SECRETS: '', ADMIN_TOKEN: '' };
    for (const token of [null, '', 'undefined', CSMS_TOKEN]) {
      await expectProblem(await callWith(closed, '/webhooks/ocpp', { json: [], token }), 401, 'unauthorized');
      await expectProblem(await callWith(closed, '/api/chargers', { token }), 401, 'unauthorized');
    }
  });
});

describe('a failure of ours', () => {
  /** Faults that the platform cannot be made to have on demand. */
  const failing = (error: Error) => ({
    CHARGING_STATION: {
      getByName: () => ({
        accept: async () => {
          throw error;
        },
      }),
    },
  });
  const send = (error: Error) => callWith(failing(error), '/webhooks/ocpp', { json: nativeEvent(freshId()) });

  it('asks for the whole webhook again', async () => {
    const response = await send(new Error('the object is broken'));
    expect(response.headers.get('retry-after')).toBe('5');
    const body = await expectProblem(response, 500, 'internal');
    expect(JSON.stringify(body)).not.toContain('broken');
  });

  it('is called overload when it is', async () => {
    const response = await send(Object.assign(new Error('too many requests'), { overloaded: true }));
    expect(response.headers.get('retry-after')).toBe('5');
    await expectProblem(response, 503, 'overloaded');
    await expectProblem(await send(new Error('D1 DB is overloaded. Too many requests.')), 503, 'overloaded');
  });

  it('at one charger fails the request, and sending it again gives the others no duplicates', async () => {
    const [good, bad] = [await registered(), await registered()];
    const real = env.CHARGING_STATION;
    const half = {
      CHARGING_STATION: {
        getByName: (id: string) =>
          id === bad
            ? {
                accept: async () => {
                  throw new Error('no');
                },
              }
            : real.getByName(id),
      },
    };
    const json = [nativeEvent(good), nativeEvent(bad)];
    await expectProblem(await callWith(half, '/webhooks/ocpp', { json }), 500, 'internal');
    expect(await (await call('/webhooks/ocpp', { json })).json()).toMatchObject({ received: 1, duplicates: 1 });
  });
});

describe('the log', () => {
  it('has one line for a request, with the route and never the path, a token or the payload', async () => {
    const id = await registered();
    const logged = watchLog();
    const frame = [
      2,
      'm-1',
      'StartTransaction',
      { connectorId: 1, idTag: 'SECRETCARD', meterStart: 0, timestamp: '2026-03-31T13:47:30Z' },
    ];
    await call(`/webhooks/ocpp/${CSMS_TOKEN}`, { json: nativeEvent(id, { frame }) });
    const lines = logged()
      .split('\n')
      .filter((line) => line.includes('http.request'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      event: 'http.request',
      'http.request.method': 'POST',
      'http.route': '/webhooks/:csms/:token',
      'http.response.status_code': 202,
      'scsp.csms': 'ocpp',
      'scsp.received': 1,
    });
    expect(logged()).not.toContain(CSMS_TOKEN);
    expect(logged()).not.toContain('SECRETCARD');
  });

  it('never shows what a registration or its credentials said', async () => {
    const logged = watchLog();
    const id = freshId();
    await call(`/api/chargers/${id}`, { method: 'PUT', json: chargerBody(id, { protocol: 'SOMETHINGODD' }) });
    expect(logged()).toContain('charger-invalid');
    expect(logged()).not.toContain('SOMETHINGODD');
    expect(logged()).not.toContain(CSMS_TOKEN);
  });
});

describe('every route under /api', () => {
  const routes = createApp().routes.filter(({ path, method }) => path.startsWith('/api/') && method !== 'ALL');
  const own = [...new Set(routes.map(({ method, path }) => `${method} ${path}`))];

  it.each(own)('names a query parameter that it does not know: %s', async (route) => {
    const [method = '', pattern = ''] = route.split(' ');
    const path = pattern.replaceAll(/:\w+/g, 'x');
    const response = await call(`${path}?limt=1`, { method, token: ADMIN_TOKEN });
    expect(await expectProblem(response, 400, 'query-invalid')).toMatchObject({
      detail: 'There is no query parameter "limt" here.',
    });
    await expectProblem(await call(`${path}?limt=1`, { method, token: null }), 401, 'unauthorized');
  });
});
