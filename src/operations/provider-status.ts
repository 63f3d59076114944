/** How each provider is doing, added up over the stations that deliver to it. The stations themselves are asked. */
import type { LaneSummary } from '../station/journal/history.ts';
import { listDelivering, listPaused } from '../storage/paused-providers.ts';
import { stationOf } from '../station/station-of.ts';

/** At most so many stations are asked in one request. `stations` says how many there are, and how many answered. */
const MAX_STATIONS = 800;

/** `oldestUndeliveredAgeS` is absent when nothing is owed. Counts go back as far as the stations' logs. */
export type ProviderStatus = {
  readonly provider: string;
  readonly paused: boolean;
  readonly breaker: string;
  readonly backlog: number;
  readonly oldestUndeliveredAgeSeconds: number | null;
  readonly delivered: number;
  readonly rejected: number;
  readonly retried: number;
  readonly stations: { readonly asked: number; readonly total: number };
};

/** The status of these providers at `now` (ms). */
export async function providerStatuses(env: Env, providers: readonly string[], now: number): Promise<ProviderStatus[]> {
  const [{ chargePointIds, total }, paused] = await Promise.all([
    listDelivering(env.DB, MAX_STATIONS),
    listPaused(env.DB),
  ]);
  const asked = await Promise.allSettled(chargePointIds.map((id) => stationOf(env, id).summary(providers)));
  const answered = asked.filter((outcome) => outcome.status === 'fulfilled');
  const summaries = answered.flatMap(({ value }) => value);
  return Promise.all(
    providers.map(async (provider) => ({
      provider,
      paused: paused.includes(provider),
      breaker: await modeOf(env, provider),
      ...addUp(
        summaries.filter((summary) => summary.provider === provider),
        now,
      ),
      stations: { asked: answered.length, total },
    })),
  );
}

/** A breaker that cannot be reached is shown as such, and does not hide the rest. */
async function modeOf(env: Env, provider: string): Promise<string> {
  const [mode] = await Promise.allSettled([env.PROVIDER_BREAKER.getByName(provider).mode()]);
  return mode.status === 'fulfilled' ? mode.value : 'unreachable';
}

function addUp(summaries: readonly LaneSummary[], now: number) {
  const sum = (key: 'backlog' | 'delivered' | 'rejected' | 'retried') =>
    summaries.reduce((total, summary) => total + summary[key], 0);
  const oldest = summaries.flatMap(({ oldestAt }) => (oldestAt === undefined ? [] : [oldestAt]));
  return {
    backlog: sum('backlog'),
    oldestUndeliveredAgeSeconds:
      oldest.length === 0 ? null : Math.max(0, Math.floor((now - Math.min(...oldest)) / 1000)),
    delivered: sum('delivered'),
    rejected: sum('rejected'),
    retried: sum('retried'),
  };
}
