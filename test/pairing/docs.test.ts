/** The table of docs/pairing.md: every cell names its tests, and every test that is named exists. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/pairing.md'), 'utf8');

const TABLE = PAGE.slice(PAGE.indexOf('| outcome |'), PAGE.indexOf('### A:'));
const ROWS = TABLE.trim()
  .split('\n')
  .slice(2)
  .map((line) => line.split('|').slice(1, -1));
const REFERENCE = /\[(?<key>[ABC]\d+)\]/g;
const keysIn = (text: string) => [...text.matchAll(REFERENCE)].map(([, key]) => key);

const NAMED = [...PAGE.matchAll(/^- \[(?<key>[ABC]\d+)\] `(?<file>[^`]+)` › (?<title>.+)$/gm)].flatMap(({ groups }) =>
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
