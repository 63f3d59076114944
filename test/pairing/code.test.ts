import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODE_ALPHABETS, codeShape, displayOf, drawCode, normaliseCode } from '../../src/pairing/code.ts';

const random = (count: number) => crypto.getRandomValues(new Uint8Array(count));

describe('the shape of a code', () => {
  it.each([
    ['auto', 0, 10, 8],
    ['auto', 1, 10, 9],
    ['auto', 9, 10, 9],
    ['auto', 10, 30, 8],
    ['auto', 6500, 30, 8],
    ['auto', 6600, 30, 9],
    ['digits', 9, 10, 9],
    ['digits', 10, 10, 10],
    ['digits', 100, 10, 11],
    ['digits', 1000, 10, 12],
  ] as const)('%s beside %i others draws from %i symbols, %i times', (kind, liveCodes, symbols, length) => {
    const shape = codeShape(liveCodes, kind);
    expect([shape.alphabet.length, shape.length]).toEqual([symbols, length]);
  });

  it('never lets one guess hit any live code more often than once in 100,000,000 times', () => {
    fc.assert(
      fc.property(fc.nat(50_000_000), fc.constantFrom(...CODE_ALPHABETS), (liveCodes, kind) => {
        const { alphabet, length, maxLive } = codeShape(liveCodes, kind);
        expect((liveCodes + 1) / alphabet.length ** length).toBeLessThanOrEqual(1 / 100_000_000);
        expect(liveCodes).toBeLessThan(maxLive);
      }),
    );
  });

  it('has no symbols that are mistaken for each other', () => {
    const { alphabet } = codeShape(1000, 'auto');
    expect(new Set(alphabet).size).toBe(alphabet.length);
    expect(alphabet).not.toMatch(/[01OILU]/);
  });
});

describe('the display of a code', () => {
  it.each([
    ['12345678', '1234 5678'],
    ['123456789', '123 456 789'],
    ['1234567890', '1234 567 890'],
    ['12345678901', '1234 5678 901'],
    ['ABCD2345', 'ABCD 2345'],
  ])('of %s is %s', (code, display) => {
    expect(displayOf(code)).toBe(display);
    expect(normaliseCode(display)).toBe(code);
  });
});

describe('drawing a code', () => {
  it('gives a code with letters at least one, so that no guess can hit both kinds', () => {
    const shape = codeShape(1000, 'auto');
    const bytes = [...Array.from({ length: 8 }, () => 1), ...Array.from({ length: 8 }, (_, n) => n + 4)];
    expect(drawCode(shape, (count) => Uint8Array.from(bytes.splice(0, count)))).toBe('6789ABCD');
  });

  const shape = { alphabet: '0123456789', length: 6 };

  it('throws away the bytes that would favour some symbols', () => {
    const bytes = [250, 255, 249, 0, 10, 251, 19, 7, 128];
    expect(drawCode(shape, (count) => Uint8Array.from(bytes.splice(0, count)))).toBe('900978');
  });

  it('gives every byte value’s symbol equally often', () => {
    const { alphabet } = codeShape(1000, 'auto');
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const code = drawCode({ alphabet, length: 240 }, () => all);
    const counts = new Map<string, number>();
    for (const symbol of code) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    expect(new Set(counts.values())).toEqual(new Set([8]));
  });

  it('gives codes of the shape, and different ones', () => {
    const codes = Array.from({ length: 1000 }, () => drawCode(shape, random));
    expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
    expect(new Set(codes).size).toBeGreaterThan(950);
  });
});

describe('a typed code', () => {
  it.each([
    ['362821', '362821'],
    [' 362 821 ', '362821'],
    ['362-821', '362821'],
    ['abcd‑efgh', 'ABCDEFGH'],
    ['ab\tcd\u00A0–ef', 'ABCDEF'],
    ['ab\u00ADcd\u200B\u2212ef\uFEFF', 'ABCDEF'],
    ['', ''],
  ])('%j means %j', (typed, meant) => {
    expect(normaliseCode(typed)).toBe(meant);
  });

  it('means the same when it is read twice', () => {
    fc.assert(fc.property(fc.string(), (typed) => normaliseCode(normaliseCode(typed)) === normaliseCode(typed)));
  });
});
