/** Meter readings: samples in the terms that both OCPP versions share. Pure. */
import { DEFAULT_MEASURAND, energyWh } from './quantity.ts';

/** Opaque vendor data of OCPP 2.0.1 (`customData`); `vendorId` is required there. */
export type VendorData = { readonly vendorId: string; readonly [key: string]: unknown };

/**
 * One sample. `text` is the value as the meter wrote it. `value` is the same as a finite number (× 10^`multiplier` of
 * `unit`), absent when the text is no number. `format` is OCPP 1.6's ("Raw", "SignedData"). No defaults are filled in.
 */
export type SampledValue = {
  readonly text: string;
  readonly value?: number;
  readonly format?: string;
  readonly measurand?: string;
  readonly context?: string;
  readonly phase?: string;
  readonly location?: string;
  readonly unit?: string;
  readonly multiplier?: number;
  readonly signed?: SignedMeterValue;
  readonly vendorData?: VendorData;
  /** The vendor data of the unit, which OCPP 2.0.1 keeps in an object of its own. */
  readonly unitVendorData?: VendorData;
};

/** A reading with its meter's signature (OCPP 2.0.1 §2.40 SignedMeterValueType). */
export type SignedMeterValue = {
  readonly signedMeterData: string;
  readonly signingMethod: string;
  readonly encodingMethod: string;
  readonly publicKey: string;
  readonly vendorData?: VendorData;
};

/** Samples taken at one instant (`at`, RFC 3339). */
export type MeterValue = {
  readonly at: string;
  readonly samples: readonly SampledValue[];
  readonly vendorData?: VendorData;
};

/**
 * Where the register of a session may be read, the best place first. What goes into a charger (Inlet) is not what comes
 * out.
 */
const LOCATIONS = ['Outlet', 'Body', 'Cable', 'EV'];
const BEST_LOCATION = 'Outlet';
const PHASES: Readonly<Record<string, 0 | 1 | 2>> = { L1: 0, L2: 1, L3: 2, 'L1-N': 0, 'L2-N': 1, 'L3-N': 2 };

/** A register of energy taken, in Wh: what the meter said of all phases, or the sum of what it said of each. */
export type Register = {
  readonly registerWh: number;
  readonly at: string;
  readonly context?: string;
  readonly location: string;
};

/** Whether a register is read at a worse place than the other. */
export function isWorsePlaced(register: { readonly location: string }, than: string): boolean {
  return LOCATIONS.indexOf(register.location) > LOCATIONS.indexOf(than);
}

/**
 * The total energy register of a sample in Wh. Undefined for another measurand, a single phase, a unit that is no
 * energy, and a meter elsewhere than at the outlet. In both OCPP versions, no location means the outlet.
 */
export function registerWhOf(sample: SampledValue): number | undefined {
  return sample.phase === undefined && (sample.location ?? BEST_LOCATION) === BEST_LOCATION
    ? energyOf(sample)
    : undefined;
}

/** The energy that a sample of the import register states; a register is never negative. */
function energyOf({ measurand = DEFAULT_MEASURAND, value, unit, multiplier }: SampledValue): number | undefined {
  if (measurand !== DEFAULT_MEASURAND || value === undefined || value < 0) return undefined;
  return energyWh(value, unit, multiplier);
}

/**
 * These readings without registers of a session's beginning or end that are negative: some stations write "unknown" so.
 */
export function withoutUnknownEnds(meterValues: readonly MeterValue[]): readonly MeterValue[] {
  const isUnknown = ({ measurand = DEFAULT_MEASURAND, value = 0, context }: SampledValue) =>
    value < 0 && measurand === DEFAULT_MEASURAND && (context === 'Transaction.Begin' || context === 'Transaction.End');
  if (!meterValues.some(({ samples }) => samples.some(isUnknown))) return meterValues;
  return meterValues.flatMap(({ samples, ...meterValue }) => {
    const known = samples.filter((sample) => !isUnknown(sample));
    return known.length === 0 ? [] : [{ ...meterValue, samples: known }];
  });
}

