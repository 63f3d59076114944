/** What registers mean in Wh, and how numbers are written as text. */
import { describe, expect, it } from 'vitest';
import { findRegisterWh, registerWhOf, type SampledValue } from '../../src/charging/meter.ts';
import { decimalText, energyWh } from '../../src/charging/quantity.ts';

describe('an energy register in Wh', () => {
  it.each([
    [{ text: '1500', value: 1500 }, 1500],
    [{ text: '1.5', value: 1.5, unit: 'kWh' }, 1500],
    [{ text: '1.5', value: 1.5, unit: 'Wh', multiplier: 3 }, 1500],
    [{ text: '1.5', value: 1.5, unit: 'varh' }, undefined],
    [{ text: 'n/a' }, undefined],
    [{ text: '1.5', value: 1.5, unit: 'kwh' }, 1500],
    [{ text: '1500', value: 1500, phase: 'L1' }, undefined],
    [{ text: '1500', value: 1500, location: 'Outlet' }, 1500],
    [{ text: '1500', value: 1500, location: 'Inlet' }, undefined],
    [{ text: '1500', value: 1500, measurand: 'Power.Active.Import' }, undefined],
  ] as [SampledValue, number | undefined][])('of %j is %s', (sample, expected) => {
    expect(registerWhOf(sample)).toBe(expected);
  });

  it('is the first or last among readings, of a context if one is asked for', () => {
    const at = '2026-03-31T12:00:00Z';
    const readings = [
      { at, samples: [{ text: '1', value: 1, context: 'Transaction.Begin' }, { text: 'x' }] },
      { at, samples: [{ text: '2', value: 2 }] },
    ];
    expect(findRegisterWh(readings, 'first')).toBe(1);
    expect(findRegisterWh(readings, 'last')).toBe(2);
    expect(findRegisterWh(readings, 'last', 'Transaction.Begin')).toBe(1);
    expect(findRegisterWh(readings, 'last', 'Transaction.End')).toBeUndefined();
  });

  it('is never guessed', () => {
    expect(energyWh(1, 'A')).toBeUndefined();
    expect(energyWh(Number.NaN, 'Wh')).toBeUndefined();
    expect(energyWh(0, 'Wh', 309)).toBeUndefined();
    expect(energyWh(1, 'kWh', 306)).toBeUndefined();
  });
});

describe('a number as text', () => {
  it.each([
    [0, '0'],
    [16.1, '16.1'],
    [1e-7, '0.0000001'],
    [-2.5e-7, '-0.00000025'],
    [1e21, '1000000000000000000000'],
  ])('%d is %s', (value, expected) => {
    expect(decimalText(value)).toBe(expected);
  });
});
