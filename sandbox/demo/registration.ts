// The demo's chargers and their registration with the edge, with the power that the edge computes shown as a formula.
import { callAsCsms } from './csms-calls.ts';
import { numberAt, textAt } from './json.ts';
import type { Screen } from './screen.ts';

/** What the acts of the demo have in common. */
export type Stage = { readonly edgeUrl: string; readonly screen: Screen };

/** The public id of the recorded charger's only connector. */
export const emi3Id = 'NL*STK*E000002';

/** Longitude first, as in GeoJSON. */
export const coordinates = [5.365, 52.583] as const;

/** The recorded charger. */
export const recordedCharger = {
  chargePointId: '37b0002a4f05651178f415e4',
  body: chargerBody('KEBA-P30-17619300', 'Solar 0213', 230),
};

/** A charger that an operator registered with the voltage between two phases. */
const trapCharger = { chargePointId: '37b0002a4f05651178f415e5', body: chargerBody('SOLAR-0214', 'Solar 0214', 400) };

/** Registers both chargers; gives what was computed wrong. */
export async function registerChargers(stage: Stage): Promise<string[]> {
  const { paint, line, heading } = stage.screen;
  heading('1  Two chargers are registered, each with one connector of 32 A on three phases');
  const recorded = await register(stage, recordedCharger);
  line(`   maxPower = 230 V × 32 A × 3 phases = ${paint('cyan', watts(recorded.maxPowerW))}`);
  const trap = await register(stage, trapCharger);
  line(`   maxPower = √3 × 400 V × 32 A = ${paint('cyan', watts(trap.maxPowerW))}`);
  line(paint('yellow', `   warning: ${trap.warning || 'none'}`));
  return [
    ...(recorded.maxPowerW === 22_080 ? [] : [`maxPower at 230 V is ${watts(recorded.maxPowerW)}, not 22,080 W`]),
    ...(recorded.warning === '' ? [] : [`the charger has a warning: ${recorded.warning}`]),
    ...(trap.maxPowerW === 22_170 ? [] : [`maxPower at 400 V is ${watts(trap.maxPowerW)}, not 22,170 W`]),
    ...(trap.warning === '' ? ['400 V on three phases is not warned of'] : []),
  ];
}

type Registration = { maxPowerW: number | undefined; warning: string };

async function register({ edgeUrl, screen }: Stage, charger: typeof recordedCharger): Promise<Registration> {
  const path = `/api/chargers/${charger.chargePointId}`;
  const { ocppIdentity, evses } = charger.body;
  const stored = await callAsCsms({ edgeUrl, method: 'PUT', path, status: 201, body: charger.body });
  const volts = evses[0]?.connectors[0]?.maxVoltage;
  screen.line(`   PUT ${path} → 201  ${ocppIdentity}, OCPP 1.6, ${volts} V`);
  return {
    maxPowerW: numberAt(stored, 'evses', 0, 'connectors', 0, 'maxPower'),
    warning: textAt(stored, 'warnings', 0),
  };
}

function chargerBody(ocppIdentity: string, name: string, maxVoltage: number) {
  const connector = {
    connectorId: '1',
    physicalReference: 'NLSTKE000002',
    powerType: 'AC_3_PHASE',
    maxVoltage,
    maxAmperage: 32,
  };
  return {
    ocppIdentity,
    protocol: 'ocpp1.6',
    name,
    locationId: '3',
    country: 'NLD',
    geometry: { type: 'Point', coordinates },
    evses: [{ evseId: 1, emi3Id, connectors: [connector] }],
  };
}

function watts(powerW: number | undefined): string {
  return powerW === undefined ? 'missing' : `${powerW.toLocaleString('en-US')} W`;
}
