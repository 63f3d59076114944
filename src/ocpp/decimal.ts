/** Decimal arithmetic without binary noise: 2.3 stays 2.3. Pure; refuses nothing. */
import type { SampledValue } from '../charging/meter.ts';
import { decimalText } from '../charging/quantity.ts';

/** `value` × 10^`exponent`, exact in decimal (4033.33 × 10³ is 4033330). */
export function shifted(value: number, exponent: number): number {
  const [digits = '', own = '0'] = String(value).split('e');
  return Number(`${digits}e${Number(own) + exponent}`);
}

/** The text of a sample in its plain unit: as the meter wrote it, or multiplied out when it has a multiplier. */
export function scaledText({ text, value, multiplier }: SampledValue): string {
  return multiplier === undefined || multiplier === 0 || value === undefined
    ? text
    : decimalText(shifted(value, multiplier));
}
