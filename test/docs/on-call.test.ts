/** Each fault that docs/on-call.md has a row for is played in a test of that name, and each one played has a row. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/on-call.md'), 'utf8');
const played = readdirSync(join(ROOT, 'test/oncall'))
  .filter((name) => name.endsWith('.worker.test.ts'))
  .map((name) => readFileSync(join(ROOT, 'test/oncall', name), 'utf8'))
  .join('\n');

const rows = [...page.matchAll(/^\| (?!fault )([^|]+?) \|/gm)].map(([, fault = '']) => fault);

test('each row has a test', () => {
  expect(rows.length).toBeGreaterThan(10);
  const isPlayed = (fault: string) => ["describe('", "it('", "fault: '"].some((word) => played.includes(word + fault));
  expect(rows.filter((fault) => !isPlayed(fault))).toEqual([]);
});

test('each fault of a provider that is played has a row', () => {
  const faults = [...played.matchAll(/(?:fault: |describe\()'([^']+)'/g)].map(([, fault]) => fault);
  expect(faults.filter((fault) => !rows.includes(fault ?? ''))).toEqual([]);
});

test('each row says four things', () => {
  const lines = page.split('\n').filter((line) => line.startsWith('| '));
  expect(lines.filter((line) => line.split(' | ').length !== 4)).toEqual([]);
});
