/** A charger as the operator registered it, and how much power it can give. Pure. `http/` has validated it before. */

export type PowerType = 'AC_1_PHASE' | 'AC_2_PHASE' | 'AC_2_PHASE_SPLIT' | 'AC_3_PHASE' | 'DC';
/** The units that charging profiles may be in; `any` is both. */
export const RATE_UNITS = ['W', 'A', 'any'] as const;
export type RateUnit = (typeof RATE_UNITS)[number];
export type OcppVersion = 'ocpp1.6' | 'ocpp2.0.1';

/** `maxVoltage` in V, `maxAmperage` in A, `maxPower` in W. The names are those of OCPI. */
export type Connector = {
  readonly connectorId: string;
  readonly physicalReference?: string | undefined;
  readonly powerType?: PowerType | undefined;
  readonly maxVoltage?: number | undefined;
  readonly maxAmperage?: number | undefined;
  readonly maxPower?: number | undefined;
};

export type Evse = {
  readonly evseId: number;
  readonly uid?: string | undefined;
  readonly emi3Id?: string | undefined;
  readonly capabilities: readonly string[];
  /** What its charging profiles may be in; absent: learned from what the charger says and takes. */
  readonly rateUnit?: RateUnit | undefined;
  /** The least current, in A, at which it keeps a car charging; absent: 6. */
  readonly minAmperage?: number | undefined;
  readonly connectors: readonly Connector[];
};

/** `geometry` is GeoJSON: longitude first (RFC 7946). `country` is ISO 3166-1 alpha-3. */
export type Charger = {
  readonly chargePointId: string;
  readonly ocppIdentity: string;
  readonly protocol: OcppVersion;
  readonly name?: string | undefined;
  readonly locationId?: string | number | undefined;
  readonly country?: string | undefined;
  readonly geometry?: { readonly type: 'Point'; readonly coordinates: readonly [number, number] } | undefined;
  readonly evses: readonly Evse[];
};

/** How many phases each power type has. */
export const PHASES: Readonly<Record<PowerType, number>> = {
  AC_1_PHASE: 1,
  AC_2_PHASE: 2,
  AC_2_PHASE_SPLIT: 2,
  AC_3_PHASE: 3,
  DC: 1,
};

/** From here on, a three-phase voltage must be line-to-line: no public grid has 380 V line-to-neutral. */
export const LINE_TO_LINE_FROM_V = 380;

export type MaxPower = { readonly maxPowerW?: number; readonly isLineToLine: boolean };

/**
 * The most a connector can give, in W (Stekker guide: "Determining the max theoretical charging speed").
 * V × A × phases when both are known, whatever `maxPower` says; else `maxPower`. No power type counts as one phase.
 * A three-phase voltage of 380 V or more is line-to-line, so √3 takes the place of 3.
 */
export function maxPowerOf(connector: Connector): MaxPower {
  const { maxVoltage, maxAmperage, maxPower, powerType = 'AC_1_PHASE' } = connector;
  if (maxVoltage === undefined || maxAmperage === undefined) {
    return maxPower === undefined ? { isLineToLine: false } : { maxPowerW: maxPower, isLineToLine: false };
  }
  const isLineToLine = powerType === 'AC_3_PHASE' && maxVoltage >= LINE_TO_LINE_FROM_V;
  const factor = isLineToLine ? Math.sqrt(3) : PHASES[powerType];
  return { maxPowerW: Math.round(maxVoltage * maxAmperage * factor), isLineToLine };
}

/** Whether a text can be one segment of a URL's path without changing the path. "." and ".." do, however they are encoded. */
export function isSafeInPath(text: string): boolean {
  return !/^\.{1,2}$|[/\p{Cc}]/u.test(text);
}

/** The EVSE with this number, or undefined. */
export function evseOf(charger: Charger, evseId: number): Evse | undefined {
  return charger.evses.find((evse) => evse.evseId === evseId);
}

/** What looks wrong in a charger that is valid: one sentence for the operator about each point. */
export function warningsOf(charger: Charger): string[] {
  return charger.evses.flatMap((evse) =>
    evse.connectors.flatMap((connector) =>
      connectorWarnings(`evse ${evse.evseId} connector ${connector.connectorId}`, connector),
    ),
  );
}

function connectorWarnings(where: string, connector: Connector): string[] {
  const { maxPowerW, isLineToLine } = maxPowerOf(connector);
  if (isLineToLine) {
    return [
      `${where}: ${connector.maxVoltage} V on AC_3_PHASE is taken as line-to-line voltage: max power = sqrt(3) x V x A = ${maxPowerW} W`,
    ];
  }
  if (maxPowerW === undefined) return [`${where}: no max power can be computed without maxVoltage and maxAmperage`];
  if (connector.maxPower !== undefined && connector.maxPower !== maxPowerW) {
    return [
      `${where}: maxPower ${connector.maxPower} W is disregarded: maxVoltage and maxAmperage give ${maxPowerW} W`,
    ];
  }
  return [];
}
