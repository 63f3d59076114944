/** The breaker: opens for the provider's failure only, holds without dropping, and lets everybody back at a bounded rate. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ask,
  CLOSED,
  FIRST_RATE_PER_S,
  HIGHEST_RATE_PER_S,
  modeAt,
  report,
  type Breaker,
} from '../../src/breaker/breaker.ts';

const T0 = Date.parse('2026-03-31T12:00:00Z');
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The breaker after these stations failed, a second apart. */
function failing(stations: readonly string[], from = T0, start: Breaker = CLOSED): Breaker {
  return stations.reduce((breaker, station, place) => report(breaker, station, false, from + place * SECOND), start);
}

/** So many failures, of so many stations by turns. */
const turns = (failures: number, stations: number) =>
  Array.from({ length: failures }, (_, place) => `station ${place % stations}`);

const TWENTY = turns(20, 5);
const OPEN_AT = T0 + 19 * SECOND;

describe('a closed breaker', () => {
  test('opens at the twentieth failure within two minutes, of five stations or more, none succeeding', () => {
    expect(failing(TWENTY.slice(0, 19)).mode).toBe('closed');
    expect(failing(TWENTY).mode).toBe('open');
    expect(failing(turns(19, 19)).mode).toBe('closed');
    expect(failing(turns(20, 20)).mode).toBe('open');
  });

  test('stays closed however often fewer stations fail', () => {
    expect(failing(turns(1000, 4)).mode).toBe('closed');
  });

  test('stays closed when the failures are further apart', () => {
    const nineteen = failing(TWENTY.slice(0, 19));
    const last = 'station 4';
    expect(report(nineteen, last, false, T0 + 2 * MINUTE - 1).mode).toBe('open');
    expect(report(nineteen, last, false, T0 + 2 * MINUTE).mode).toBe('closed');
  });

  test('begins to count anew after one success, of whichever station', () => {
    const relieved = report(failing(TWENTY.slice(0, 19)), 'z', true, OPEN_AT);
    const again = failing(TWENTY.slice(0, 19), OPEN_AT, relieved);
    expect(again.mode).toBe('closed');
    expect(report(again, 'station 4', false, OPEN_AT + 20 * SECOND).mode).toBe('open');
  });

  test('keeps no more than it needs, however often stations fail', () => {
    expect(failing(turns(1000, 4)).failures.length).toBeLessThanOrEqual(20);
  });

  test('holds nobody', () => {
    expect(ask(CLOSED, T0, 0.5).permit).toEqual({ waitMs: 0, isReserved: true, mode: 'closed' });
  });
});

describe('an open breaker', () => {
  test('lets one request through in ten seconds, and tells the others to come back later', () => {
    const open = failing(TWENTY);
    expect(ask(open, OPEN_AT + 9 * SECOND, 0).permit).toEqual({ waitMs: 1000, isReserved: false, mode: 'open' });
    const probe = ask(open, OPEN_AT + 10 * SECOND, 0);
    expect(probe.permit.waitMs).toBe(0);
    expect(ask(probe.breaker, OPEN_AT + 10 * SECOND, 0).permit.waitMs).toBe(10 * SECOND);
  });

  test('lets those that wait ask the more seldom the longer it is open, within five minutes', () => {
    const waitAfter = (ageMs: number, stations = 30) => {
      const asking = Array.from({ length: stations }, (_, station) => String(station));
      const breaker = { ...failing(TWENTY), since: OPEN_AT, nextAt: OPEN_AT + ageMs + 10 * SECOND, asking };
      return ask(breaker, OPEN_AT + ageMs, 0.999_999, '0').permit.waitMs;
    };
    expect(waitAfter(0)).toBe(40 * SECOND);
    expect(waitAfter(2 * MINUTE)).toBe(130 * SECOND);
    expect(waitAfter(24 * 60 * MINUTE)).toBe(310 * SECOND);
    // Few of them ask so often that one finds out soon.
    for (const stations of [1, 3, 5]) expect(waitAfter(24 * 60 * MINUTE, stations)).toBe(40 * SECOND);
    expect(waitAfter(24 * 60 * MINUTE, 10)).toBe(90 * SECOND);
  });

  test('stays open while its probes fail, and recovers at the first success', () => {
    const open = failing(TWENTY);
    expect(report(open, 'a', false, OPEN_AT + MINUTE).mode).toBe('open');
    expect(report(open, 'a', true, OPEN_AT + MINUTE).mode).toBe('recovering');
  });

  test('is shown as open for as long as it is probed, and as closed from a quarter of an hour after a probe that never came', () => {
    const open = failing(TWENTY);
    const unprobedAt = OPEN_AT + 10 * SECOND + 15 * MINUTE;
    expect(modeAt(open, OPEN_AT)).toBe('open');
    expect(modeAt(open, unprobedAt)).toBe('open');
    expect(modeAt(open, unprobedAt + 1)).toBe('closed');
    const probed = ask(open, unprobedAt + 1, 0);
    expect(probed.permit).toEqual({ waitMs: 0, isReserved: true, mode: 'open' });
    expect(modeAt(probed.breaker, unprobedAt + 1)).toBe('open');
  });
});

