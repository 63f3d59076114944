import { describe, expect, it } from 'vitest';
import type { SampledValue } from '../../src/charging/meter.ts';
import { powerOf } from '../../src/charging/power.ts';

const at = '2026-03-31T12:00:00Z';
const sample = (value: number, more: Partial<SampledValue> = {}): SampledValue => ({
  text: String(value),
  value,
  measurand: 'Power.Active.Import',
  ...more,
});
const wattsOf = (...samples: readonly SampledValue[]) => powerOf([{ at, samples }])?.powerW;

describe('the power drawn', () => {
  it('is the total, whatever the phases say', () => {
    expect(wattsOf(sample(3600, { phase: 'L1' }), sample(11_000))).toBe(11_000);
  });

  it('is the sum of the phases when there is no total', () => {
    expect(wattsOf(...['L1', 'L2-N', 'L3'].map((phase) => sample(3666.34, { phase })))).toBe(10_999.02);
  });

  it('is unknown when a phase cannot be read, rather than too low', () => {
    const { value: _, ...unreadable } = sample(0, { phase: 'L2' });
    expect(wattsOf(sample(3600, { phase: 'L1' }), unreadable)).toBeUndefined();
  });

  it.each([
    ['W', 0, 6900],
    ['kW', 0, 6_900_000],
    ['W', 3, 6_900_000],
    ['VA', 0, undefined],
  ])('in %s × 10^%i is %s W', (unit, multiplier, expected) => {
    expect(wattsOf(sample(6900, { unit, multiplier }))).toBe(expected);
  });

  it('is the newest of several readings, with its time', () => {
    const later = '2026-03-31T12:01:00Z';
    expect(
      powerOf([
        { at, samples: [sample(1)] },
        { at: later, samples: [sample(2)] },
        { at: later, samples: [sample(9, { measurand: 'Voltage' })] },
      ]),
    ).toEqual({ at: later, powerW: 2 });
  });

  it('is not taken from energy, current or what is fed back', () => {
    expect(
      wattsOf(sample(5, { measurand: 'Current.Import' }), sample(7, { measurand: 'Power.Active.Export' })),
    ).toBeUndefined();
  });
});
