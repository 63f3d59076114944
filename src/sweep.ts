/** What the cron trigger does: forgets what nobody needs, and wakes what is overdue. Each task may fail without keeping the others. */
import { configOf } from './config.ts';
import { writeLog } from './log.ts';
import { tellStations } from './operations/pausing.ts';
import { endAbandonedClaims, retellPairings } from './pairing/repair.ts';
import { pruneDeadLetters } from './storage/dead-letters.ts';
import { pruneKeys } from './storage/idempotency.ts';
import { prunePairingCodes } from './storage/pairing-codes.ts';
import { stationOf } from './storage/stations.ts';
import { clearTroubles, listTroubled } from './storage/troubled-lanes.ts';

/** A lane in trouble for longer than this should have been woken by its own alarm. */
const OVERDUE_MS = 10 * 60_000;
const MAX_NUDGES = 200;

/** Runs every task that is due at `now` (ms since the epoch). */
export async function sweep(env: Env, now: number): Promise<void> {
  const config = configOf(env);
  const tasks: Readonly<Record<string, () => Promise<unknown>>> = {
    'prune-pairing-codes': () => prunePairingCodes(env.DB, now),
    'prune-idempotency-keys': () => pruneKeys(env.DB, now),
    'retell-pairings': () => retellPairings(env, now),
    'end-abandoned-claims': () => endAbandonedClaims(env, now),
    'tell-stations': () => tellStations(env),
    'nudge-overdue': () => nudgeOverdue(env, now),
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

/** A station that owes nothing is in no trouble, whatever was noted of it last. */
async function nudgeOverdue(env: Env, now: number): Promise<void> {
  const chargePointIds = await listTroubled(env.DB, now - OVERDUE_MS, MAX_NUDGES);
  await Promise.allSettled(
    chargePointIds.map(async (id) => {
      const isOwing = await stationOf(env, id).nudge();
      if (!isOwing) await clearTroubles(env.DB, id, now);
    }),
  );
}
