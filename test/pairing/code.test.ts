import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeShape, drawCode, GUESSES_PER_HIT, normaliseCode } from '../../src/pairing/code.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const random = (count: number) => crypto.getRandomValues(new Uint8Array(count));

describe('the shape of a code', () => {
  it.each([
    [15 * MINUTE, 0, 10, 6],
    [15 * MINUTE, 9, 10, 6],
    [15 * MINUTE, 10, 10, 7],
    [15 * MINUTE, 999, 10, 8],
    [15 * MINUTE, 1000, 30, 8],
    [DAY, 0, 10, 6],
    [DAY + 1, 0, 30, 8],
    [90 * DAY, 10_000_000, 30, 9],
  ])('living %i ms beside %i others draws from %i symbols, %i times', (ttlMs, liveCodes, symbols, length) => {
    const shape = codeShape({ ttlMs, liveCodes });
    expect([shape.alphabet.length, shape.length]).toEqual([symbols, length]);
  });

  it('never lets one guess hit any live code more often than once in 100,000 times', () => {
    fc.assert(
      fc.property(fc.nat(90 * DAY), fc.nat(50_000_000), (ttlMs, liveCodes) => {
        const { alphabet, length, maxLive } = codeShape({ ttlMs, liveCodes });
        expect((liveCodes + 1) / alphabet.length ** length).toBeLessThanOrEqual(1 / GUESSES_PER_HIT);
        expect(liveCodes).toBeLessThan(maxLive);
        expect(length).toBeGreaterThanOrEqual(ttlMs > DAY ? 8 : 6);
      }),
    );
  });

  it('has no symbols that are mistaken for each other', () => {
    const { alphabet } = codeShape({ ttlMs: 2 * DAY, liveCodes: 0 });
    expect(new Set(alphabet).size).toBe(alphabet.length);
    expect(alphabet).not.toMatch(/[01OILU]/);
  });
});

describe('drawing a code', () => {
  it('gives a code with letters at least one, so that no guess can hit both kinds', () => {
    const shape = codeShape({ ttlMs: 2 * DAY, liveCodes: 0 });
    const bytes = [...Array.from({ length: 8 }, () => 1), ...Array.from({ length: 8 }, (_, n) => n + 4)];
    expect(drawCode(shape, (count) => Uint8Array.from(bytes.splice(0, count)))).toBe('6789ABCD');
  });

  const shape = { alphabet: '0123456789', length: 6 };

  it('throws away the bytes that would favour some symbols', () => {
    const bytes = [250, 255, 249, 0, 10, 251, 19, 7, 128];
    expect(drawCode(shape, (count) => Uint8Array.from(bytes.splice(0, count)))).toBe('900978');
  });

  it('gives every byte value’s symbol equally often', () => {
    const { alphabet } = codeShape({ ttlMs: 2 * DAY, liveCodes: 0 });
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
