/** Guess protection: how many wrong codes a caller may send, and what happens then. Counted in D1 by the verification itself. */
import { writeLog } from '../log.ts';
import { problem, type Problem } from '../problem.ts';

/** All in ms but the counts. A lock lasts `baseLockMs`, doubled for each lock-out in a row up to `maxDoublings` times. */
export type AttemptPolicy = {
  readonly windowMs: number;
  readonly maxFailures: number;
  /** From this many failures in a day on, the window of the others never ends: a patient guesser is locked out like a hasty one. */
  readonly dayMs: number;
  readonly maxDayFailures: number;
  readonly baseLockMs: number;
  readonly maxDoublings: number;
  /** After this long without a lock, the row of lock-outs starts again. */
  readonly forgiveAfterMs: number;
};

/**
 * 20 failures in 10 minutes, or any 20 after the first 200 of a day; then a lock of 1, 2, 4 … 64 minutes. Successes reset nothing:
 * a guesser has some too. Without the day's limit, 19 tries every 10 minutes would never be locked (docs/pairing.md has figures).
 */
export const ATTEMPT_POLICY: AttemptPolicy = {
  windowMs: 600_000,
  maxFailures: 20,
  dayMs: 86_400_000,
  maxDayFailures: 200,
  baseLockMs: 60_000,
  maxDoublings: 6,
  forgiveAfterMs: 86_400_000,
};

/** What a locked caller is told. Right and wrong codes get it alike. */
export function tooManyAttempts(lockedUntil: number, now: number): Problem {
  const retryAfterS = Math.ceil((lockedUntil - now) / 1000);
  return problem('too-many-attempts', 'Too many wrong pairing codes; no code is looked at until later.', {
    retryAfterS,
  });
}

/** The alert of a lock-out that has just begun: someone is guessing, or a form is broken. */
export function alertLockout(caller: string, lockedUntil: number, requestId: string): void {
  writeLog('error', 'pairing.lockout', {
    'scsp.caller': caller,
    'scsp.locked_until': new Date(lockedUntil).toISOString(),
    'scsp.request_id': requestId,
  });
}
