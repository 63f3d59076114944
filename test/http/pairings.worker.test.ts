import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ADMIN_TOKEN } from '../settings.ts';
import { providersAnswer } from '../pairing/world.ts';
import { PATIENCE } from '../patience.ts';
import { call, expectProblem, freshId, registered } from './client.ts';

beforeEach(() => {
  providersAnswer(() => Response.json({}));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const pair = (id: string, json: unknown = { provider: 'stekker', code: 'PEN4E' }) =>
  call(`/api/chargers/${id}/pairings`, { json });
const pairingsOf = async (id: string) => (await call(`/api/chargers/${id}/pairings`)).json();
const issue = (id: string, json: unknown = { provider: 'jedlix' }) =>
  call(`/api/chargers/${id}/pairing-codes`, { json });
const PAIRED = {
  provider: 'stekker',
  status: 'paired',
  pairedAt: expect.stringMatching(/^\d{4}-.*Z$/),
  format: 'ocpp',
};

describe('pairing by the code of a provider’s app', () => {
  it('answers 201 and shows the pairing from then on', async () => {
    const id = await registered();
    const response = await pair(id);
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual(PAIRED);
    expect(await pairingsOf(id)).toEqual({ pairings: [PAIRED] });
    expect(await (await call(`/api/chargers/${id}`)).json()).toMatchObject({ pairings: [PAIRED] });
  });

  it('sends the code as it was typed, once', async () => {
    const { calls } = providersAnswer(() => Response.json({}));
    const id = await registered();
    await pair(id, { provider: 'stekker', code: ' pen-4E ' });
    expect(calls).toHaveLength(1);
    expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({ chargePointId: id, pairingCode: 'pen-4E' });
  });

  it.each([
    [404, 404, 'pairing-code-incorrect'],
    [409, 409, 'charger-already-paired'],
    [401, 502, 'provider-misconfigured'],
    [400, 502, 'provider-rejected'],
    [500, 503, 'provider-unavailable'],
    [429, 503, 'provider-unavailable'],
  ])('passes a provider’s %i on as %i %s and leaves the charger free', async (status, ours, reason) => {
    providersAnswer(() => new Response('{}', { status }));
    const id = await registered();
    const response = await pair(id);
    expect(response.headers.has('retry-after')).toBe(ours === 503);
    await expectProblem(response, ours, reason);
    expect(await pairingsOf(id)).toEqual({ pairings: [] });
    providersAnswer(() => Response.json({}));
    expect((await pair(id, { provider: 'jedlix', code: '123456' })).status).toBe(201);
  });

  it('is refused while another provider controls the charger, without asking', async () => {
    const id = await registered();
    await pair(id);
    const { calls } = providersAnswer(() => Response.json({}));
    await expectProblem(await pair(id, { provider: 'jedlix', code: '123456' }), 409, 'charger-already-paired');
    expect(calls).toHaveLength(0);
  });

  it('lets only one of two providers win that come at once', async () => {
    const id = await registered();
    const answers = await Promise.all([pair(id), pair(id, { provider: 'jedlix', code: '123456' })]);
    expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([201, 409]));
    expect(await pairingsOf(id)).toMatchObject({ pairings: [{ status: 'paired' }] });
  });

  it('asks the provider once when the user clicks twice', async () => {
    const provider = { isAnswering: false };
    const { calls } = providersAnswer(async () => {
      while (!provider.isAnswering) await scheduler.wait(5);
      return Response.json({});
    });
    const id = await registered();
    const first = pair(id);
    await vi.waitUntil(() => calls.length === 1, PATIENCE);
    await expectProblem(await pair(id), 409, 'pairing-in-progress');
    provider.isAnswering = true;
    expect((await first).status).toBe(201);
    expect(calls).toHaveLength(1);
  });

  it('again with the same provider asks it again, and keeps the pairing when it says no', async () => {
    const id = await registered();
    await pair(id);
    providersAnswer(() => new Response('{}', { status: 404 }));
    await expectProblem(await pair(id, { provider: 'stekker', code: 'OTHER' }), 404, 'pairing-code-incorrect');
    expect(await pairingsOf(id)).toEqual({ pairings: [PAIRED] });
  });

  it.each([
    ['no code', { provider: 'stekker' }, 'code'],
    ['an empty code', { provider: 'stekker', code: ' ' }, 'code'],
    ['a code of 65 characters', { provider: 'stekker', code: 'x'.repeat(65) }, 'code'],
    ['no provider', { code: 'PEN4E' }, 'provider'],
    ['a format it does not pair in', { provider: 'stekker', code: 'PEN4E', format: 'ocpi', evseUid: '3256' }, 'format'],
    ['no EVSE for format ocpi', { provider: 'jedlix', code: '1', format: 'ocpi' }, 'evseUid'],
    ['another charger’s EVSE', { provider: 'jedlix', code: '1', format: 'ocpi', evseUid: 'X' }, 'evseUid'],
  ])('is refused with %s', async (_, json, path) => {
    const { errors } = await expectProblem(await pair(await registered(), json), 400, 'pairing-invalid');
    expect(errors).toEqual([{ path, message: expect.any(String) }]);
  });

  it('is refused for a provider or a charger that does not exist', async () => {
    await expectProblem(await pair(await registered(), { provider: 'acme', code: '1' }), 400, 'provider-unknown');
    await expectProblem(await pair(freshId()), 404, 'charger-unknown');
    await expectProblem(await call(`/api/chargers/${freshId()}/pairings`), 404, 'charger-unknown');
  });
});

describe('issuing a code', () => {
  it('answers 201 with a code in groups that lives a quarter of an hour', async () => {
    const id = await registered();
    const before = Date.now();
    const response = await issue(id);
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = await response.json<{ code: string; display: string; expiresAt: string }>();
    expect(body.display.replaceAll(' ', '')).toBe(body.code);
    expect(body).toEqual({
      code: expect.stringMatching(/^\d{8,9}$/),
      display: expect.stringMatching(/^\d{3,4} \d{3,4}( \d{3})?$/),
      provider: 'jedlix',
      chargePointId: id,
      expiresAt: expect.any(String),
    });
    const livesMs = Date.parse(body.expiresAt) - before;
    expect(livesMs).toBeGreaterThanOrEqual(900_000);
    expect(livesMs).toBeLessThan(905_000);
  });

  it('is refused with 429 and Retry-After when the charger has had ten within an hour', async () => {
    const id = await registered();
    for (let n = 0; n < 10; n += 1) expect((await issue(id)).status).toBe(201);
    const refused = await issue(id);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3500);
    await expectProblem(refused, 429, 'too-many-codes');
  });

  it.each([
    ['a life of seconds', { provider: 'jedlix', ttlSeconds: 59 }, 'ttlSeconds'],
    ['a life of years', { provider: 'jedlix', ttlSeconds: 7_776_001 }, 'ttlSeconds'],
    ['a life that is no number', { provider: 'jedlix', ttlSeconds: '900' }, 'ttlSeconds'],
    ['an unknown format', { provider: 'jedlix', format: 'pdf' }, 'format'],
    ['a provider that takes no codes of ours', { provider: 'stekker' }, 'format'],
    ['no EVSE for format ocpi', { provider: 'jedlix', format: 'ocpi' }, 'evseUid'],
    ['another charger’s EVSE', { provider: 'jedlix', format: 'ocpi', evseUid: 'X' }, 'evseUid'],
  ])('is refused with %s', async (_, json, path) => {
    const { errors } = await expectProblem(await issue(await registered(), json), 400, 'pairing-invalid');
    expect(errors).toEqual([{ path, message: expect.any(String) }]);
  });

  it('is refused for a provider or a charger that does not exist', async () => {
    await expectProblem(await issue(await registered(), { provider: 'acme' }), 400, 'provider-unknown');
    await expectProblem(await issue(freshId()), 404, 'charger-unknown');
  });

  it('is open to the operator', async () => {
    const path = `/api/chargers/${await registered()}/pairing-codes`;
    expect((await call(path, { json: { provider: 'jedlix' }, token: ADMIN_TOKEN })).status).toBe(201);
  });
});
