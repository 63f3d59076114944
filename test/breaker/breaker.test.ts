/** The breaker: opens for the provider's failure only, holds without dropping, and lets everybody back at a bounded rate. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ask, CLOSED, FIRST_RATE_PER_S, report, type Breaker } from '../../src/breaker/breaker.ts';

const T0 = Date.parse('2026-03-31T12:00:00Z');
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The breaker after these stations failed, a second apart. */
function failing(stations: readonly string[], from = T0, start: Breaker = CLOSED): Breaker {
  return stations.reduce((breaker, station, place) => report(breaker, station, false, from + place * SECOND), start);
}

const FIVE = ['a', 'b', 'c', 'd', 'e'];
const OPEN_AT = T0 + 4 * SECOND;

describe('a closed breaker', () => {
  test('opens when five stations fail within a minute and none succeeds', () => {
    expect(failing(FIVE.slice(0, 4)).mode).toBe('closed');
    expect(failing(FIVE).mode).toBe('open');
  });

  test('stays closed however often fewer stations fail', () => {
    const four = Array.from({ length: 1000 }, (_, place) => FIVE[place % 4] ?? 'a');
    expect(failing(four).mode).toBe('closed');
  });

  test('stays closed when the failures are further apart, or somebody succeeds in between', () => {
    const late = report(failing(FIVE.slice(0, 4)), 'e', false, T0 + 2 * MINUTE);
    expect(late.mode).toBe('closed');
    const relieved = report(failing(FIVE.slice(0, 4)), 'z', true, T0 + 4 * SECOND);
    expect(report(relieved, 'e', false, T0 + 5 * SECOND).mode).toBe('closed');
  });

  test('holds nobody', () => {
    expect(ask(CLOSED, T0, 0.5).permit).toEqual({ waitMs: 0, isReserved: true, mode: 'closed' });
  });
});

describe('an open breaker', () => {
  test('lets one request through in ten seconds, and tells the others to come back later', () => {
    const open = failing(FIVE);
    expect(ask(open, OPEN_AT + 9 * SECOND, 0).permit).toEqual({ waitMs: 1000, isReserved: false, mode: 'open' });
    const probe = ask(open, OPEN_AT + 10 * SECOND, 0);
    expect(probe.permit.waitMs).toBe(0);
    expect(ask(probe.breaker, OPEN_AT + 10 * SECOND, 0).permit.waitMs).toBe(10 * SECOND);
  });

  test('lets those that wait ask the more seldom the longer it is open, within five minutes', () => {
    const waitAfter = (ageMs: number) => {
      const breaker = { ...failing(FIVE), since: OPEN_AT, nextAt: OPEN_AT + ageMs + 10 * SECOND };
      return ask(breaker, OPEN_AT + ageMs, 0.999_999).permit.waitMs;
    };
    expect(waitAfter(0)).toBe(40 * SECOND);
    expect(waitAfter(2 * MINUTE)).toBe(130 * SECOND);
    expect(waitAfter(24 * 60 * MINUTE)).toBe(310 * SECOND);
  });

  test('stays open while its probes fail, and recovers at the first success', () => {
    const open = failing(FIVE);
    expect(report(open, 'a', false, OPEN_AT + MINUTE).mode).toBe('open');
    expect(report(open, 'a', true, OPEN_AT + MINUTE).mode).toBe('recovering');
  });
});

describe('a recovering breaker', () => {
  const recovering = report(failing(FIVE), 'a', true, OPEN_AT);

  /** When so many requests that come at once may go. */
  function slotsOf(count: number, at: number, start = recovering): number[] {
    const slots: number[] = [];
    let breaker = start;
    for (let place = 0; place < count; place += 1) {
      const asked = ask(breaker, at, 0.5);
      breaker = asked.breaker;
      if (asked.permit.isReserved) slots.push(at + asked.permit.waitMs);
    }
    return slots;
  }

  test('begins with 20 requests a second over all stations', () => {
    const slots = slotsOf(100, OPEN_AT);
    expect(slots.filter((at) => at < OPEN_AT + SECOND)).toHaveLength(FIRST_RATE_PER_S);
    expect(slots.at(-1)).toBe(OPEN_AT + 99 * 50);
  });

  test('doubles its rate every half minute', () => {
    const slots = slotsOf(100, OPEN_AT + 61 * SECOND);
    expect(slots.filter((at) => at < OPEN_AT + 62 * SECOND)).toHaveLength(4 * FIRST_RATE_PER_S);
  });

  test('gives no place further ahead than five minutes: those ask again', () => {
    const slots = slotsOf(10_000, OPEN_AT);
    expect(slots).toHaveLength((5 * MINUTE) / 50 + 1);
    expect(ask({ ...recovering, nextAt: OPEN_AT + 6 * MINUTE }, OPEN_AT, 0.5).permit).toEqual({
      waitMs: 5 * MINUTE,
      isReserved: false,
      mode: 'recovering',
    });
  });

  test('is closed again after three minutes', () => {
    expect(ask(recovering, OPEN_AT + 3 * MINUTE - 1, 0.5).permit.mode).toBe('recovering');
    expect(ask(recovering, OPEN_AT + 3 * MINUTE, 0.5).permit).toEqual({ waitMs: 0, isReserved: true, mode: 'closed' });
  });

  test('opens again when five stations fail', () => {
    expect(failing(FIVE, OPEN_AT + SECOND, recovering).mode).toBe('open');
  });
});

describe('for every history', () => {
  const event = fc.record({
    afterMs: fc.integer({ min: 0, max: 20_000 }),
    station: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
    what: fc.constantFrom('ask' as const, 'ask' as const, 'failed' as const, 'delivered' as const),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });

  test('it opens for several stations only, probes once in ten seconds, and every wait is finite', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        let breaker: Breaker = CLOSED;
        let now = T0;
        let failed = new Set<string>();
        const [waits, openings, gaps]: [number[], number[], number[]] = [[], [], []];
        let probedAt = Number.NEGATIVE_INFINITY;
        for (const { afterMs, station, what, random } of events) {
          now += afterMs;
          const before = breaker.mode;
          if (what === 'ask') {
            const { breaker: next, permit } = ask(breaker, now, random);
            waits.push(permit.waitMs);
            if (permit.mode === 'open' && permit.waitMs === 0) {
              gaps.push(now - probedAt);
              probedAt = now;
            }
            breaker = next;
          } else {
            breaker = report(breaker, station, what === 'delivered', now);
            failed = what === 'delivered' ? new Set() : failed.add(station);
          }
          if (before !== 'open' && breaker.mode === 'open') openings.push(failed.size);
        }
        expect(waits.filter((ms) => !(ms >= 0 && ms <= 5 * MINUTE + 10 * SECOND))).toEqual([]);
        expect(openings.filter((stations) => stations < 5)).toEqual([]);
        expect(gaps.filter((gap) => gap < 10 * SECOND)).toEqual([]);
      }),
    );
  });

  test('a provider that answers again gets everybody back: the breaker closes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * MINUTE }), (ageMs) => {
        let breaker = failing(FIVE);
        let now = OPEN_AT + ageMs;
        for (let round = 0; round < 500 && breaker.mode !== 'closed'; round += 1) {
          const asked = ask(breaker, now, 0.5);
          now += asked.permit.waitMs;
          const isAllowed = asked.permit.waitMs === 0 || asked.permit.isReserved;
          breaker = isAllowed ? report(asked.breaker, 'a', true, now) : asked.breaker;
          now += SECOND;
        }
        expect(breaker.mode).toBe('closed');
      }),
    );
  });
});
