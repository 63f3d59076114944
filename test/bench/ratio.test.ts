/** The arithmetic of the ratio benchmarks. */
import { describe, expect, test } from 'vitest';
import { compare, isReached, overStarts, tellingOf } from '../../bench/ratio.ts';
import { medianOf } from '../../bench/table.ts';

describe('a comparison', () => {
  test('leaves the first round of both out, and is the median of the rounds’ ratios', async () => {
    const [baseline, measured] = [
      [1, 100, 200, 400],
      [1000, 80, 100, 360],
    ];
    const rates = await compare(
      3,
      (round) => baseline[round] ?? 0,
      (round) => measured[round] ?? 0,
    );
    expect(rates).toEqual({ baseline: 200, measured: 100, ratio: 0.8 });
  });

  test('over several starts is the median of each figure', async () => {
    const taken = [
      { baseline: 100, measured: 90, ratio: 0.9 },
      { baseline: 300, measured: 60, ratio: 0.2 },
      { baseline: 200, measured: 80, ratio: 0.4 },
    ];
    const rates = await overStarts(3, () => Promise.resolve(taken.shift() ?? { baseline: 0, measured: 0, ratio: 0 }));
    expect(rates).toEqual({ baseline: 200, measured: 80, ratio: 0.4 });
    expect(taken).toEqual([]);
  });

  test('measures by turns', async () => {
    const order: string[] = [];
    await compare(
      1,
      (round) => order.push(`bare ${round}`),
      (round) => order.push(`edge ${round}`),
    );
    expect(order).toEqual(['bare 0', 'edge 0', 'bare 1', 'edge 1']);
  });
});

describe('a goal', () => {
  test('is reached at its border, and missed beyond it', () => {
    const least = { goal: { least: 0.7 } };
    const most = { goal: { most: 3 } };
    expect([isReached({ ...least, ratio: 0.7 }), isReached({ ...least, ratio: 0.69 })]).toEqual([true, false]);
    expect([isReached({ ...most, ratio: 3 }), isReached({ ...most, ratio: 3.01 })]).toEqual([true, false]);
  });

  test('is missed by a ratio that is no number', () => {
    expect(isReached({ ratio: Number.NaN, goal: { least: 0.7 } })).toBe(false);
  });

  test('that was missed is said so in the table', () => {
    const ratio = { name: 'x', unit: '1/s', baseline: 100, measured: 50, ratio: 0.5, goal: { least: 0.7 } };
    expect(tellingOf([ratio])).toContain('MISSED');
  });
});

test('the median of an even number of values lies between the middle two', () => {
  expect([medianOf([3, 1, 2]), medianOf([4, 1, 2, 3])]).toEqual([2, 2.5]);
});
