import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { standIn } from '../outside.ts';
import { JEDLIX_TOKEN, TEST_RATE_LIMIT } from '../settings.ts';
import { requestTo } from './client.ts';

beforeEach(() => {
  standIn();
  vi.spyOn(console, 'warn').mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A request that costs nothing but the fence: what comes behind it refuses the protocol at once. */
const knock = (changes: Record<string, unknown> = {}, token = JEDLIX_TOKEN) =>
  createApp().fetch(requestTo('/v1/cpo/ocpp9/pair', { json: {}, token }), { ...env, ...changes });

it('a flood of verifications meets the platform’s limiter before anything is looked at', async () => {
  // The window may end on the way, so that up to twice as many get through.
  const { TEST_RATE_LIMIT: PAIR_RATE_LIMIT } = env;
  let refused = await knock({ PAIR_RATE_LIMIT });
  for (let n = 0; refused.status === 400 && n < 2 * TEST_RATE_LIMIT; n += 1) refused = await knock({ PAIR_RATE_LIMIT });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
  expect(await refused.json()).toEqual({ message: expect.any(String) });
  const another = { PAIR_RATE_LIMIT, JEDLIX_INBOUND_TOKENS: 'another-token' };
  expect((await knock(another, 'another-token')).status).toBe(400);
});

it('the Worker’s own limiter lets through what people type', async () => {
  const answers = await Promise.all(Array.from({ length: 4 * TEST_RATE_LIMIT }, async () => knock()));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
});

it('nobody is kept out where the limiter is not bound, or fails', async () => {
  const failing = { limit: () => Promise.reject(new Error('the limiter is down')) };
  for (const PAIR_RATE_LIMIT of [undefined, failing]) expect((await knock({ PAIR_RATE_LIMIT })).status).toBe(400);
});
