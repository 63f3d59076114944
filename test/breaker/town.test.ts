/** What the breaker and thousands of lanes come to together: closed while a provider answers some, open when it fails everywhere. */
import { describe, expect, test } from 'vitest';
import { FIRST_RATE_PER_S, HIGHEST_RATE_PER_S, modeAt } from '../../src/breaker/breaker.ts';
import { Town } from './town.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const SEEDS = ['1', '2', '3', '4', '5'];

describe('a provider that fails at random', () => {
  // Twenty in a row at one half: one in a million for each report. Here are fewer than 100,000 reports in all.
  test.each([
    { failing: 0.3, everyMs: 2 * SECOND },
    { failing: 0.5, everyMs: 2 * SECOND },
    { failing: 0.3, everyMs: 2 * MINUTE },
    { failing: 0.5, everyMs: 2 * MINUTE },
  ])('at $failing never opens it: 200 chargers, a message each $everyMs ms', async ({ failing, everyMs }) => {
    for (const seed of SEEDS) {
      const town = new Town(200, seed, () => ({ failing }));
      await town.until(10 * MINUTE, everyMs);
      expect(town.requests.length).toBeGreaterThan(200);
      expect(town.openings).toEqual([]);
    }
  });

  test('and takes what it is sent, holds up no charger for good', async () => {
    const town = new Town(200, 'a', () => ({ failing: 0.3 }));
    town.owe(100);
    // Nine failures in a row are to be expected once in 50,000 messages: waits of about nine minutes in all.
    await town.until(20 * MINUTE);
    expect(town.backlog).toBe(0);
  });
});

describe('a provider that refuses the content of each message, when it does not fail', () => {
  test('does not open it: a refusal shows that it is up', async () => {
    const town = new Town(200, 'a', () => ({ failing: 0.5, otherwise: 400 }));
    await town.until(10 * MINUTE, 10 * SECOND);
    expect(town.requests.length).toBeGreaterThan(200);
    expect(town.openings).toEqual([]);
  });
});

describe('a provider that fails everywhere', () => {
  const OUTAGE_AT = MINUTE;
  const outage = (takesMs: number) => (now: number) => (now < OUTAGE_AT ? { failing: 0 } : { failing: 1, takesMs });

  test.each([
    { chargers: 200, everyMs: 10 * SECOND, takesMs: 200, withinS: 5 },
    { chargers: 200, everyMs: 2 * MINUTE, takesMs: 200, withinS: 30 },
    { chargers: 200, everyMs: 10 * SECOND, takesMs: 15 * SECOND, withinS: 40 },
    { chargers: 5, everyMs: 5 * SECOND, takesMs: 200, withinS: 60 },
    { chargers: 5, everyMs: 5 * SECOND, takesMs: 15 * SECOND, withinS: 120 },
  ])(
    'opens it within $withinS s: $chargers chargers, a message each $everyMs ms, answers after $takesMs ms',
    async ({ chargers, everyMs, takesMs, withinS }) => {
      for (const seed of SEEDS) {
        const town = new Town(chargers, seed, outage(takesMs));
        await town.until(OUTAGE_AT + withinS * SECOND, everyMs);
        expect(town.openings).toHaveLength(1);
        expect(town.openings[0]).toBeGreaterThan(OUTAGE_AT);
      }
    },
  );

  test('opens it for no charger that is alone, nor for four', async () => {
    for (const chargers of [1, 4]) {
      const town = new Town(chargers, 'a', () => ({ failing: 1 }));
      await town.until(30 * MINUTE, 10 * SECOND);
      expect(town.openings).toEqual([]);
    }
  });

  test.each([200, 15 * SECOND])(
    'gets two requests of each of 5,000 chargers, and one in ten seconds from then on; answers after %i ms',
    async (takesMs) => {
      const town = new Town(5000, 'a', () => ({ failing: 1, takesMs }));
      town.owe(1);
      await town.until(MINUTE);
      const atFirst = town.requests.length;
      expect(atFirst).toBeLessThanOrEqual(2 * 5000 + 6);
      // A third request of a charger is one of the probes, of which there are six in a minute.
      const more = [...town.requestsOf.values()].filter((count) => count > 2);
      expect(more.length).toBeLessThanOrEqual(6);
      expect(more).toEqual(more.map(() => 3));
      await town.until(21 * MINUTE);
      for (let minute = 1; minute < 21; minute += 1) {
        expect(town.requestsIn(minute * MINUTE, (minute + 1) * MINUTE)).toBeLessThanOrEqual(7);
      }
      expect(town.requests.length - atFirst).toBeGreaterThan(20 * 4);
    },
  );
});

describe('a provider that comes back', () => {
  test('gets what 5,000 chargers owe at a rate that is bounded and grows, until nothing is owed', async () => {
    const BACK_AT = 20 * MINUTE;
    const town = new Town(5000, 'a', (now) => ({ failing: now < BACK_AT ? 1 : 0 }));
    town.owe(3);
    await town.until(BACK_AT);
    expect(town.backlog).toBe(15_000);
    while (town.breaker.mode === 'open' && town.now < BACK_AT + MINUTE) await town.until(town.now + 100);
    const since = town.breaker.since;
    expect(town.breaker.mode).toBe('recovering');
    await town.until(since + 10 * MINUTE);
    const rateAt = (second: number) => FIRST_RATE_PER_S * 2 ** Math.floor(second / 30);
    const seconds = Array.from({ length: 180 }, (_, second) => second);
    const countIn = (second: number) => town.requestsIn(since + second * SECOND, since + (second + 1) * SECOND);
    // Slots are spread evenly, and the clock goes in tenths of a second.
    expect(seconds.filter((second) => countIn(second) > 1.1 * rateAt(second) + 1)).toEqual([]);
    expect(seconds.filter((second) => second < 120 && countIn(second) < 0.8 * rateAt(second))).toEqual([]);
    expect(town.backlog).toBe(0);
  });

  test('gets 150,000 messages at no more than 320 a second, however long that takes; then the breaker is closed', async () => {
    const BACK_AT = 3 * MINUTE;
    const town = new Town(5000, 'a', (now) => ({ failing: now < BACK_AT ? 1 : 0 }));
    town.owe(30);
    await town.until(BACK_AT);
    expect(town.backlog).toBe(150_000);
    await town.until(BACK_AT + 8 * MINUTE);
    expect(town.backlog).toBeGreaterThan(0);
    expect(modeAt(town.breaker, town.now)).toBe('recovering');
    await town.until(BACK_AT + 10 * MINUTE);
    expect(town.backlog).toBe(0);
    expect(modeAt(town.breaker, town.now)).toBe('closed');
    const counts = new Map<number, number>();
    for (const second of town.requests.filter((at) => at >= BACK_AT).map((at) => Math.floor(at / SECOND))) {
      counts.set(second, (counts.get(second) ?? 0) + 1);
    }
    const most = Math.max(...counts.values());
    // The clock goes in tenths of a second.
    expect(most).toBeLessThanOrEqual(1.1 * HIGHEST_RATE_PER_S + 1);
    expect(most).toBeGreaterThanOrEqual(0.8 * HIGHEST_RATE_PER_S);
  });
});
