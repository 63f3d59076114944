/** The queries of docs/metrics.md read the points as they are written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLASSES_MS } from '../../src/station/metrics.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
const queries = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, query = '']) => query);
const FIRST_CLASS = 4;

test('each kind of point has a query, but what webhooks bring', () => {
  const kinds = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, kind]) => kind);
  expect(kinds.toSorted()).toEqual(['accepted', 'alert', 'attempt', 'followed', 'parked', 'profile']);
  const asked = new Set(queries.flatMap((query) => [...query.matchAll(/blob1 = '(\w+)'/g)].map(([, kind]) => kind)));
  expect([...asked].toSorted()).toEqual(kinds.filter((kind) => kind !== 'accepted').toSorted());
});

test('the percentile is asked of the classes that there are', () => {
  const query = queries.find((each) => each.includes('p95')) ?? '';
  const asked = [...query.matchAll(/if\(c(\d+) >= 0\.95 \* n, (\d+),/g)].map(([, column, bound]) => [column, bound]);
  expect(asked).toEqual(CLASSES_MS.map((bound) => [String(bound), String(bound)]));
  CLASSES_MS.slice(0, -1).forEach((bound, index) => {
    const classes = Array.from({ length: index + 1 }, (_, place) => `double${FIRST_CLASS + place}`).join(' + ');
    expect(query).toContain(`sum(_sample_interval * (${classes})) AS c${bound}`);
  });
  const [last, open] = [CLASSES_MS.at(-1), FIRST_CLASS + CLASSES_MS.length];
  expect(query).toContain(`sum(_sample_interval * (double1 - double${open})) AS c${last}`);
});

test('what is counted is multiplied by the interval of the sample', () => {
  for (const query of queries) {
    const counts = query.match(/\bsum\([^)]*/g) ?? [];
    expect(counts.filter((count) => !count.includes('_sample_interval'))).toEqual([]);
  }
});
