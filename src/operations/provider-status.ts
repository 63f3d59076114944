/** How each provider is doing, as the registry has it. No station is asked: those in trouble note it themselves. */
import type { Config } from '../config.ts';
import { listPaused } from '../storage/paused-providers.ts';
import { listCounts, listErrors } from '../storage/provider-counts.ts';
import { listLags } from '../storage/troubled-lanes.ts';

const HOUR_MS = 60 * 60_000;

/**
 * `backlog` and the age are of lanes that wait; `chargersWaiting` is how many do. The counts reach to `countsUntil`: a
 * station adds what ended in an hour when the hour is over and something happens at it.
 */
export type ProviderStatus = {
  readonly provider: string;
  readonly state: 'on' | 'off' | 'half-configured';
  readonly badSettings?: readonly string[];
  readonly paused: boolean;
  readonly breaker: string;
  readonly backlog: number;
  readonly chargersWaiting: number;
  readonly oldestUndeliveredAgeSeconds: number | null;
  readonly lastError: { readonly reason: string; readonly at: string } | null;
  readonly delivered: number;
  readonly rejected: number;
  readonly retried: number;
  readonly countsFrom: string | null;
  readonly countsUntil: string | null;
};

/** The status of these providers at `now` (ms). */
export async function providerStatuses(
  env: Env,
  config: Config,
  providers: readonly string[],
  now: number,
): Promise<ProviderStatus[]> {
  const [lags, paused, counts, errors] = await Promise.all([
    listLags(env.DB),
    listPaused(env.DB),
    listCounts(env.DB),
    listErrors(env.DB),
  ]);
  const instant = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  return Promise.all(
    providers.map(async (provider) => {
      const lag = lags.find((each) => each.provider === provider);
      const count = counts.find((each) => each.provider === provider);
      const error = newestOf(
        lag,
        errors.find((each) => each.provider === provider),
      );
      return {
        provider,
        ...stateOf(config, provider),
        paused: paused.includes(provider),
        breaker: await breakerMode(env, provider),
        backlog: lag?.backlog ?? 0,
        chargersWaiting: lag?.chargers ?? 0,
        oldestUndeliveredAgeSeconds: lag?.oldestAt === undefined ? null : ageS(lag.oldestAt, now),
        lastError: error === undefined ? null : { reason: error.reason, at: new Date(error.at).toISOString() },
        delivered: count?.delivered ?? 0,
        rejected: count?.rejected ?? 0,
        retried: count?.retried ?? 0,
        countsFrom: instant(count?.first),
        countsUntil: instant(count && count.last + HOUR_MS),
      };
    }),
  );
}

/** How old something is, in whole seconds. */
export const ageS = (at: number, now: number) => Math.max(0, Math.floor((now - at) / 1000));

/** A breaker that cannot be reached is shown as such, and does not hide the rest. */
export async function breakerMode(env: Env, provider: string): Promise<string> {
  const [mode] = await Promise.allSettled([env.PROVIDER_BREAKER.getByName(provider).mode()]);
  return mode.status === 'fulfilled' ? mode.value : 'unreachable';
}

function stateOf(
  { providers, halfConfigured }: Config,
  provider: string,
): Pick<ProviderStatus, 'state' | 'badSettings'> {
  const bad = halfConfigured.get(provider);
  if (bad !== undefined) return { state: 'half-configured', badSettings: bad };
  return { state: providers.has(provider) ? 'on' : 'off' };
}

type Reasoned = { readonly reason: string; readonly at: number };

/** What lanes noted since the cron trigger ran last is newer than what it noted. */
function newestOf(
  lag: { readonly reason: string | undefined; readonly reasonAt: number } | undefined,
  noted: Reasoned | undefined,
): Reasoned | undefined {
  if (lag?.reason === undefined || lag.reason === 'paused') return noted;
  return noted === undefined || lag.reasonAt > noted.at ? { reason: lag.reason, at: lag.reasonAt } : noted;
}