describe('a recovering breaker', () => {
  const recovering = report(failing(TWENTY), 'a', true, OPEN_AT);

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

  test('doubles its rate every half minute, whether the requests come then or all came at once', () => {
    const inSecond = (slots: readonly number[], second: number) =>
      slots.filter((at) => at >= OPEN_AT + second * SECOND && at < OPEN_AT + (second + 1) * SECOND).length;
    expect(inSecond(slotsOf(100, OPEN_AT + 61 * SECOND), 61)).toBe(4 * FIRST_RATE_PER_S);
    const atOnce = slotsOf(3000, OPEN_AT);
    expect([0, 29, 30, 61].map((second) => inSecond(atOnce, second))).toEqual([20, 20, 40, 80]);
  });

  test('gives no place further ahead than five minutes: those ask again', () => {
    const slots = slotsOf(700_000, OPEN_AT);
    expect(slots.length).toBeLessThan(700_000);
    expect(slots.at(-1)).toBeLessThanOrEqual(OPEN_AT + 5 * MINUTE);
    expect(ask({ ...recovering, nextAt: OPEN_AT + 6 * MINUTE }, OPEN_AT, 0.5).permit).toEqual({
      waitMs: 5 * MINUTE,
      isReserved: false,
      mode: 'recovering',
    });
  });

  test('is closed again after three minutes, when nobody queues', () => {
    expect(ask(recovering, OPEN_AT + 3 * MINUTE - 1, 0.5).permit.mode).toBe('recovering');
    expect(ask(recovering, OPEN_AT + 3 * MINUTE, 0.5).permit).toEqual({ waitMs: 0, isReserved: true, mode: 'closed' });
    expect(modeAt(recovering, OPEN_AT + 3 * MINUTE - 1)).toBe('recovering');
    expect(modeAt(recovering, OPEN_AT + 3 * MINUTE)).toBe('closed');
  });

  test('goes on for as long as somebody queues, and is closed once the last slot is past, whoever looks first', () => {
    const LAST_AT = OPEN_AT + 4 * MINUTE;
    const queued = { ...recovering, nextAt: LAST_AT };
    const modesAt = (now: number) => [
      modeAt(queued, now),
      ask(queued, now, 0.5).permit.mode,
      report(queued, 'a', true, now).mode,
      report(queued, 'a', false, now).mode,
    ];
    expect(modesAt(LAST_AT - 1)).toEqual(['recovering', 'recovering', 'recovering', 'recovering']);
    expect(modesAt(LAST_AT)).toEqual(['closed', 'closed', 'closed', 'closed']);
  });

  test('gives no more than 320 places a second, however long it lasts', () => {
    expect(HIGHEST_RATE_PER_S).toBe(320);
    for (const minutes of [2, 3, 60]) {
      const start = OPEN_AT + minutes * MINUTE;
      const slots = slotsOf(1000, start, { ...recovering, nextAt: start + 1 });
      expect(slots.filter((at) => at < start + SECOND)).toHaveLength(HIGHEST_RATE_PER_S);
    }
  });

  test('opens again at the twentieth failure', () => {
    expect(failing(TWENTY, OPEN_AT + SECOND, recovering).mode).toBe('open');
  });
});

const event = fc.record({
  afterMs: fc.integer({ min: 0, max: 5000 }),
  station: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constant('ask' as const) },
    { weight: 24, arbitrary: fc.constant('failed' as const) },
    { weight: 1, arbitrary: fc.constant('delivered' as const) },
  ),
  random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** What happened in a history: every wait, what the failures in a row were at each opening, and the time between two probes. */
function lived(events: readonly Event[]) {
  let [breaker, now, probedAt] = [CLOSED, T0, Number.NEGATIVE_INFINITY];
  let inARow: string[] = [];
  const waits: number[] = [];
  const gaps: number[] = [];
  const openings: { readonly failures: number; readonly stations: number }[] = [];
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
      inARow = what === 'delivered' ? [] : [...inARow, station];
    }
    const isOpening = before !== 'open' && breaker.mode === 'open';
    if (isOpening) openings.push({ failures: inARow.length, stations: new Set(inARow).size });
  }
  return { waits, gaps, openings };
}

describe('for every history', () => {
  test('it opens for many failures of several stations only, probes once in ten seconds, and every wait is finite', () => {
    const openings: number[] = [];
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300, size: 'max' }), (events) => {
        const seen = lived(events);
        openings.push(seen.openings.length);
        expect(seen.waits.filter((ms) => !(ms >= 0 && ms <= 5 * MINUTE + 10 * SECOND))).toEqual([]);
        expect(seen.openings.filter(({ failures, stations }) => failures < 20 || stations < 5)).toEqual([]);
        expect(seen.gaps.filter((gap) => gap < 10 * SECOND)).toEqual([]);
      }),
    );
    expect(Math.max(...openings)).toBeGreaterThan(0);
  });

  test('a provider that answers again gets everybody back: the breaker closes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * MINUTE }), (ageMs) => {
        let breaker = failing(TWENTY);
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

describe('a clock that is set back', () => {
  const HOURS_6 = 6 * 60 * MINUTE;

  test('delays no probe of an open breaker beyond its ten seconds', () => {
    const open = failing(TWENTY);
    expect(open.mode).toBe('open');
    const then = OPEN_AT - HOURS_6;
    const waiting = ask(open, then, 0);
    expect(waiting.permit.waitMs).toBe(10 * SECOND);
    expect(ask(waiting.breaker, then + 10 * SECOND, 0).permit).toMatchObject({ waitMs: 0, isReserved: true });
  });

  test('makes no lane of a recovering breaker wait for longer than places are given out', () => {
    const recovering = report(failing(TWENTY), 'station 1', true, OPEN_AT);
    const then = OPEN_AT - HOURS_6;
    const { breaker, permit } = ask(recovering, then, 0);
    expect(permit.waitMs).toBeLessThanOrEqual(5 * MINUTE + SECOND);
    expect(ask(breaker, then + 6 * MINUTE, 0).breaker.mode).toBe('closed');
  });
});
