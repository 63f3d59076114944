/** The crash test's own judgement: what it must notice, shown with a handful of messages. */
import { describe, expect, test } from 'vitest';
import { judge, type Arrival, type Case, type Verdict } from '../../bench/chaos/judge.ts';
import type { Expectation } from '../../bench/chaos/sessions.ts';

const due = (at: number, kind: Expectation['kind'] = 'session', connectorId = 1): Expectation => {
  return { chargePointId: 'cp', connectorId, at, kind };
};

/** Arrivals at times 10 s apart, in this order. */
const arrivals = (...list: (Partial<Arrival> & { at: number })[]): Arrival[] =>
  list.map((arrival, place) => ({
    chargePointId: 'cp',
    reachedAt: place * 10_000,
    trouble: 'none',
    isTaken: true,
    ...arrival,
  }));

const verdict = (facts: Partial<Case>): Verdict =>
  judge({ recipient: 'stekker', due: [], arrivals: [], parked: [], outages: [], ...facts });

const times = (list: readonly Expectation[]) => list.map(({ at }) => at);

describe('the judge of the crash test', () => {
  test('what arrived in order is delivered, and nothing else is said of it', () => {
    const { delivered, lost, outOfOrder, parked, unexpected } = verdict({
      due: [[due(1), due(2)]],
      arrivals: arrivals({ at: 1 }, { at: 2 }),
    });
    expect({ delivered, lost, outOfOrder, parked, unexpected }).toEqual({
      delivered: 2,
      lost: [],
      outOfOrder: [],
      parked: 0,
      unexpected: 0,
    });
  });

  test('an event that never arrived is counted as lost', () => {
    expect(times(verdict({ due: [[due(1), due(2)]], arrivals: arrivals({ at: 1 }) }).lost)).toEqual([2]);
  });

  test('an event that arrived only in requests the provider did not take is counted as lost', () => {
    const failed = arrivals({ at: 1, trouble: '500', isTaken: false }, { at: 1, trouble: 'reset', isTaken: false });
    expect(times(verdict({ due: [[due(1)]], arrivals: failed }).lost)).toEqual([1]);
  });

  test('the message of another charger with the same time does not stand for a lost one', () => {
    const { lost, unexpected } = verdict({ due: [[due(1)]], arrivals: arrivals({ at: 1, chargePointId: 'other' }) });
    expect([times(lost), unexpected]).toEqual([[1], 1]);
  });

  test('a parked event is not lost', () => {
    const { lost, parked } = verdict({ due: [[due(1)]], parked: [{ chargePointId: 'cp', at: 1 }] });
    expect([lost, parked]).toEqual([[], 1]);
  });

  test('an inversion is counted', () => {
    const late = arrivals({ at: 1 }, { at: 3 }, { at: 2 });
    expect(times(verdict({ due: [[due(1), due(2), due(3)]], arrivals: late }).outOfOrder)).toEqual([2]);
  });

  test('a repeat of something old is a duplicate, and no inversion', () => {
    const again = arrivals({ at: 1, trouble: 'late-reset' }, { at: 1 }, { at: 2 }, { at: 1 });
    const { outOfOrder, duplicates } = verdict({ due: [[due(1), due(2)]], arrivals: again });
    expect(outOfOrder).toEqual([]);
    expect(duplicates['answer-lost'] + duplicates['timed-out']).toBe(2);
  });

  test('an order that differs between chargers is no inversion', () => {
    const other = { ...due(1), chargePointId: 'other' };
    const mixed = arrivals({ at: 2 }, { at: 1, chargePointId: 'other' });
    expect(verdict({ due: [[due(2)], [other]], arrivals: mixed }).outOfOrder).toEqual([]);
  });
});

describe('statuses outside sessions', () => {
  const story = [due(1, 'status'), due(2), due(3, 'status')];

  test('one that a newer one of its connector stands for is overtaken, not lost', () => {
    const { overtaken, lost } = verdict({ due: [story], arrivals: arrivals({ at: 2 }, { at: 3 }) });
    expect([overtaken, lost]).toEqual([1, []]);
  });

  test('the newest one is lost when it is missing', () => {
    expect(times(verdict({ due: [story], arrivals: arrivals({ at: 1 }, { at: 2 }) }).lost)).toEqual([3]);
  });

  test('a newer one of another connector stands for nothing', () => {
    const elsewhere = [due(1, 'status', 1), due(3, 'status', 2)];
    expect(times(verdict({ due: [elsewhere], arrivals: arrivals({ at: 3 }) }).lost)).toEqual([1]);
  });

  test('a message of a session is never overtaken', () => {
    expect(times(verdict({ due: [story], arrivals: arrivals({ at: 1 }, { at: 3 }) }).lost)).toEqual([2]);
  });

  test('who wants no statuses is due none', () => {
    const { lost, due: count } = verdict({ recipient: 'jedlix', due: [story], arrivals: arrivals({ at: 2 }) });
    expect([lost, count]).toEqual([[], 1]);
  });
});

describe('duplicates are explained', () => {
  const twice = (first: Partial<Arrival>, facts: Partial<Case> = {}) =>
    verdict({ due: [[due(1)]], arrivals: arrivals({ at: 1, ...first }, { at: 1 }), ...facts }).duplicates;

  test('by an answer that was lost', () => {
    expect(twice({ trouble: 'late-reset' })).toMatchObject({ 'answer-lost': 1, unexplained: 0 });
  });

  test('by a kill between the two', () => {
    expect(twice({}, { outages: [{ from: 5000, until: 8000 }] })).toMatchObject({ killed: 1, unexplained: 0 });
  });

  test('by an answer that came too late', () => {
    expect(twice({})).toMatchObject({ 'timed-out': 1, unexplained: 0 });
  });

  test('or not at all, which is counted', () => {
    const atOnce = arrivals({ at: 1, reachedAt: 0 }, { at: 1, reachedAt: 700 });
    expect(verdict({ due: [[due(1)]], arrivals: atOnce }).duplicates).toMatchObject({ unexplained: 1 });
  });

  test('a request that the provider did not take has no duplicate', () => {
    expect(Object.values(twice({ trouble: '500', isTaken: false }))).toEqual([0, 0, 0, 0]);
  });
});
