/**
 * `vitest run` with the arguments given. A test file whose station never comes to rest keeps its worker, and so the whole run, waiting
 * for ever; no test may be silent for so long, so such a run is ended and made again.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runWatched } from './watched.mjs';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const args = [vitest, 'run', ...process.argv.slice(2)];
process.exitCode = await runWatched(process.execPath, args, { silenceMs: 150_000, tries: 3 });
