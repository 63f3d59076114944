/** Decimal arithmetic without binary rounding errors: 2.3 × 10 is 23. Pure. */

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
