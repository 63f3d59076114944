/** What the cron trigger does: deletes what is old, wakes what is overdue. A failing task does not stop others. */
import { configOf } from './config.ts';
import { writeLog } from './log.ts';
import { nudgeInTurn, nudgeTroubled } from './operations/nudging.ts';
import { tellStations } from './operations/pausing.ts';
import { endAbandonedClaims, retellPairings } from './pairing/repair.ts';
import { pruneDeadLetters } from './storage/dead-letters.ts';
import { pruneKeys } from './storage/idempotency.ts';
import { prunePairingCodes } from './pairing/stored-codes.ts';

/** Runs every task that is due at `now` (ms since the epoch). */
export async function sweep(env: Env, now: number): Promise<void> {
  const config = configOf(env);
  const tasks: Readonly<Record<string, () => Promise<unknown>>> = {
    'prune-pairing-codes': () => prunePairingCodes(env.DB, now),
    'prune-idempotency-keys': () => pruneKeys(env.DB, now),
    'retell-pairings': () => retellPairings(env, now),
    'end-abandoned-claims': () => endAbandonedClaims(env, now),
    'tell-stations': () => tellStations(env),
    'nudge-troubled': () => nudgeTroubled(env, now),
    'nudge-in-turn': () => nudgeInTurn(env, now),
    ...(config.ok && {
      'prune-dead-letters': () => pruneDeadLetters(env.DB, now - config.value.deadLetterRetentionMs),
    }),
  };
  await Promise.all(
    Object.entries(tasks).map(async ([task, run]) => {
      try {
        await run();
      } catch (error) {
        writeLog('error', 'sweep.fault', { 'scsp.task': task, error: String(error) });
      }
    }),
  );
}
