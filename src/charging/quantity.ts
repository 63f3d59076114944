/**
 * Electrical quantities: what units mean and how they convert, without binary rounding errors (2.3 × 10 is 23). Pure.
 */

/** The measurand a sample has when it names none (OCPP 1.6 §7.31, OCPP 2.0.1 §2.50). */
export const DEFAULT_MEASURAND = 'Energy.Active.Import.Register';

/** Stations also write "kwh". "MWh" has no such variant, because "m" means milli. */
const WH_PER_UNIT: Readonly<Record<string, number>> = { Wh: 1, wh: 1, kWh: 1000, kwh: 1000, KWh: 1000, MWh: 1_000_000 };

/**
 * Converts an energy in `unit` × 10^`multiplier` to Wh. No unit means Wh, the default of both OCPP versions; it is
 * never guessed to be kWh. Undefined for a unit that is no energy, and when the result is too large for a number.
 */
export function energyWh(value: number, unit: string | undefined, multiplier = 0): number | undefined {
  const factor = WH_PER_UNIT[unit ?? 'Wh'];
  const energy = value * (factor ?? Number.NaN) * 10 ** multiplier;
  // Adding 0 turns -0 into 0.
  return Number.isFinite(energy) ? Number(energy.toFixed(6)) + 0 : undefined;
}

/** Writes a number as plain decimal text without exponent ("1e-7" → "0.0000001"), as OCPP 1.6 samples are. */
export function decimalText(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  const fixed = value.toFixed(20);
  return fixed.includes('e') ? BigInt(Math.trunc(value)).toString() : fixed.replace(/\.?0+$/, '');
}

/** `value` × 10^`exponent`, exact in decimal (4033.33 × 10³ is 4033330). */
export function shifted(value: number, exponent: number): number {
  const [digits = '', own = '0'] = String(value).split('e');
  return Number(`${digits}e${Number(own) + exponent}`);
}

/** `value` with at most one decimal, cut towards zero: a limit never allows more, whichever way energy flows. */
export function cutToOneDecimal(value: number): number {
  const tenths = Math.trunc(shifted(value, 1));
  return tenths === 0 ? 0 : shifted(tenths, -1);
}
