/** How long a lane waits: exponential, jittered, bounded, and never shorter than the provider asked. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfterMs } from '../../src/http-outcome.ts';
import { backoffMs } from '../../src/station/backoff.ts';

const HOUR = 60 * 60_000;
const failures = fc.integer({ min: 1, max: 10_000 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the wait after a failure', () => {
  test('is 1 s after the first, doubles, and stops growing at 45 s, so that one that waits alone goes on within a minute', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((count) => backoffMs(count, 0.5));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 45_000, 45_000, 45_000]);
  });

  test('is spread by 20 % to either side', () => {
    expect(backoffMs(1, 0)).toBe(800);
    expect(backoffMs(1, 0.999_999)).toBe(1200);
    expect(backoffMs(100, 0)).toBe(36_000);
    expect(backoffMs(100, 0.999_999_9)).toBe(54_000);
  });

  test('is always within these bounds, whatever is asked', () => {
    fc.assert(
      fc.property(failures, random, fc.integer({ min: 0, max: 1e15 }), (count, by, askedMs) => {
        const waitMs = backoffMs(count, by, askedMs);
        expect(waitMs).toBeGreaterThanOrEqual(Math.max(800, Math.min(askedMs, HOUR)));
        expect(waitMs).toBeLessThanOrEqual(Math.max(54_000, Math.min(askedMs, HOUR)));
      }),
    );
  });

  test('is as long as the provider asks when that is longer, and at most an hour', () => {
    expect(backoffMs(1, 0.5, 90_000)).toBe(90_000);
    expect(backoffMs(20, 0.5, 1000)).toBe(45_000);
    expect(backoffMs(1, 0.5, 24 * HOUR)).toBe(HOUR);
    expect(backoffMs(1, 0.5, Number.POSITIVE_INFINITY)).toBe(HOUR);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-03-31T12:00:00Z');

  test.each([
    ['120', 120_000],
    [' 5 ', 5000],
    ['0', 0],
    ['Tue, 31 Mar 2026 12:00:30 GMT', 30_000],
    ['Tuesday, 31-Mar-26 12:00:30 GMT', 30_000],
    ['Tue, 31 Mar 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
  ])('%j is %j ms', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });

  test('never asks for less than nothing, and never is no number', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.date().map(String), fc.double().map(String)), (header) => {
        const asked = retryAfterMs(header, now) ?? 0;
        expect(asked).toBeGreaterThanOrEqual(0);
        expect(backoffMs(1, 0.5, asked)).toBeLessThanOrEqual(HOUR);
      }),
    );
  });
});
