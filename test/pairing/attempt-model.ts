/** The lock-out as its rule says, without a database: the oracle of the SQL, and what guessing is simulated against. Pure. */
import type { AttemptPolicy } from '../../src/pairing/attempts.ts';

/** What is known of one caller. Instants in ms; a caller that never failed has none. */
export type CallerState = {
  readonly windowStartedAt: number;
  readonly failures: number;
  readonly lockedUntil: number;
  readonly lockouts: number;
  readonly dayStartedAt: number;
  readonly dayFailures: number;
};

export const isLocked = (state: CallerState | undefined, now: number) => state !== undefined && state.lockedUntil > now;

/** The state after one more failure at `now`, when the caller is not locked. */
export function afterFailure(state: CallerState | undefined, now: number, policy: AttemptPolicy): CallerState {
  if (state === undefined) {
    return { windowStartedAt: now, failures: 1, lockedUntil: 0, lockouts: 0, dayStartedAt: now, dayFailures: 1 };
  }
  const isNewDay = state.dayStartedAt <= now - policy.dayMs;
  const dayFailures = isNewDay ? 0 : state.dayFailures;
  const isFresh = state.windowStartedAt <= now - policy.windowMs && dayFailures < policy.maxDayFailures;
  const failures = isFresh ? 1 : state.failures + 1;
  const day = { dayStartedAt: isNewDay ? now : state.dayStartedAt, dayFailures: dayFailures + 1 };
  if (isFresh || failures < policy.maxFailures) {
    return { ...state, ...day, failures, windowStartedAt: isFresh ? now : state.windowStartedAt };
  }
  const lockouts = state.lockedUntil > now - policy.forgiveAfterMs ? state.lockouts : 0;
  const lockMs = policy.baseLockMs * 2 ** Math.min(lockouts, policy.maxDoublings);
  return { ...day, windowStartedAt: now, failures: 0, lockedUntil: now + lockMs, lockouts: lockouts + 1 };
}
