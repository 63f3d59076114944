/**
 * `vitest run` with the arguments given. Now and then a test Worker never reports that it started, and the run stands still for ever
 * before a single test of that file began; no test may be silent for so long, so such a run is ended and made again.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runWatched } from './watched.mjs';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const args = [vitest, 'run', ...process.argv.slice(2)];
process.exitCode = await runWatched(process.execPath, args, { silenceMs: 150_000, tries: 3 });
