/** A charger as the operator registered it, and how much power it can give. Pure. `http/` has validated it before. */

import * as z from 'zod';

/** The units that charging profiles may be in; `any` is both. */
export const RATE_UNITS = ['W', 'A', 'any'] as const;
export type RateUnit = (typeof RATE_UNITS)[number];
export const POWER_TYPES = ['AC_1_PHASE', 'AC_2_PHASE', 'AC_2_PHASE_SPLIT', 'AC_3_PHASE', 'DC'] as const;
export type PowerType = (typeof POWER_TYPES)[number];
export const OCPP_VERSIONS = ['ocpp1.6', 'ocpp2.0.1'] as const;
export type OcppVersion = (typeof OCPP_VERSIONS)[number];

/** `maxVoltage` in V, `maxAmperage` in A, `maxPower` in W. The names are those of OCPI. */
const Connector = z
  .object({
    connectorId: z.string(),
    physicalReference: z.string().optional(),
    powerType: z.enum(POWER_TYPES).optional(),
    maxVoltage: z.number().optional(),
    maxAmperage: z.number().optional(),
    maxPower: z.number().optional(),
  })
  .readonly();
export type Connector = z.infer<typeof Connector>;

/**
 * `rateUnit`: what its charging profiles may be in; absent: learned from what the charger says and takes.
 * `minAmperage`: the least current, in A, at which it keeps a car charging; absent: 6.
 */
const Evse = z
  .object({
    evseId: z.number(),
    uid: z.string().optional(),
    emi3Id: z.string().optional(),
    capabilities: z.array(z.string()).readonly(),
    rateUnit: z.enum(RATE_UNITS).optional(),
    minAmperage: z.number().optional(),
    connectors: z.array(Connector).readonly(),
  })
  .readonly();
export type Evse = z.infer<typeof Evse>;

/**
 * The shape of a charger in memory and in D1. Which values a registration may have, `http/` checks before.
 * `geometry` is GeoJSON: longitude first (RFC 7946). `country` is ISO 3166-1 alpha-3.
 */
const Charger = z
  .object({
    chargePointId: z.string(),
    ocppIdentity: z.string(),
    protocol: z.enum(OCPP_VERSIONS),
    name: z.string().optional(),
    locationId: z.union([z.string(), z.number()]).optional(),
    country: z.string().optional(),
    geometry: z
      .object({ type: z.literal('Point'), coordinates: z.tuple([z.number(), z.number()]).readonly() })
      .readonly()
      .optional(),
    evses: z.array(Evse).readonly(),
  })
  .readonly();
export type Charger = z.infer<typeof Charger>;

/** Reads a charger's JSON text, as D1 stores it. Throws on a text that is no charger, because only we write it. */
export function chargerOf(record: string): Charger {
  return Charger.parse(JSON.parse(record));
}

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
 * The most a connector can give, in W (by the rule of docs/requirements.md).
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

/**
 * Whether a text can be one segment of a URL's path without changing the path. "." and ".." do, however they are
 * encoded.
 */
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

/**
 * An identity as it came, percent-decoded once, and percent-encoded once: it is part of a URL, so one side may write it
 * so and the other not.
 */
export function identityForms(identity: string): readonly string[] {
  if (/^[\w.~-]*$/.test(identity)) return [identity];
  try {
    return [identity, decodeURIComponent(identity), encodeURIComponent(identity)];
  } catch {
    return [identity];
  }
}

/** Whether a charger has this identity; what says none does not contradict it. */
export function isIdentityOf(charger: Charger | undefined, identity: string | undefined): boolean {
  return identity === undefined || (charger !== undefined && identityForms(identity).includes(charger.ocppIdentity));
}

/** The most that an EVSE can give (W), if that is known of all its connectors. */
export function maxPowerAt(charger: Charger | undefined, evseId: number): number | undefined {
  const connectors = charger === undefined ? [] : (evseOf(charger, evseId)?.connectors ?? []);
  const powers = connectors.map((connector) => maxPowerOf(connector).maxPowerW ?? Number.POSITIVE_INFINITY);
  const maxPowerW = Math.max(...powers);
  return Number.isFinite(maxPowerW) ? maxPowerW : undefined;
}
