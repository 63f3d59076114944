/**
 * The readings inside MeterValues and StopTransaction (OCPP 1.6 MeterValue and SampledValue). Reading keeps every
 * sample that has a value. Writing leaves out samples that OCPP 1.6 cannot express.
 */
import * as z from 'zod';
import { shifted } from '../../charging/quantity.ts';
import type { MeterValue as HubMeterValue, SampledValue as HubSample } from '../../charging/meter.ts';
import { decimalText } from '../../charging/quantity.ts';
import { believableInstant } from '../believable-time.ts';
import { list, number, object, oneOf, text, vocabulary, type Draft } from '../tolerant.ts';
import { CONTEXTS, FORMATS, LOCATIONS, MEASURANDS, PHASES, UNITS } from './meter-words.ts';

export const SampledValue = z.strictObject({
  value: z.string(),
  context: z.enum(CONTEXTS).optional(),
  format: z.enum(FORMATS).optional(),
  measurand: z.enum(MEASURANDS).optional(),
  phase: z.enum(PHASES).optional(),
  location: z.enum(LOCATIONS).optional(),
  unit: z.enum(UNITS).optional(),
});
export type SampledValue = z.infer<typeof SampledValue>;

export const MeterValue = z.strictObject({
  timestamp: z.iso.datetime({ offset: true }),
  sampledValue: z.array(SampledValue),
});
export type MeterValue = z.infer<typeof MeterValue>;

const WORDS = {
  context: vocabulary(CONTEXTS),
  format: vocabulary(FORMATS),
  measurand: vocabulary(MEASURANDS),
  phase: vocabulary(PHASES),
  location: vocabulary(LOCATIONS),
  unit: vocabulary(UNITS),
};

/** Reads a `meterValue` or `transactionData` array; entries without a usable sample are left out. */
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
    if (samples.length > 0) meterValues.push({ at: believableInstant(entry['timestamp'], seenAt) ?? seenAt, samples });
  }
  return meterValues;
}

function readSample(raw: unknown): HubSample | undefined {
  const wire = object(raw);
  const value = wire && text(wire['value']);
  if (wire === undefined || value === undefined) return undefined;
  const sample: Draft<HubSample> = { text: value };
  const format = text(wire['format']);
  if (format !== undefined) sample.format = format;
  const parsed = format === 'SignedData' ? undefined : number(wire['value']);
  if (parsed !== undefined) sample.value = parsed;
  const measurand = text(wire['measurand']);
  if (measurand !== undefined) sample.measurand = measurand;
  const context = text(wire['context']);
  if (context !== undefined) sample.context = context;
  const phase = text(wire['phase']);
  if (phase !== undefined) sample.phase = phase;
  const location = text(wire['location']);
  if (location !== undefined) sample.location = location;
  const unit = text(wire['unit']);
  if (unit !== undefined) sample.unit = unit;
  return sample;
}

/** Writes readings. A meter value is left out when OCPP 1.6 can express none of its samples. */
export function writeMeterValueList(meterValues: readonly HubMeterValue[]): MeterValue[] {
  const list: MeterValue[] = [];
  for (const meterValue of meterValues) {
    const sampledValue: SampledValue[] = [];
    for (const sample of meterValue.samples) {
      const wire = writeSample(sample);
      if (wire !== undefined) sampledValue.push(wire);
    }
    if (sampledValue.length > 0) list.push({ timestamp: meterValue.at, sampledValue });
  }
  return list;
}

/** Undefined for a sample that OCPP 1.6 cannot express. An unknown context or location is left out of the sample. */
function writeSample(sample: HubSample): SampledValue | undefined {
  const value = plainText(sample);
  if (value === undefined) return undefined;
  const wire: SampledValue = { value };
  if (sample.measurand !== undefined) {
    const measurand = oneOf(WORDS.measurand, sample.measurand);
    if (measurand === undefined) return undefined;
    wire.measurand = measurand;
  }
  if (!writeUnit(sample, wire) || !writePhaseAndFormat(sample, wire)) return undefined;
  const context = oneOf(WORDS.context, sample.context);
  if (context !== undefined) wire.context = context;
  const location = oneOf(WORDS.location, sample.location);
  if (location !== undefined) wire.location = location;
  return wire;
}

/** OCPP 1.6 has no multiplier: the meter's own text, or the multiplied number; undefined when that is too large. */
function plainText({ text: own, value, multiplier = 0 }: HubSample): string | undefined {
  if (value === undefined || multiplier === 0) return own;
  const multiplied = shifted(value, multiplier);
  return Number.isFinite(multiplied) ? decimalText(multiplied) : undefined;
}

/** OCPP 1.6 has no unit for frequency: it is always Hertz (Measurand), so there the unit is left out. */
function writeUnit(sample: HubSample, wire: SampledValue): boolean {
  if (sample.unit === undefined) return true;
  const unit = oneOf(WORDS.unit, sample.unit);
  if (unit === undefined) return wire.measurand === 'Frequency' && /^(?:hz|hertz)$/i.test(sample.unit);
  wire.unit = unit;
  return true;
}

/** False for a phase or format that OCPP 1.6 does not have: without it, the sample would mean something else. */
function writePhaseAndFormat(sample: HubSample, wire: SampledValue): boolean {
  if (sample.phase !== undefined) {
    const phase = oneOf(WORDS.phase, sample.phase);
    if (phase === undefined) return false;
    wire.phase = phase;
  }
  if (sample.format !== undefined) {
    const format = oneOf(WORDS.format, sample.format);
    if (format === undefined) return false;
    wire.format = format;
  }
  return true;
}
