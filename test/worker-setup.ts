/**
 * Around each file of worker tests: an up-to-date database before it, and rest after it. A station that owes something tries again for
 * days, by timers, alarms and requests in flight; workerd ends only when none of them is left.
 */
import { abortAllDurableObjects, applyD1Migrations, reset } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterAll, vi } from 'vitest';

await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);

afterAll(async () => {
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('the tests of this file are over'));
  await abortAllDurableObjects();
  await reset();
});
