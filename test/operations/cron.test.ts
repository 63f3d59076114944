/** The cron trigger against what counts on it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the sweep runs as often as the turns of the stations count on', () => {
  const toml = readFileSync(new URL('../../wrangler.toml', import.meta.url), 'utf8');
  const nudging = readFileSync(new URL('../../src/operations/nudging.ts', import.meta.url), 'utf8');
  const [, minutes] = /^crons = \["\*\/(\d+) \* \* \* \*"\]$/m.exec(toml) ?? [];
  expect(nudging).toContain(`RUN_EVERY_MS = ${minutes} * 60_000;`);
});
