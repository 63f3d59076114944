/** The Worker knows which migration it needs. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NEWEST_MIGRATION } from '../../src/storage/migrations.ts';

it('is the newest file of migrations/', () => {
  const files = readdirSync(join(import.meta.dirname, '../../migrations')).toSorted();
  expect(NEWEST_MIGRATION).toBe(files.at(-1));
});
