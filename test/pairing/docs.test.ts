/** The pairing table of docs/requirements.md names tests that exist, in every cell; docs/pairing.md has the same cases. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PAGE = read('docs/requirements.md');

const TABLE = PAGE.slice(PAGE.indexOf('| outcome |'), PAGE.indexOf('### A:'));
const ROWS = TABLE.trim()
  .split('\n')
  .slice(2)
  .map((line) => line.split('|').slice(1, -1));
const REFERENCE = /\b(?<key>[ABC]\d+)\b/g;
const keysIn = (text: string) => [...text.matchAll(REFERENCE)].map(([, key]) => key);

const NAMED = [...PAGE.matchAll(/^- \[(?<key>[ABC]\d+)\] `(?<file>[^`]+)`\s+› (?<title>.+)$/gm)].flatMap(({ groups }) =>
  groups === undefined ? [] : [groups],
);

test('the table has a column for each of the three flows', () => {
  expect(ROWS.length).toBeGreaterThan(20);
  for (const row of ROWS) expect(row).toHaveLength(4);
});

test.each(ROWS.map(([outcome, ...cells]) => [outcome?.trim(), cells] as const))(
  '%s: every cell names its tests',
  (_, cells) => {
    const unnamed = cells.filter((cell) => cell.trim() !== '—' && keysIn(cell).length === 0);
    expect(unnamed).toEqual([]);
  },
);

test('the table and the list of tests name the same', () => {
  const listed = NAMED.map(({ key }) => key);
  expect(new Set(listed).size).toBe(listed.length);
  expect(new Set(keysIn(TABLE))).toEqual(new Set(listed));
});

test.each(NAMED.map(({ key, file = '', title = '' }) => [key, file, title] as const))(
  '%s exists: %s › %s',
  (_, file, title) => {
    expect(existsSync(join(ROOT, file))).toBe(true);
    expect(readFileSync(join(ROOT, file), 'utf8')).toContain(`'${title}'`);
  },
);

test('docs/pairing.md says what happens in each case of the table, and in no other', () => {
  const cases = read('docs/pairing.md').split('## What may happen')[1]?.split('## Repeats')[0] ?? '';
  const FLOWS = ['App', 'We', 'Unpairing'];
  const told = [...cases.matchAll(/^\*\*(?<outcome>.+)\*\*\n\n(?<flows>(?:.+\n)+)/gm)].map(({ groups }) => {
    const flows = [...(groups?.['flows'] ?? '').matchAll(/^- (?<said>In all flows|[A-Z][a-z]+(?: and we)?)/gm)]
      .flatMap(([, said = '']) => (said === 'In all flows' ? FLOWS : said.split(' and ')))
      .map((flow) => flow.toLowerCase());
    return [groups?.['outcome'], FLOWS.map((flow) => flows.includes(flow.toLowerCase()))];
  });
  const tested = ROWS.map(([outcome = '', ...cells]) => [outcome.trim(), cells.map((cell) => cell.trim() !== '—')]);
  const inOrder = (rows: unknown[][]) => rows.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  expect(inOrder(told)).toEqual(inOrder(tested));
});
