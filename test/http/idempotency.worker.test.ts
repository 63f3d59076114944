import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pruneKeys } from '../../src/storage/idempotency.ts';
import { providersAnswer } from '../pairing/world.ts';
import { OTHER_CSMS_TOKEN } from '../settings.ts';
import { PATIENCE } from '../patience.ts';
import { call, expectProblem, freshId, registered, type Call } from './client.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const HOUR = 3_600_000;
const STEKKER = { provider: 'stekker', code: 'PEN4E' };

const pair = (id: string, key: string, options: Call = {}) =>
  call(`/api/chargers/${id}/pairings`, { json: STEKKER, headers: { 'idempotency-key': key }, ...options });
const refuse = (status: number) => providersAnswer(() => new Response('{}', { status }));
const accept = () => providersAnswer(() => Response.json({}));

/** Moves on the Worker's clock, which runs in the same isolate. */
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe('an Idempotency-Key', () => {
  it('gives the same answer again for a day, without asking the provider', async () => {
    const { calls } = accept();
    const [id, key] = [await registered(), freshId()];
    const first = await pair(id, key);
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null]);
    const body = await first.json();
    pass(24 * HOUR - 1);
    const again = await pair(id, key);
    expect([again.status, await again.json()]).toEqual([201, body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(calls).toHaveLength(1);
  });

  it('is forgotten after a day', async () => {
    const { calls } = accept();
    const [id, key] = [await registered(), freshId()];
    await pair(id, key);
    pass(24 * HOUR);
    expect((await pair(id, key)).status).toBe(201);
    expect(calls).toHaveLength(2);
  });

  it('gives a refusal again under the id of the request that asks', async () => {
    const { calls } = refuse(404);
    const [id, key] = [await registered(), freshId()];
    const first = await expectProblem(await pair(id, key), 404, 'pairing-code-incorrect');
    accept();
    const response = await pair(id, key);
    expect(response.headers.get('idempotency-replayed')).toBe('true');
    const again = await expectProblem(response, 404, 'pairing-code-incorrect');
    expect({ ...again, requestId: '' }).toEqual({ ...first, requestId: '' });
    expect(calls).toHaveLength(1);
  });

  it.each([
    [500, 503, 'provider-unavailable'],
    [401, 502, 'provider-misconfigured'],
    [400, 502, 'provider-rejected'],
  ])('keeps no answer that may be another one next time: the provider’s %i', async (status, ours, reason) => {
    refuse(status);
    const [id, key] = [await registered(), freshId()];
    await expectProblem(await pair(id, key), ours, reason);
    accept();
    expect((await pair(id, key)).status).toBe(201);
  });

  it('keeps no refusal of what was only too early', async () => {
    const provider = { isAnswering: false };
    const { calls } = providersAnswer(async () => {
      while (!provider.isAnswering) await scheduler.wait(5);
      return Response.json({});
    });
    const [id, key] = [await registered(), freshId()];
    const first = call(`/api/chargers/${id}/pairings`, { json: STEKKER });
    await vi.waitUntil(() => calls.length === 1, PATIENCE);
    await expectProblem(await pair(id, key), 409, 'pairing-in-progress');
    provider.isAnswering = true;
    expect((await first).status).toBe(201);
    expect((await pair(id, key)).status).toBe(201);
  });

  it('lets only one of two requests run that come at once, and tells the other to wait', async () => {
    const provider = { isAnswering: false };
    const { calls } = providersAnswer(async () => {
      while (!provider.isAnswering) await scheduler.wait(5);
      return Response.json({});
    });
    const [id, key] = [await registered(), freshId()];
    const first = pair(id, key);
    await vi.waitUntil(() => calls.length === 1, PATIENCE);
    const second = await pair(id, key);
    expect(second.headers.get('retry-after')).toBe('30');
    await expectProblem(second, 409, 'pairing-in-progress');
    provider.isAnswering = true;
    expect((await first).status).toBe(201);
    expect(calls).toHaveLength(1);
  });

  it('runs again when the first request died with its Worker', async () => {
    accept();
    const [id, key] = [await registered(), freshId()];
    await pair(id, key);
    await env.DB.prepare('UPDATE idempotency_keys SET answer = NULL').run();
    await expectProblem(await pair(id, key), 409, 'pairing-in-progress');
    pass(120_000);
    expect((await pair(id, key)).status).toBe(201);
  });

  it('is refused with another body', async () => {
    const { calls } = accept();
    const [id, key] = [await registered(), freshId()];
    await pair(id, key);
    const json = { ...STEKKER, code: 'OTHER' };
    await expectProblem(await pair(id, key, { json }), 422, 'idempotency-key-reused');
    expect(calls).toHaveLength(1);
  });

  it('is of one caller and one path', async () => {
    const { calls } = accept();
    const [id, other, key] = [await registered(), await registered(), freshId()];
    await pair(id, key);
    await pair(other, key);
    await pair(id, key, { token: OTHER_CSMS_TOKEN });
    expect(calls).toHaveLength(3);
  });

  it.each(['', 'x'.repeat(256), 'a\tb'])('is refused when it is %j', async (key) => {
    accept();
    await expectProblem(await pair(await registered(), key), 400, 'idempotency-key-invalid');
  });

  it('leaves neither itself nor the code in the database', async () => {
    accept();
    const [id, key] = [await registered(), freshId()];
    await pair(id, key);
    const { results } = await env.DB.prepare('SELECT * FROM idempotency_keys').all();
    expect(results.length).toBeGreaterThan(0);
    expect(JSON.stringify(results)).not.toContain(key);
    expect(JSON.stringify(results)).not.toContain(STEKKER.code);
  });

  it('is thrown away after a day', async () => {
    accept();
    await env.DB.prepare('DELETE FROM idempotency_keys').run();
    const startedAt = Date.now();
    await pair(await registered(), freshId());
    const count = () => env.DB.prepare('SELECT count(*) AS n FROM idempotency_keys').first<number>('n');
    await pruneKeys(env.DB, startedAt + 24 * HOUR - 1);
    expect(await count()).toBe(1);
    await pruneKeys(env.DB, Date.now() + 24 * HOUR);
    expect(await count()).toBe(0);
  });
});
