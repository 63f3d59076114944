/** What the cron trigger does: forgets what nobody needs, and wakes what is overdue. Each task may fail without keeping the others. */
import { configOf } from './config.ts';
import { writeLog } from './log.ts';
import { tellStations } from './operations/pausing.ts';
import { pruneDeadLetters } from './storage/dead-letters.ts';
import { prunePairingCodes } from './storage/pairing-codes.ts';
import { stationOf } from './storage/stations.ts';
import { listTroubled } from './storage/troubled-lanes.ts';

/** A lane in trouble for longer than this should have been woken by its own alarm. */
const OVERDUE_MS = 10 * 60_000;
const MAX_NUDGES = 200;

/** Runs every task that is due at `now` (ms since the epoch). */
export async function sweep(env: Env, now: number): Promise<void> {
  const config = configOf(env);
  const tasks: Readonly<Record<string, () => Promise<unknown>>> = {
    'prune-pairing-codes': () => prunePairingCodes(env.DB, now),
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

async function nudgeOverdue(env: Env, now: number): Promise<void> {
  const chargePointIds = await listTroubled(env.DB, now - OVERDUE_MS, MAX_NUDGES);
  await Promise.allSettled(chargePointIds.map((id) => stationOf(env, id).nudge()));
}
