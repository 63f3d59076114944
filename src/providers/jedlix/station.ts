/** A charger in Jedlix's form (Jedlix guide: pair): a station with its EVSEs, or one EVSE. Pure. */
import type { Charger, Connector } from '../../charging/charger.ts';
import type { PairingTarget } from '../../charging/pairing-target.ts';
import { defined } from '../../defined.ts';

/** `{ charging_station }` in the OCPP format, `{ evse }` in OCPI; undefined when no EVSE has that uid. */
export function pairingBody(charger: Charger, target: PairingTarget) {
  return target.format === 'ocpp' ? { charging_station: chargingStation(charger) } : evseBody(charger, target.evseUid);
}

function chargingStation({ chargePointId, evses }: Charger) {
  return {
    uid: chargePointId,
    evses: evses.map(({ evseId, capabilities, connectors }) => ({
      evse_id: evseId,
      capabilities,
      connectors: connectors.map(connectorOf),
    })),
  };
}

function evseBody(charger: Charger, evseUid: string) {
  const evse = charger.evses.find(({ uid }) => uid === evseUid);
  if (evse === undefined) return undefined;
  const { emi3Id, capabilities, connectors } = evse;
  return {
    evse: {
      uid: evseUid,
      ...defined({ evse_id: emi3Id }),
      capabilities,
      connectors: connectors.map(connectorOf),
    },
  };
}

/** OCPI's names and whole numbers. An ampere is never rounded up. */
function connectorOf({ connectorId, powerType, maxVoltage, maxAmperage }: Connector) {
  return {
    id: connectorId,
    power_type: powerType ?? 'AC_1_PHASE',
    ...(maxVoltage !== undefined && { max_voltage: Math.round(maxVoltage) }),
    ...(maxAmperage !== undefined && { max_amperage: Math.floor(maxAmperage) }),
  };
}
