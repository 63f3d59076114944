/** Lets stations that wait for a provider try at once, because an operator says that the cause is gone. */
import { stationOf } from '../station/station-of.ts';
import { listWaiting } from '../storage/troubled-lanes.ts';

/** How many stations one request wakes. A Worker's request may call only so many objects. */
const STATIONS_PER_REQUEST = 200;

/** `stations` were told to try now; `remaining` wait still, and need another request. */
export type Retried = { readonly stations: number; readonly remaining: number };

/** An open breaker lets the next lane probe at once, and paces the others as usual. */
export async function retry(env: Env, provider: string): Promise<Retried> {
  const { chargePointIds, total } = await listWaiting(env.DB, provider, STATIONS_PER_REQUEST);
  await Promise.allSettled([env.PROVIDER_BREAKER.getByName(provider).probe()]);
  const told = await Promise.allSettled(chargePointIds.map((id) => stationOf(env, id).retry(provider)));
  const stations = told.filter(({ status }) => status === 'fulfilled').length;
  return { stations, remaining: Math.max(0, total - stations) };
}
