/** The requirement table names files and tests that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const ROW = /^\| (?<requirement>[^|]+?) +\| `(?<code>[^`]+)` +\| `(?<file>[^`]+)` › (?<title>.+?) +\|$/gm;
const TABLE = readFileSync(join(ROOT, 'docs/requirements.md'), 'utf8');

const rows = [...TABLE.matchAll(ROW)].flatMap(({ groups }) => (groups === undefined ? [] : [groups]));

test('every row of the table can be read', () => {
  const lines = TABLE.split('\n').filter((line) => /^\| (?!requirement)/.test(line));
  expect(rows.length).toBe(lines.length);
  expect(rows.length).toBeGreaterThan(20);
});

test.each(rows.map((row) => [row['requirement'], row] as const))('%s', (_, { code = '', file = '', title = '' }) => {
  expect(existsSync(join(ROOT, code))).toBe(true);
  expect(readFileSync(join(ROOT, file), 'utf8')).toContain(`'${title}'`);
});
