/**
 * The readings inside TransactionEvent and MeterValues (OCPP 2.0.1 MeterValueType and SampledValueType). Reading keeps
 * every sample that has a number. Writing leaves out samples that OCPP 2.0.1 cannot express.
 */
import * as z from 'zod';
import type { MeterValue as HubMeterValue, SampledValue as HubSample } from '../../charging/meter.ts';
import { decimalText } from '../../charging/quantity.ts';
import { believableInstant } from '../believable-time.ts';
import { integer, list, number, object, oneOf, text, vocabulary, type Draft, type Json } from '../tolerant.ts';
import { CustomData, readCustomData } from './custom-data.ts';
import { CONTEXTS, LOCATIONS, MEASURANDS, PHASES } from './meter-words.ts';
import { readSigned, SignedMeterValue, writeSigned } from './signed-meter-value.ts';

const MAX_UNIT_LENGTH = 20;

const UnitOfMeasure = z.strictObject({
  customData: CustomData.optional(),
  unit: z.string().max(MAX_UNIT_LENGTH).optional(),
  multiplier: z.int().optional(),
});
type UnitOfMeasure = z.infer<typeof UnitOfMeasure>;

export const SampledValue = z.strictObject({
  customData: CustomData.optional(),
  value: z.number(),
  context: z.enum(CONTEXTS).optional(),
  measurand: z.enum(MEASURANDS).optional(),
  phase: z.enum(PHASES).optional(),
  location: z.enum(LOCATIONS).optional(),
  signedMeterValue: SignedMeterValue.optional(),
  unitOfMeasure: UnitOfMeasure.optional(),
});
export type SampledValue = z.infer<typeof SampledValue>;

export const MeterValue = z.strictObject({
  customData: CustomData.optional(),
  sampledValue: z.array(SampledValue).min(1),
  timestamp: z.iso.datetime({ offset: true }),
});
export type MeterValue = z.infer<typeof MeterValue>;

const WORDS = {
  context: vocabulary(CONTEXTS),
  measurand: vocabulary(MEASURANDS),
  phase: vocabulary(PHASES),
  location: vocabulary(LOCATIONS),
};

/** Reads a `meterValue` array; entries without a usable sample are left out. */
export function readMeterValues(value: unknown, seenAt: string): HubMeterValue[] {
  const meterValues: HubMeterValue[] = [];
  for (const item of list(value)) {
    const entry = object(item);
    if (entry === undefined) continue;
    const samples: HubSample[] = [];
    for (const raw of list(entry['sampledValue'])) {
      const sample = readSample(raw);
      if (sample !== undefined) samples.push(sample);
    }
    if (samples.length === 0) continue;
    const meterValue: Draft<HubMeterValue> = { at: believableInstant(entry['timestamp'], seenAt) ?? seenAt, samples };
    const vendorData = readCustomData(entry['customData']);
    if (vendorData !== undefined) meterValue.vendorData = vendorData;
    meterValues.push(meterValue);
  }
  return meterValues;
}

function readSample(raw: unknown): HubSample | undefined {
  const wire = object(raw);
  const value = wire && number(wire['value']);
  if (wire === undefined || value === undefined) return undefined;
  const sample: Draft<HubSample> = { text: text(wire['value']) ?? decimalText(value), value };
  const measurand = text(wire['measurand']);
  if (measurand !== undefined) sample.measurand = measurand;
  const context = text(wire['context']);
  if (context !== undefined) sample.context = context;
  const phase = text(wire['phase']);
  if (phase !== undefined) sample.phase = phase;
  const location = text(wire['location']);
  if (location !== undefined) sample.location = location;
  readExtras(wire, sample);
  return sample;
}

function readExtras(wire: Json, sample: Draft<HubSample>): void {
  const unitOfMeasure = object(wire['unitOfMeasure']);
  if (unitOfMeasure !== undefined) {
    const unit = text(unitOfMeasure['unit']);
    if (unit !== undefined) sample.unit = unit;
    const multiplier = integer(unitOfMeasure['multiplier']);
    if (multiplier !== undefined) sample.multiplier = multiplier;
    const unitVendorData = readCustomData(unitOfMeasure['customData']);
    if (unitVendorData !== undefined) sample.unitVendorData = unitVendorData;
  }
  const signed = readSigned(wire['signedMeterValue']);
  if (signed !== undefined) sample.signed = signed;
  const vendorData = readCustomData(wire['customData']);
  if (vendorData !== undefined) sample.vendorData = vendorData;
}

/** Writes readings. A meter value is left out when OCPP 2.0.1 can express none of its samples. */
export function writeMeterValueList(meterValues: readonly HubMeterValue[]): MeterValue[] {
  const list: MeterValue[] = [];
  for (const { at, samples, vendorData } of meterValues) {
    const sampledValue: SampledValue[] = [];
    for (const sample of samples) {
      const wire = writeSample(sample);
      if (wire !== undefined) sampledValue.push(wire);
    }
    if (sampledValue.length === 0) continue;
    const meterValue: MeterValue = { timestamp: at, sampledValue };
    if (vendorData !== undefined) meterValue.customData = vendorData;
    list.push(meterValue);
  }
  return list;
}

/** Undefined for a sample that OCPP 2.0.1 cannot express. An unknown context or location is left out of the sample. */
function writeSample(sample: HubSample): SampledValue | undefined {
  if (sample.value === undefined) return undefined;
  const wire: SampledValue = { value: sample.value };
  if (sample.measurand !== undefined) {
    const measurand = oneOf(WORDS.measurand, sample.measurand);
    if (measurand === undefined) return undefined;
    wire.measurand = measurand;
  }
  if (sample.phase !== undefined) {
    const phase = oneOf(WORDS.phase, sample.phase);
    if (phase === undefined) return undefined;
    wire.phase = phase;
  }
  if (!writeUnit(sample, wire)) return undefined;
  const context = oneOf(WORDS.context, sample.context);
  if (context !== undefined) wire.context = context;
  const location = oneOf(WORDS.location, sample.location);
  if (location !== undefined) wire.location = location;
  const signed = sample.signed && writeSigned(sample.signed);
  if (signed !== undefined) wire.signedMeterValue = signed;
  if (sample.vendorData !== undefined) wire.customData = sample.vendorData;
  return wire;
}

/** False for a unit that is too long: without it, the sample would mean something else. OCPP 1.6 misspells Celsius. */
function writeUnit({ unit, multiplier, unitVendorData }: HubSample, wire: SampledValue): boolean {
  if (unit === undefined && multiplier === undefined && unitVendorData === undefined) return true;
  if (unit !== undefined && unit.length > MAX_UNIT_LENGTH) return false;
  const unitOfMeasure: UnitOfMeasure = {};
  if (unit !== undefined) unitOfMeasure.unit = unit === 'Celcius' ? 'Celsius' : unit;
  if (multiplier !== undefined) unitOfMeasure.multiplier = multiplier;
  if (unitVendorData !== undefined) unitOfMeasure.customData = unitVendorData;
  wire.unitOfMeasure = unitOfMeasure;
  return true;
}
