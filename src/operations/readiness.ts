/** Whether the Worker can do its work: settings, database, cron trigger, providers. Names settings, never values. */
import type { Config } from '../config.ts';
import { PROVIDERS } from '../providers/index.ts';
import { findJurisdiction, type Jurisdiction } from '../storage/jurisdiction.ts';
import { listSharedUids } from '../storage/store-chargers.ts';
import { findNewestApplied, NEWEST_MIGRATION, type NewestApplied } from '../storage/migrations.ts';

/**
 * The result of one check. `detail` is for the operator only. `isWarning`: what it found should be mended, but keeps
 * the Worker from nothing.
 */
export type Check = {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly isWarning?: boolean;
};

/** The key in KV under which the time of the last run of the cron trigger is stored. */
const RAN_AT = 'sweep:ran-at';
/** The cron trigger runs every 5 minutes. When three runs are missing, something is wrong. */
const MAX_SILENCE_MS = 15 * 60_000;
const MAX_NAMED_UIDS = 5;

/** Every check, at `now` (ms). What cannot be checked is not ok. */
export async function checkReadiness(env: Env, config: Config, now: number): Promise<Check[]> {
  const [applied, ranAt, jurisdiction, sharedUids] = await Promise.allSettled([
    findNewestApplied(env.DB),
    env.CACHE.get(RAN_AT),
    findJurisdiction(env.DB),
    listSharedUids(env.DB, MAX_NAMED_UIDS),
  ]);
  return [
    settingsCheck(config),
    applied.status === 'fulfilled' ? migrationsCheck(applied.value) : unreadable('migrations', 'D1', applied.reason),
    ranAt.status === 'fulfilled'
      ? cronCheck(ranAt.value, applied.status === 'fulfilled' ? applied.value : undefined, now)
      : unreadable('cron', 'KV', ranAt.reason),
    jurisdiction.status === 'fulfilled'
      ? jurisdictionCheck(config, jurisdiction.value)
      : unreadable('jurisdiction', 'D1', jurisdiction.reason),
    // Without its table, the check of migrations says what is wrong.
    ...(sharedUids.status === 'fulfilled' ? [uidCheck(sharedUids.value)] : []),
    ...PROVIDERS.map(({ name }) => providerCheck(config, name)),
  ];
}

/** Notes that the cron trigger ran. */
export async function noteRun(cache: KVNamespace, now: number): Promise<void> {
  await cache.put(RAN_AT, String(now));
}

/** Our own settings that are malformed, and those that are missing though something that is on needs them. */
export function missingSettings(config: Config): readonly string[] {
  const { csmsTokens, csmsWebhookSecrets, adminTokens, pairingCodePepper, providers, badSettings } = config;
  const issuesCodes = [...providers.values()].some(({ issuedCodeFormats }) => issuedCodeFormats.length > 0);
  const missing = [
    ...(csmsTokens.length === 0 && csmsWebhookSecrets.length === 0 ? ['CSMS_TOKENS'] : []),
    ...(adminTokens.length === 0 ? ['ADMIN_TOKEN'] : []),
    ...(issuesCodes && pairingCodePepper === undefined ? ['PAIRING_CODE_PEPPER'] : []),
  ];
  return [...new Set([...badSettings, ...missing])];
}

function settingsCheck(config: Config): Check {
  const bad = missingSettings(config);
  const detail = bad.length === 0 ? 'Every setting is well formed.' : `Missing or malformed: ${bad.join(', ')}.`;
  return { name: 'settings', ok: bad.length === 0, detail };
}

/** A migration that is newer than this version is fine: the Worker is being rolled back, or will be deployed next. */
function migrationsCheck(applied: NewestApplied | undefined): Check {
  const ok = applied !== undefined && applied.name >= NEWEST_MIGRATION;
  const detail = `Applied: ${applied?.name ?? 'none'}. Needed: ${NEWEST_MIGRATION}.`;
  return { name: 'migrations', ok, detail };
}

/** Before its first run, the trigger has as much time as between two runs, from the newest migration on. */
function cronCheck(ranAt: string | null, applied: NewestApplied | undefined, now: number): Check {
  const since = ranAt === null ? (applied?.appliedAt ?? 0) : Number(ranAt);
  const detail = ranAt === null ? 'It has not run yet.' : `It ran last at ${new Date(Number(ranAt)).toISOString()}.`;
  return { name: 'cron', ok: now - since <= MAX_SILENCE_MS, detail };
}

/** Objects that exist cannot be moved, so a setting that differs from the record changes nothing. */
function jurisdictionCheck({ jurisdiction }: Config, recorded: Jurisdiction = jurisdiction): Check {
  const ok = recorded === jurisdiction;
  const detail = ok
    ? `It is ${recorded}.`
    : `DATA_JURISDICTION is ${jurisdiction}, but this deployment began with ${recorded} and keeps it.`;
  return { name: 'jurisdiction', ok, detail };
}

/** Since 0.2.0 a uid is at one charger only; doubles can only be from before. */
function uidCheck(shared: readonly string[]): Check {
  const detail =
    shared.length === 0
      ? 'Each is at one charger only.'
      : `Several chargers share: ${shared.join(', ')}. Give each EVSE a uid of its own.`;
  return { name: 'evse-uids', ok: shared.length === 0, detail, isWarning: true };
}

function providerCheck({ providers, halfConfigured }: Config, provider: string): Check {
  const name = `provider-${provider}`;
  const bad = halfConfigured.get(provider);
  if (bad !== undefined) return { name, ok: false, detail: `Misconfigured, so it is off: ${bad.join(', ')}.` };
  return { name, ok: true, detail: providers.has(provider) ? 'On.' : 'Off: none of its settings is there.' };
}

function unreadable(name: string, what: string, reason: unknown): Check {
  return { name, ok: false, detail: `${what} cannot be read: ${String(reason).slice(0, 200)}` };
}
