import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { standIn } from '../outside.ts';
import { issuedAt } from '../pairing/world.ts';
import { ADMIN_TOKEN, CSMS_TOKEN, JEDLIX_TOKEN, STEKKER_KEY } from '../settings.ts';
import { call, freshId, registered, requestTo, uidOf, type Call } from './client.ts';

/** Nobody stands in for anything: neither the CSMS nor a provider is there, and a call to one would fail the request. */
beforeEach(() => {
  standIn();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const pair = (code: unknown, protocol = 'ocpp2.0.1', options: Call = {}) =>
  call(`/v1/cpo/${protocol}/pair`, { json: { code }, token: JEDLIX_TOKEN, ...options });
const told = async (response: Response) => ({ status: response.status, body: await response.json() });
const INCORRECT = { message: 'Incorrect Code, please check the code and try again.' };
const CONNECTORS = [{ id: '1', power_type: 'AC_3_PHASE', max_voltage: 230, max_amperage: 32 }];
const CAPABILITIES = ['CHARGING_PROFILE_CAPABLE'];

describe('a code that Jedlix sends us', () => {
  it.each(['ocpp1.6', 'ocpp2.0.1'])('gets the charging station under %s', async (protocol) => {
    const id = await registered();
    expect(await told(await pair(await issuedAt(id, Date.now()), protocol))).toEqual({
      status: 200,
      body: {
        charging_station: {
          uid: id,
          evses: [{ evse_id: 1, capabilities: CAPABILITIES, connectors: CONNECTORS }],
        },
      },
    });
  });

  it.each(['ocpi2.2', 'ocpi2.2.1'])('gets the EVSE under %s', async (protocol) => {
    const id = await registered();
    const code = await issuedAt(id, Date.now(), { format: 'ocpi', evseUid: uidOf(id) });
    expect(await told(await pair(code, protocol))).toEqual({
      status: 200,
      body: {
        evse: { uid: uidOf(id), evse_id: 'NL*STK*E000002', capabilities: CAPABILITIES, connectors: CONNECTORS },
      },
    });
  });

  it('is read in any case, with spaces and dashes, and as a number', async () => {
    const id = await registered();
    const letters = await issuedAt(id, Date.now(), { ttlMs: 30 * 86_400_000 });
    const spelled = letters.toLowerCase().split('').join(' ').replace(' ', '-');
    expect((await pair(` ${spelled} `)).status).toBe(200);
    const other = await registered();
    const digits = await issuedAt(other, Date.now());
    const typed = digits.startsWith('0') ? digits : Number(digits);
    expect((await pair(typed)).status).toBe(200);
  });

  it('is answered the same 404, to the letter, whatever is wrong with it', async () => {
    const id = await registered();
    const now = Date.now();
    const used = await issuedAt(id, now - 3_600_000);
    await env.DB.prepare('UPDATE pairing_codes SET redeemed_at = ?1 WHERE charge_point_id = ?2')
      .bind(now - 1_800_000, id)
      .run();
    const revoked = await issuedAt(id, now);
    const ofEvse = await issuedAt(id, now, { format: 'ocpi', evseUid: uidOf(id) });
    const expired = await issuedAt(await registered(), now - 3_600_000);
    await issuedAt(id, now);
    const answers = await Promise.all([used, revoked, expired, ofEvse, 'UNKNOWN', '000000'].map((code) => pair(code)));
    const seen = await Promise.all(
      answers.map(async (answer) => {
        const headers = [...answer.headers].filter(([name]) => name !== 'x-request-id');
        return JSON.stringify([answer.status, await answer.json(), headers]);
      }),
    );
    expect(new Set(seen).size).toBe(1);
    expect(JSON.parse(seen[0] ?? '')).toEqual([404, INCORRECT, expect.anything()]);
  });

  it('is refused with 409 while another provider controls the charger', async () => {
    const id = await registered();
    const code = await issuedAt(id, Date.now());
    standIn({ 'stekker.test': () => Response.json({}) });
    await call(`/api/chargers/${id}/pairings`, { json: { provider: 'stekker', code: 'PEN4E' } });
    expect(await told(await pair(code))).toEqual({ status: 409, body: { message: expect.any(String) } });
  });

  it.each([
    ['no code', {}],
    ['an empty code', { code: '' }],
    ['a code of 65 characters', { code: 'x'.repeat(65) }],
    ['a code that is a list', { code: ['1'] }],
    ['no object', '362821'],
  ])('is refused with 400 when there is %s', async (_, json) => {
    const response = await call('/v1/cpo/ocpp2.0.1/pair', { json, token: JEDLIX_TOKEN });
    expect(await told(response)).toEqual({ status: 400, body: { message: expect.any(String) } });
  });

  it.each([
    ['is no JSON', { body: '{', headers: { 'content-type': 'application/json' } }],
    ['is of another type', { body: 'code=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
  ])('is refused with 400 when the body %s', async (_, options) => {
    const response = await call('/v1/cpo/ocpp2.0.1/pair', { token: JEDLIX_TOKEN, ...options });
    expect(await told(response)).toEqual({ status: 400, body: { message: expect.any(String) } });
  });

  it('is refused with 400 under a protocol that is none', async () => {
    const answer = await told(await pair('362821', 'ocpp1.5'));
    expect(answer).toEqual({ status: 400, body: { message: 'The payload protocol is not supported.' } });
  });

  it('is answered 500 in the same form when we fail, and may be sent again', async () => {
    const DB = { batch: () => Promise.reject(new Error('D1 is down')) };
    const request = requestTo('/v1/cpo/ocpp2.0.1/pair', { json: { code: '362821' }, token: JEDLIX_TOKEN });
    vi.spyOn(console, 'error').mockReturnValue();
    const response = await createApp().fetch(request, { ...env, DB });
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await told(response)).toEqual({ status: 500, body: { message: expect.any(String) } });
  });
});

describe('the routes of Jedlix', () => {
  it.each(['ocpp2.0.1/pair', 'chargingstations/x/unpair', 'evse/x/unpair'])(
    '%s opens to none but its own tokens',
    async (path) => {
      for (const token of [null, 'wrong', CSMS_TOKEN, ADMIN_TOKEN, STEKKER_KEY]) {
        const response = await call(`/v1/cpo/${path}`, { json: { code: '362821' }, token });
        expect(await told(response)).toEqual({ status: 401, body: { message: expect.any(String) } });
      }
    },
  );

  it('open to each of several tokens, so that they can be rotated', async () => {
    const several = { ...env, JEDLIX_INBOUND_TOKENS: `old-token, ${freshId()},new-token` };
    for (const token of ['old-token', 'new-token']) {
      const request = requestTo('/v1/cpo/ocpp2.0.1/pair', { json: { code: 'UNKNOWN' }, token });
      expect((await createApp().fetch(request, several)).status).toBe(404);
    }
  });

  it('open no route of the CSMS or the operator', async () => {
    const id = await registered();
    const calls: (readonly [string, Call])[] = [
      [`/api/chargers/${id}`, {}],
      [`/api/chargers/${id}/pairings`, { json: { provider: 'jedlix', code: '1' } }],
      [`/api/chargers/${id}/pairing-codes`, { json: { provider: 'jedlix' } }],
      [`/api/chargers/${id}/pairings/jedlix`, { method: 'DELETE' }],
      ['/api/providers', {}],
    ];
    for (const [path, options] of calls) {
      expect((await call(path, { ...options, token: JEDLIX_TOKEN })).status).toBe(401);
    }
  });

  it('stay open to right codes, however many wrong ones come', async () => {
    const id = await registered();
    const code = await issuedAt(id, Date.now());
    const wrong = await Promise.all(Array.from({ length: 60 }, (_, n) => pair(`WRONG${n}`)));
    expect(new Set(wrong.map(({ status }) => status))).toEqual(new Set([404]));
    expect((await pair(code)).status).toBe(200);
  });
});
