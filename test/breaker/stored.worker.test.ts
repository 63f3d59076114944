/** What the breaker's object finds stored, by this version or an earlier one. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test, vi } from 'vitest';

test('a breaker that an earlier version stored, with its failures in another form, opens as ever', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  const breaker = env.PROVIDER_BREAKER.getByName('of-an-earlier-version');
  const earlier = { mode: 'closed', failures: { 'cp-1': 1 }, since: 1, nextAt: 1 };
  await runInDurableObject(breaker, (_, { storage }) => storage.kv.put('breaker', earlier));
  await evictDurableObject(breaker);
  for (let failures = 0; failures < 20; failures += 1) {
    expect(await breaker.mode()).toBe('closed');
    await breaker.report(`cp-${failures % 5}`, false);
  }
  expect(await breaker.mode()).toBe('open');
});
