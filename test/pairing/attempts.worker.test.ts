import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freshId, registered } from '../http/client.ts';
import { standIn } from '../outside.ts';
import { issuedAt, MINUTE, T0, verify } from './world.ts';

beforeEach(() => {
  standIn();
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function failTimes(times: number, caller: string, at = T0): Promise<void> {
  const failures = Array.from({ length: times }, (_, n) => verify(`WRONG${n}`, { caller, at }));
  expect(new Set(await Promise.all(failures))).toEqual(new Set(['pairing-code-incorrect']));
}

/** A caller that failed so often in the hour that began at T0. */
async function failed(failures: number): Promise<string> {
  const caller = freshId();
  await env.DB.prepare(
    `INSERT INTO pairing_attempts (caller, window_started_at, failures, locked_until, lockouts) VALUES (?1, ?2, ?3, 0, 0)`,
  )
    .bind(caller, T0, failures)
    .run();
  return caller;
}

/** The alerts that were written since, in a few words each. */
function alerts() {
  const written = vi.spyOn(console, 'error').mockReturnValue();
  return () => written.mock.calls.map(([line]) => JSON.parse(String(line)));
}

describe('wrong codes', () => {
  it('keep nobody out, however many they are: a right code among them is taken', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const caller = await failed(100_000);
    const id = await registered();
    const code = await issuedAt(id);
    await failTimes(100, caller);
    expect(await verify(code, { caller })).toBe(id);
  });

  it('tell the operator at the 1,000th of an hour, once, and again in the next hour', async () => {
    const caller = await failed(997);
    const told = alerts();
    await failTimes(2, caller, T0 + MINUTE);
    expect(told()).toEqual([]);
    await failTimes(10, caller, T0 + 59 * MINUTE);
    expect(told()).toEqual([
      {
        level: 'error',
        event: 'pairing.guessing',
        'scsp.caller': caller,
        'scsp.failures': 1000,
        'scsp.request_id': expect.any(String),
      },
    ]);
    await env.DB.prepare('UPDATE pairing_attempts SET failures = 999, window_started_at = ?1')
      .bind(T0 + 60 * MINUTE)
      .run();
    await failTimes(1, caller, T0 + 61 * MINUTE);
    expect(told()).toHaveLength(2);
  });

  it('are counted by the hour, and for each caller on its own', async () => {
    const told = alerts();
    await failTimes(1, await failed(998));
    await failTimes(1, await failed(999), T0 + 60 * MINUTE);
    expect(told()).toEqual([]);
  });

  it('are counted when they come all at once', async () => {
    const caller = freshId();
    await failTimes(50, caller);
    const row = await env.DB.prepare('SELECT failures FROM pairing_attempts WHERE caller = ?1').bind(caller).first();
    expect(row).toEqual({ failures: 50 });
  });
});
