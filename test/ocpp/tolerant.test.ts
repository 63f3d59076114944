/** How single values are read from what chargers write, and what is left unread rather than guessed. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schemaErrors } from '../../sandbox/ocpp-schema.ts';
import { flag, instant, integer, number, oneOf, text, vocabulary } from '../../src/ocpp/tolerant.ts';

describe('numbers', () => {
  it.each([
    [165_333, 165_333],
    ['165333.00', 165_333],
    [' 12.5 ', 12.5],
    ['-3', -3],
    ['.5', 0.5],
    ['1e3', 1000],
  ])('reads %j as %d', (value, expected) => {
    expect(number(value)).toBe(expected);
  });

  it.each([
    [''],
    [' '],
    ['0x10'],
    ['1,5'],
    ['NaN'],
    ['Infinity'],
    ['1e999'],
    [NaN],
    [Infinity],
    [null],
    [true],
    [[5]],
    [{}],
  ])('does not read %j', (value) => {
    expect(number(value)).toBeUndefined();
  });

  it('are whole only when nothing is behind the point and they are exact', () => {
    expect(integer('17.0')).toBe(17);
    expect(integer(17.5)).toBeUndefined();
    expect(integer(2 ** 53)).toBeUndefined();
  });
});

describe('texts, flags and words', () => {
  it('reads a number as plain decimal text', () => {
    expect(text(1e-7)).toBe('0.0000001');
    expect(text(null)).toBeUndefined();
  });

  it('reads a flag that is text', () => {
    expect([flag(true), flag('true'), flag('false'), flag('yes')]).toEqual([true, true, false, undefined]);
  });

  it('knows a word in any case, in its proper spelling', () => {
    const words = vocabulary(['DeAuthorized', 'Local']);
    expect(oneOf(words, 'Deauthorized')).toBe('DeAuthorized');
    expect(oneOf(words, 'constructor')).toBeUndefined();
    expect(oneOf(words, 7)).toBeUndefined();
  });
});

describe('instants', () => {
  it.each([['2026-03-31T13:47:30Z'], ['2026-03-31T13:47:30.123456+02:00'], ['2024-02-29T00:00:00Z']])(
    'keeps %s as it is',
    (value) => {
      expect(instant(value)).toBe(value);
    },
  );

  it.each([
    ['2026-03-31T13:47:30', '2026-03-31T13:47:30Z'],
    ['2026-03-31 13:47:30Z', '2026-03-31T13:47:30Z'],
    ['2026-03-31t13:47:30z', '2026-03-31T13:47:30Z'],
    ['2026-03-31T13:47Z', '2026-03-31T13:47:00Z'],
    ['2026-03-31T13:47:30,5Z', '2026-03-31T13:47:30.5Z'],
    ['2026-03-31T13:47:30+0200', '2026-03-31T13:47:30+02:00'],
    ['2026-03-31T13:47:30-07', '2026-03-31T13:47:30-07:00'],
  ])('repairs the form of %s', (value, expected) => {
    expect(instant(value)).toBe(expected);
  });

  it.each([
    ['2026-02-30T00:00:00Z'],
    ['2025-02-29T00:00:00Z'],
    ['2026-13-01T00:00:00Z'],
    ['2026-03-31T25:00:00Z'],
    ['soon'],
    [''],
    [1_774_965_250],
    [null],
  ])('does not read %j', (value) => {
    expect(instant(value)).toBeUndefined();
  });

  it('are dates by the official schema and by the platform, whatever they were read from', () => {
    const almostDate = fc.stringMatching(
      /^2\d{3}-[01]\d-[0-3]\d[T t][0-2]\d:[0-6]\d(:[0-6]\d([.,]\d{1,9})?)?(Z|z|[+-][01]\d(:?[0-5]\d)?)?$/,
    );
    fc.assert(
      fc.property(almostDate, (value) => {
        const timestamp = instant(value) ?? '2026-03-31T13:47:30Z';
        expect(Date.parse(timestamp)).not.toBeNaN();
        const payload = { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp };
        expect(schemaErrors('1.6', 'StatusNotification', payload)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
