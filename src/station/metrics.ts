/** Data points for Workers Analytics Engine, if the optional binding `METRICS` is there. Never fails its caller. */
import { writeLog } from '../log.ts';
import type { Attempt } from './delivery/lane-world.ts';
import type { Acceptance } from './station-rpc.ts';

/** The environment, with the binding that wrangler.toml leaves out by default. */
export type MeteredEnv = Pick<Env, 'DB'> & { readonly METRICS?: AnalyticsEngineDataset };

/**
 * One point for the events that a webhook brought a charger: blob1 "accepted"; double1 to 4 received, duplicates,
 * ignored, rejected.
 */
export function countAccepted(env: MeteredEnv, acceptances: readonly Acceptance[]): void {
  const count = (kind: Acceptance['kind']) => acceptances.filter((acceptance) => acceptance.kind === kind).length;
  const counts = [count('received'), count('duplicate'), count('ignored'), count('rejected')];
  write(env, { indexes: ['accepted'], blobs: ['accepted'], doubles: counts });
}

/**
 * One point for each attempt: blob1 "attempt", blob2 provider, blob3 outcome, blob4 reason ("" when delivered), blob5
 * message; double1 duration in ms, double2 the number of the attempt.
 */
export function countAttempt(env: MeteredEnv, { provider, name, outcome, durationMs, attempt }: Attempt): void {
  const reason = outcome.kind === 'delivered' ? '' : outcome.reason;
  const blobs = ['attempt', provider, outcome.kind, reason, name];
  write(env, { indexes: [provider], blobs, doubles: [durationMs, attempt] });
}

/** One point for each parked message: blob1 "parked", blob2 provider, blob3 reason. */
export function countParked(env: MeteredEnv, provider: string, reason: string): void {
  write(env, { indexes: [provider], blobs: ['parked', provider, reason], doubles: [1] });
}

function write({ METRICS }: MeteredEnv, point: AnalyticsEngineDataPoint): void {
  if (METRICS === undefined) return;
  try {
    METRICS.writeDataPoint(point);
  } catch (error) {
    writeLog('warn', 'metrics.fault', { error: String(error) });
  }
}
