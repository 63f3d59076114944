/** The cron trigger against what counts on it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const textOf = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');

test('the sweep runs as often as the turns of the stations count on', () => {
  const toml = textOf('wrangler.toml');
  const nudging = textOf('src/operations/nudging.ts');
  const [, minutes] = /^crons = \["\*\/(\d+) \* \* \* \*", "\* \* \* \* \*"\]$/m.exec(toml) ?? [];
  expect(nudging).toContain(`RUN_EVERY_MS = ${minutes} * 60_000;`);
});
