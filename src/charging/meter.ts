/** What a meter said: samples in the vocabulary that both OCPP versions share. Pure; refuses nothing. */
import { DEFAULT_MEASURAND, energyWh } from './quantity.ts';

/** Opaque vendor data of OCPP 2.0.1 (`customData`); `vendorId` is required there. */
export type VendorData = { readonly vendorId: string; readonly [key: string]: unknown };

/**
 * One sample. `text` is the value as the meter wrote it; `value` is the same as a finite number (× 10^`multiplier` of `unit`),
 * absent when it is none. `format` is OCPP 1.6's ("Raw", "SignedData"). Absent fields were absent: no defaults are filled in.
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
 * The total energy register of a sample in Wh, or undefined when the sample is another measurand, a phase, no energy, or of
 * another meter: without a location it is the outlet's (both versions' default), and what goes in is not what comes out.
 */
export function registerWhOf(sample: SampledValue): number | undefined {
  const { measurand = DEFAULT_MEASURAND, phase, location = 'Outlet' } = sample;
  if (measurand !== DEFAULT_MEASURAND || phase !== undefined || location !== 'Outlet') return undefined;
  return sample.value === undefined ? undefined : energyWh(sample.value, sample.unit, sample.multiplier);
}

/** The first (or last) register in Wh among these readings, only of `context` when one is given. */
export function findRegisterWh(
  meterValues: readonly MeterValue[],
  which: 'first' | 'last',
  context?: string,
): number | undefined {
  const registers = meterValues
    .flatMap((meterValue) => meterValue.samples)
    .filter((sample) => context === undefined || sample.context === context)
    .map(registerWhOf)
    .filter((register) => register !== undefined);
  return which === 'first' ? registers[0] : registers.at(-1);
}

/** The register that was read last, by time, whatever the order; one of the session's beginning only if there is no other. */
export function latestRegister(
  meterValues: readonly MeterValue[],
): { readonly registerWh: number; readonly at: string } | undefined {
  let latest: { registerWh: number; at: string; isBegin: boolean } | undefined;
  for (const { at, samples } of meterValues) {
    for (const sample of samples) {
      const registerWh = registerWhOf(sample);
      if (registerWh === undefined) continue;
      const isBegin = sample.context === 'Transaction.Begin';
      const isOutranked =
        latest !== undefined && isBegin !== latest.isBegin ? isBegin : Date.parse(at) < Date.parse(latest?.at ?? at);
      if (!isOutranked) latest = { registerWh, at, isBegin };
    }
  }
  return latest && { registerWh: latest.registerWh, at: latest.at };
}
