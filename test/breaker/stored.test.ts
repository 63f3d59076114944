/** The breaker and its storage: what is worth storing, and what an earlier version stored. */
import { describe, expect, test } from 'vitest';
import { ask, CLOSED, isWorthStoring, report, restored, type Breaker } from '../../src/breaker/breaker.ts';

const SECOND = 1000;
const T0 = Date.parse('2026-03-31T12:00:00Z');

/** The breaker after so many failures of five stations by turns. */
function failed(failures: number, start: Breaker = CLOSED): Breaker {
  const places = Array.from({ length: failures }, (_, place) => place);
  return places.reduce((breaker, place) => report(breaker, `station ${place % 5}`, false, T0), start);
}

test('a breaker that an earlier version stored, with its failures in another form, opens as ever', () => {
  const earlier: unknown = { mode: 'closed', failures: { 'cp-1': 1 }, since: 1, nextAt: 1 };
  expect(failed(20, restored(earlier as Breaker)).mode).toBe('open');
  expect(restored(undefined)).toEqual(CLOSED);
});

describe('what a restart may forget', () => {
  test('is no change of mode, and no probe', () => {
    const almost = failed(19);
    const open = failed(20);
    expect(isWorthStoring(almost, CLOSED)).toBe(false);
    expect(isWorthStoring(open, almost)).toBe(true);
    expect(isWorthStoring(ask(open, T0, 0).breaker, open)).toBe(false);
    expect(isWorthStoring(ask(open, T0 + 10 * SECOND, 0).breaker, open)).toBe(true);
  });

  test('is less than a second of a queue', () => {
    const recovering = report(failed(20), 'a', true, T0);
    const isWorthMore = (ms: number) => isWorthStoring({ ...recovering, nextAt: recovering.nextAt + ms }, recovering);
    expect([isWorthMore(999), isWorthMore(1000)]).toEqual([false, true]);
  });
});
