/** What the cron trigger does: deletes what is old, wakes what is overdue. A failing task does not stop others. */
import { configOf, type Config } from './config.ts';
import { Metrics } from './station/metrics.ts';
import { writeLog } from './log.ts';
import { watch } from './operations/alerting.ts';
import { eraseMore } from './operations/erasing.ts';
import { sendNotices } from './operations/noticing.ts';
import { missingSettings, noteRun } from './operations/readiness.ts';
import { nudgeInTurn, nudgeTroubled } from './operations/nudging.ts';
import { tellStations } from './operations/pausing.ts';
import { tellUnknown } from './operations/unknown.ts';
import { endAbandonedClaims, retellPairings } from './pairing/repair.ts';
import { listFullQuotas, pruneDeadLetters } from './storage/dead-letters.ts';
import { pruneCounts } from './storage/provider-counts.ts';
import { pruneKeys } from './storage/idempotency.ts';
import { pruneSessions } from './storage/sessions.ts';
import { pruneUnknown } from './storage/unknown-chargers.ts';
import { prunePairingCodes } from './pairing/stored-codes.ts';

/** Runs every task that is due at `now` (ms since the epoch). */
export async function sweep(env: Env, now: number): Promise<void> {
  const config = configOf(env);
  reportSettings(config);
  const tasks = {
    'note-run': () => noteRun(env.CACHE, now),
    'prune-pairing-codes': () => prunePairingCodes(env.DB, now),
    'prune-idempotency-keys': () => pruneKeys(env.DB, now),
    'retell-pairings': () => retellPairings(env, now),
    'end-abandoned-claims': () => endAbandonedClaims(env, now),
    'tell-stations': () => tellStations(env),
    'nudge-troubled': () => nudgeTroubled(env, now),
    'nudge-in-turn': () => nudgeInTurn(env, now),
    'report-full-quotas': () => reportQuotas(env.DB, config.deadLetterQuota),
    watch: () => watchOnce(env, now),
    'prune-unknown-chargers': () => pruneUnknown(env.DB, now),
    'prune-sessions': () => pruneSessions(env.DB, now - config.payloadRetentionMs),
    'prune-counts': () => pruneCounts(env.DB, now - config.payloadRetentionMs),
    'prune-dead-letters': () =>
      pruneDeadLetters(env.DB, now - config.deadLetterRetentionMs, now - config.olderLetterRetentionMs),
  };
  await runAll(tasks);
}

/** What runs every minute: alerts, and what the CSMS is told of them. */
export async function watchEveryMinute(env: Env, now: number): Promise<void> {
  await runAll({ watch: () => watchOnce(env, now), erase: () => eraseMore(env, configOf(env), now) });
}

async function watchOnce(env: Env, now: number): Promise<void> {
  const config = configOf(env);
  const metrics = new Metrics(env);
  const work = async () => {
    await watch(env, config, now, metrics);
    await tellUnknown(env, config, now);
    await sendNotices(env, config, now, metrics);
  };
  await metrics.during(work());
}

async function runAll(tasks: Readonly<Record<string, () => Promise<unknown>>>): Promise<void> {
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

/** Somebody has to act: a provider refuses nearly everything, and its letters stay at their stations. */
async function reportQuotas(db: D1Database, quota: number): Promise<void> {
  for (const provider of await listFullQuotas(db, quota)) {
    writeLog('error', 'dead-letters.full', { 'scsp.provider': provider, 'scsp.quota': quota });
  }
}

/**
 * Somebody has to act, so it is said again at every run: which settings are bad, and which provider is off because of
 * its own.
 */
function reportSettings(config: Config): void {
  const own = missingSettings(config);
  if (own.length > 0) writeLog('error', 'settings.bad', { 'scsp.settings': own });
  for (const [provider, settings] of config.halfConfigured) {
    writeLog('error', 'provider.half-configured', { 'scsp.provider': provider, 'scsp.settings': settings });
  }
}
