/** What runs the tests: passes on how they ended, and starts again what stands still. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runWatched } from '../../tools/watched.mjs';

const PATIENCE = { silenceMs: 1500, tries: 2 };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scsp-edge-watched-'));
  vi.spyOn(console, 'error').mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Notes each start in a file, then does `then`. */
const run = (then: string) => {
  const script = `require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'starts'))}, 'x'); ${then}`;
  return runWatched(process.execPath, ['-e', script], PATIENCE);
};
const starts = () => readFileSync(join(folder, 'starts'), 'utf8').length;

it('gives the exit code of a run that ended, and runs it once', async () => {
  expect(await run('process.exit(3)')).toBe(3);
  expect(starts()).toBe(1);
});

it('starts a run again that stands still, and fails when it does so every time', async () => {
  expect(await run('setInterval(() => undefined, 1000)')).toBe(1);
  expect(starts()).toBe(2);
  expect(console.error).toHaveBeenCalledTimes(2);
});

it('lets a run go on for as long as it says something', async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(await run('let n = 0; setInterval(() => { console.log(n); if (++n === 8) process.exit(0); }, 300)')).toBe(0);
  expect(starts()).toBe(1);
});
