/** Runs every ratio benchmark, one after another, each in a process of its own. Fails when any misses its goal. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const BENCHMARKS = ['translation', 'throughput', 'pairing', 'profile'];

for (const name of BENCHMARKS) {
  console.log(`\n== ${name} ==\n`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
