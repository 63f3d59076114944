/** A charger in Stekker's form (Stekker guide: ChargePointDetailsNotification). Pure. */
import { maxPowerOf, type Charger, type Connector, type Evse } from '../../charging/charger.ts';
import type { StekkerSettings } from './settings.ts';
import { defined } from '../../defined.ts';

/** The body of the PUT that pairs. `maxPower` is in W. The order of the coordinates is a setting. */
export function chargePointDetails(charger: Charger, settings: StekkerSettings, pairingCode?: string) {
  const { chargePointId, name, ocppIdentity, locationId, country, geometry, evses } = charger;
  return {
    event: 'ChargePointDetailsNotification',
    chargePointId,
    ...defined({ pairingCode }),
    name: name ?? ocppIdentity,
    ocppIdentity,
    ...defined({ locationId, country }),
    ...(geometry && { geometry: { type: geometry.type, coordinates: ordered(geometry.coordinates, settings) } }),
    connectors: evses.map(connectorOf),
  };
}

/** Stekker's example has latitude first; GeoJSON has longitude first (RFC 7946 §3.1.1). */
function ordered([longitude, latitude]: readonly [number, number], settings: StekkerSettings): readonly number[] {
  return settings.STEKKER_COORDINATES === 'lat-lon' ? [latitude, longitude] : [longitude, latitude];
}

/** In OCPP 1.6, which Stekker uses, connector n is EVSE n. So the strongest connector stands for the whole EVSE. */
function connectorOf(evse: Evse) {
  const power = (connector: Connector) => maxPowerOf(connector).maxPowerW ?? 0;
  const [strongest] = evse.connectors.toSorted((a, b) => power(b) - power(a));
  const { physicalReference, maxVoltage, maxAmperage, powerType } = strongest ?? {};
  const maxPower = strongest && maxPowerOf(strongest).maxPowerW;
  return {
    connectorId: String(evse.evseId),
    ...defined({ physicalReference, maxPower, maxVoltage, maxAmperage, powerType }),
  };
}