/**
 * Every register among these readings that can be a session's. Phases are summed where all three are said and their
 * total is not.
 */
function registersIn(meterValues: readonly MeterValue[]): readonly Register[] {
  const totals: Register[] = [];
  const phased: (Register & { readonly phase: 0 | 1 | 2 })[] = [];
  for (const { at, samples } of meterValues) {
    for (const sample of samples) {
      const registerWh = energyOf(sample);
      const { context, location = BEST_LOCATION, phase } = sample;
      if (registerWh === undefined || !LOCATIONS.includes(location)) continue;
      const register: Register = { registerWh, at, location, ...(context !== undefined && { context }) };
      if (phase === undefined) totals.push(register);
      const index = phase === undefined ? undefined : PHASES[phase];
      if (index !== undefined) phased.push({ ...register, phase: index });
    }
  }
  return phased.length === 0 ? totals : [...totals, ...sumsOf(phased, totals)];
}

function sumsOf(
  phased: readonly (Register & { readonly phase: 0 | 1 | 2 })[],
  totals: readonly Register[],
): readonly Register[] {
  const keyOf = ({ at, location, context }: Register) => `${at}|${location}|${context}`;
  const isTold = new Set(totals.map(keyOf));
  return [...Map.groupBy(phased, keyOf)].flatMap(([key, [first, ...others]]) => {
    if (first === undefined || isTold.has(key)) return [];
    const { phase, ...register } = first;
    const whOf = new Map([[phase, first.registerWh], ...others.map((each) => [each.phase, each.registerWh] as const)]);
    const registerWh = [...whOf.values()].reduce((sum, wh) => sum + wh, 0);
    return whOf.size === 3 ? [{ ...register, registerWh: Number(registerWh.toFixed(6)) }] : [];
  });
}

/** Which registers are looked at; all of them, if nothing is said. */
type Possible = (register: Register) => boolean;
const ANY: Possible = () => true;

/** Those that can be meant, of the best place where any of them was read. */
function possibleIn(meterValues: readonly MeterValue[], isPossible: Possible): readonly Register[] {
  const possible = registersIn(meterValues).filter(isPossible);
  const best = LOCATIONS.find((location) => possible.some((register) => register.location === location));
  return possible.filter(({ location }) => location === best);
}

/** The first (or last) register in Wh among these readings, only of `context` when one is given. */
export function findRegisterWh(
  meterValues: readonly MeterValue[],
  which: 'first' | 'last',
  context?: string,
  isPossible: Possible = ANY,
): number | undefined {
  const isMeant: Possible = (register) =>
    (context === undefined || register.context === context) && isPossible(register);
  return possibleIn(meterValues, isMeant).at(which === 'first' ? 0 : -1)?.registerWh;
}

/**
 * The register that was read last, by time, whatever the order; one of the session's beginning only if there is no
 * other. Of two that were read at once for the same reason, the one that is nearer above `knownWh`: the other is
 * another counter's.
 */
export function latestRegister(
  meterValues: readonly MeterValue[],
  isPossible: Possible = ANY,
  knownWh?: number,
): Register | undefined {
  let latest: Register | undefined;
  for (const register of possibleIn(meterValues, isPossible)) {
    if (latest === undefined || !isOutranked(register, latest, knownWh)) latest = register;
  }
  return latest;
}

function isOutranked(register: Register, latest: Register, knownWh: number | undefined): boolean {
  const isBegin = register.context === 'Transaction.Begin';
  if (isBegin !== (latest.context === 'Transaction.Begin')) return isBegin;
  const ms = Date.parse(register.at) - Date.parse(latest.at);
  if (ms !== 0 || knownWh === undefined || register.context !== latest.context) return ms < 0;
  return latest.registerWh >= knownWh && latest.registerWh < register.registerWh;
}
