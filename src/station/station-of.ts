/** Where a charger's station object is found. Creates nothing: the object comes to life at the first call. */
import type { StationRpc } from './station-rpc.ts';

/** The station object of a charger: always the same one for the same id. */
export function stationOf(env: Pick<Env, 'CHARGING_STATION'>, chargePointId: string): StationRpc {
  return env.CHARGING_STATION.getByName(chargePointId);
}
