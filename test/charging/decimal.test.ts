/** Decimal arithmetic is exact where binary arithmetic is not. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutToOneDecimal, shifted } from '../../src/charging/quantity.ts';

describe('shifting the point', () => {
  it.each([
    [2.3, 1, 23],
    [4033.33, 3, 4_033_330],
    [1e-7, 7, 1],
    [1e21, -21, 1],
    [-1.1, -1, -0.11],
  ])('%d by %d places is %d', (value, exponent, expected) => {
    expect(shifted(value, exponent)).toBe(expected);
  });
});

describe('cutting to one decimal', () => {
  it('never goes away from zero, never loses a tenth, and changes nothing twice', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
        const cut = cutToOneDecimal(value);
        expect(Math.abs(cut)).toBeLessThanOrEqual(Math.abs(value));
        expect(Math.abs(value - cut)).toBeLessThan(0.1 + 1e-9);
        expect(cutToOneDecimal(cut)).toBe(cut);
      }),
    );
  });
});
