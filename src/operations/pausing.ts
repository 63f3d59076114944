/** Pauses and resumes a provider: writes the registry, and tells paired stations. The cron sweep tells the rest. */
import { listHoldOrders, noteHolds, setPaused } from '../storage/paused-providers.ts';
import { stationOf } from '../station/station-of.ts';

/** How many stations one run tells. A Worker's request may call only so many objects. */
const STATIONS_PER_RUN = 400;

/** Pauses or resumes; gives how many stations were told now. */
export async function pause(env: Env, provider: string, isPaused: boolean, now: number): Promise<number> {
  await setPaused(env.DB, provider, isPaused, now);
  return tellStations(env);
}

/** Tells stations that were last told otherwise. A station that cannot be reached is told by a later run. */
export async function tellStations(env: Env): Promise<number> {
  const orders = await listHoldOrders(env.DB, STATIONS_PER_RUN);
  const told = await Promise.allSettled(
    orders.map(async (order) => {
      await stationOf(env, order.chargePointId).hold(order.provider, order.isPaused);
      return order;
    }),
  );
  const done = told.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  await noteHolds(env.DB, done);
  return done.length;
}
