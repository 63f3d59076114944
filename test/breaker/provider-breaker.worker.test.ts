/** The object that keeps a breaker, restarted: it knows how long the queue is, and who probed last. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, expect, test, vi } from 'vitest';
import { ProviderBreaker } from '../../src/breaker/provider-breaker.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const T0 = Date.parse('2026-03-31T12:00:00Z');

afterEach(() => {
  vi.useRealTimers();
});

/** Fails for twenty stations at T0, then does the rest; `restart` makes the object anew from what it stored. */
async function opened(
  name: string,
  act: (breaker: ProviderBreaker, restart: () => ProviderBreaker) => Promise<void>,
): Promise<void> {
  await runInDurableObject(env.PROVIDER_BREAKER.getByName(name), async (_, state) => {
    vi.useFakeTimers({ toFake: ['Date'], now: T0 });
    const restart = () => new ProviderBreaker(state, env);
    const breaker = restart();
    for (let station = 0; station < 20; station += 1) await breaker.report(String(station), false);
    expect(await breaker.mode()).toBe('open');
    await act(breaker, restart);
  });
}

test('a restart while others queue does not end the recovery, and one after them does', async () => {
  await opened('queue', async (breaker, restart) => {
    await breaker.report('0', true);
    for (let station = 0; station < 20_000; station += 1) await breaker.ask(String(station));
    vi.setSystemTime(T0 + 3 * MINUTE - 1);
    expect(await restart().mode()).toBe('recovering');
    for (let station = 0; station < 20_000; station += 1) await breaker.ask(String(station));
    vi.setSystemTime(T0 + 3 * MINUTE + SECOND);
    const again = restart();
    expect(await again.mode()).toBe('recovering');
    expect((await again.ask('0')).waitMs).toBeGreaterThan(SECOND);
    vi.setSystemTime(T0 + 10 * MINUTE);
    expect(await restart().mode()).toBe('closed');
  });
});

test('a restart long after the opening still shows it open, while it is probed', async () => {
  await opened('probe', async (breaker, restart) => {
    for (let minute = 1; minute <= 60; minute += 10) {
      vi.setSystemTime(T0 + minute * MINUTE);
      expect(await breaker.ask('0')).toMatchObject({ waitMs: 0, mode: 'open' });
    }
    expect(await restart().mode()).toBe('open');
    vi.setSystemTime(T0 + 90 * MINUTE);
    expect(await restart().mode()).toBe('closed');
  });
});
