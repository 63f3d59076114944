/** The page of requirements names files and tests that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const [PAGE = ''] = readFileSync(join(ROOT, 'docs/requirements.md'), 'utf8').split('\n## Pairing: every flow');

/** "- requirement", "Code: `file`.", "Test: `file` › title": the lines of one entry are broken where they are long. */
const ENTRY = /^(?<requirement>.+?)\. Code: `(?<code>[^`]+)`\. Test: `(?<file>[^`]+)` › (?<title>.+)$/;
const entries = PAGE.split('\n- ')
  .slice(1)
  .map((entry) => (entry.split('\n\n')[0] ?? '').trim().replaceAll(/\s*\n\s*/g, ' '));
const rows = entries.flatMap((entry) => {
  const groups = ENTRY.exec(entry)?.groups;
  return groups === undefined ? [] : [groups];
});

test('every entry of the page can be read', () => {
  expect(entries.filter((entry) => !ENTRY.test(entry))).toEqual([]);
  expect(rows.length).toBeGreaterThan(20);
});

test.each(rows.map((row) => [row['requirement'], row] as const))('%s', (_, { code = '', file = '', title = '' }) => {
  expect(existsSync(join(ROOT, code))).toBe(true);
  expect(readFileSync(join(ROOT, file), 'utf8')).toContain(`'${title}'`);
});
