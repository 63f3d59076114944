/** How somebody with a provider's token might guess codes: each knows the lock-out's rule and its own state. Pure. */
import type { AttemptPolicy } from '../../src/pairing/attempts.ts';
import type { CallerState } from '../../test/pairing/attempt-model.ts';

/** When the next try is worth making, in ms; at `now` or later. Locks are waited for by whoever asks. */
export type Attacker = (state: CallerState | undefined, now: number, policy: AttemptPolicy) => number;

/** Tries whenever it may. */
const hasty: Attacker = (_, now) => now;

/** Stops one short of a lock and waits for the next window; from the day's limit on there is none to wait for. */
const patient: Attacker = (state, now, policy) => {
  if (state === undefined || state.failures < policy.maxFailures - 1) return now;
  const hasWindow = state.dayFailures < policy.maxDayFailures;
  return hasWindow ? Math.max(now, state.windowStartedAt + policy.windowMs) : now;
};

/** Like the patient one, and rests until the next day rather than be locked: it never is. */
const abstinent: Attacker = (state, now, policy) => {
  const isNearLock = state !== undefined && state.failures >= policy.maxFailures - 1;
  const isSpent = isNearLock && state.dayFailures >= policy.maxDayFailures;
  return isSpent ? Math.max(now, state.dayStartedAt + policy.dayMs) : patient(state, now, policy);
};

/** Opens a day with one try, saves the rest for its end, and goes on into the next: the most tries in any 24 hours. */
const hoarding: Attacker = (state, now, policy) => {
  const windows = Math.ceil(policy.maxDayFailures / (policy.maxFailures - 1));
  const isFirstDay = state !== undefined && now - state.dayStartedAt < policy.dayMs && state.lockouts === 0;
  if (!isFirstDay) return patient(state, now, policy);
  const spendFrom = state.dayStartedAt + policy.dayMs - windows * policy.windowMs;
  return now < spendFrom ? spendFrom : patient(state, now, policy);
};

export const ATTACKERS: Readonly<Record<string, Attacker>> = { hasty, patient, abstinent, hoarding };
