import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { randomFrom } from '../../bench/random.ts';
import { verifyCode } from '../../src/pairing/verify.ts';
import { freshId, registered } from '../http/client.ts';
import { redeemCode } from '../../src/pairing/redemption.ts';
import { standIn } from '../outside.ts';
import { afterFailure, isLocked, type CallerState } from './attempt-model.ts';
import { contextAt, issuedAt, MINUTE, T0, verify } from './world.ts';

beforeEach(() => {
  standIn();
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function failTimes(times: number, caller: string, at = T0): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    expect(await verify(`WRONG${n}`, { caller, at })).toBe('pairing-code-incorrect');
  }
}

/** For how many seconds the caller is locked, if it is. */
async function retryAfterS(caller: string, at = T0): Promise<number | undefined> {
  const attempt = { provider: 'jedlix', code: 'WRONG', format: 'ocpp', caller } as const;
  const refusal = await verifyCode(contextAt(at), attempt);
  return refusal.ok || refusal.error.reason !== 'too-many-attempts' ? undefined : refusal.error.retryAfterS;
}

describe('guessing', () => {
  it('ends after 20 wrong codes in 10 minutes, for right codes too, which stay good', async () => {
    const caller = freshId();
    const id = await registered();
    const code = await issuedAt(id);
    await failTimes(20, caller);
    expect(await verify(code, { caller })).toBe('too-many-attempts');
    expect(await verify(code, { caller: freshId(), at: T0 + 11 * MINUTE })).toBe(id);
  });

  it('is counted for each caller on its own', async () => {
    await failTimes(20, freshId());
    await failTimes(1, freshId());
  });

  it('may go on when the lock is over', async () => {
    const caller = freshId();
    const id = await registered();
    const code = await issuedAt(id);
    await failTimes(20, caller);
    expect(await retryAfterS(caller)).toBe(60);
    expect(await retryAfterS(caller, T0 + 59_001)).toBe(1);
    expect(await verify(code, { caller, at: T0 + MINUTE })).toBe(id);
  });

  it('is locked out twice as long each time, up to 64 minutes', async () => {
    const caller = freshId();
    let at = T0;
    const locks: (number | undefined)[] = [];
    for (let n = 0; n < 8; n += 1) {
      await failTimes(20, caller, at);
      const lockS = await retryAfterS(caller, at);
      locks.push(lockS);
      at += (lockS ?? 0) * 1000;
    }
    expect(locks).toEqual([60, 120, 240, 480, 960, 1920, 3840, 3840]);
  });

  it('is forgiven after a day without a lock', async () => {
    const caller = freshId();
    await failTimes(20, caller);
    await failTimes(20, caller, T0 + MINUTE);
    const nextDay = T0 + 25 * 60 * MINUTE;
    await failTimes(20, caller, nextDay);
    expect(await retryAfterS(caller, nextDay)).toBe(60);
  });

  it('counts the failures of 10 minutes only', async () => {
    const caller = freshId();
    await failTimes(19, caller);
    await failTimes(19, caller, T0 + 10 * MINUTE);
    expect(await retryAfterS(caller, T0 + 20 * MINUTE)).toBeUndefined();
  });

  it('goes on at any pace for 200 failures a day only: every 20 after them are a lock', async () => {
    const caller = freshId();
    for (let window = 0; window < 20; window += 1) await failTimes(10, caller, T0 + window * 10 * MINUTE);
    await failTimes(9, caller, T0 + 300 * MINUTE);
    await failTimes(1, caller, T0 + 400 * MINUTE);
    expect(await retryAfterS(caller, T0 + 400 * MINUTE)).toBe(60);
  });

  it('is not made harmless by right codes in between', async () => {
    const caller = freshId();
    const id = await registered();
    await failTimes(19, caller);
    expect(await verify(await issuedAt(id), { caller })).toBe(id);
    await failTimes(1, caller);
    expect(await retryAfterS(caller)).toBe(60);
  });

  it('counts right when the wrong codes come all at once', async () => {
    const caller = freshId();
    const reasons = await Promise.all(Array.from({ length: 30 }, (_, n) => verify(`WRONG${n}`, { caller })));
    expect(reasons.filter((reason) => reason === 'pairing-code-incorrect')).toHaveLength(20);
    expect(reasons.filter((reason) => reason === 'too-many-attempts')).toHaveLength(10);
  });

  it('is not what a right code for a taken charger is', async () => {
    const caller = freshId();
    const [first, second] = [await registered(), await registered()];
    expect(await verify(await issuedAt(first), { caller })).toBe(first);
    await failTimes(19, caller);
    expect(await verify(await issuedAt(second), { caller })).toBe(second);
  });

  it('raises one alert when the lock begins', async () => {
    const caller = freshId();
    const alert = vi.spyOn(console, 'error');
    await failTimes(20, caller);
    await retryAfterS(caller);
    expect(alert).toHaveBeenCalledTimes(1);
    expect(JSON.parse(String(alert.mock.calls[0]?.[0]))).toMatchObject({
      level: 'error',
      event: 'pairing.lockout',
      'scsp.caller': caller,
      'scsp.locked_until': '2026-03-31T12:01:00.000Z',
    });
  });
});

describe('the count of failures', () => {
  it('is what the rule says, whenever they come', async () => {
    const random = randomFrom('failures');
    const policy = {
      windowMs: 100,
      maxFailures: 4,
      dayMs: 1500,
      maxDayFailures: 12,
      baseLockMs: 10,
      maxDoublings: 3,
      forgiveAfterMs: 400,
    };
    const request = {
      codeHash: 'no such code',
      provider: 'jedlix',
      format: 'ocpp',
      isExclusive: true,
      policy,
    } as const;
    const audit = { by: 'provider', caller: 'test', requestId: 'test', origin: 'code-from-us' } as const;
    const caller = freshId();
    let state: CallerState | undefined;
    let now = T0;
    const kinds = new Set<string>();
    for (let n = 0; n < 600; n += 1) {
      now += random.pick([0, 1, 5, 20, 30, 60, 100, 500]);
      const redemption = await redeemCode(env.DB, { ...request, caller, now, audit });
      kinds.add(redemption.kind);
      const wasLocked = isLocked(state, now);
      if (!wasLocked) state = afterFailure(state, now, policy);
      const lock = isLocked(state, now) ? { lockedUntil: state?.lockedUntil } : {};
      expect(redemption).toEqual({ kind: wasLocked ? 'locked' : 'incorrect', ...lock });
    }
    expect(kinds).toEqual(new Set(['incorrect', 'locked']));
  });
});
