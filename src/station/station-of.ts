/** Finds a charger's station object. Creates nothing: the object starts at its first call. */
import type { StationRpc } from './station-rpc.ts';

/** The station object of a charger. The same id always gives the same object. */
export function stationOf(env: Pick<Env, 'CHARGING_STATION'>, chargePointId: string): StationRpc {
  return env.CHARGING_STATION.getByName(chargePointId);
}
