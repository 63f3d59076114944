/** Decimal arithmetic without binary noise: 2.3 × 10 is 23. Pure; refuses nothing. */

/** `value` × 10^`exponent`, exact in decimal (4033.33 × 10³ is 4033330). */
export function shifted(value: number, exponent: number): number {
  const [digits = '', own = '0'] = String(value).split('e');
  return Number(`${digits}e${Number(own) + exponent}`);
}

/** `value` with one decimal at most, cut towards zero: never more than was allowed, in either direction of flow. */
export function cutToOneDecimal(value: number): number {
  const tenths = Math.trunc(shifted(value, 1));
  return tenths === 0 ? 0 : shifted(tenths, -1);
}
