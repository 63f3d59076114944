import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { refusedOn } from '../../bench/guessing/simulation.ts';
import { randomFrom } from '../../bench/random.ts';

const root = join(import.meta.dirname, '../..');

/** The cells of every row of figures that the bench prints. */
const rowsOf = (printed: string) =>
  [...printed.matchAll(/^[\d,]+ {2,}.*$/gm)].map(([line]) => line.trim().split(/ {2,}/));

it('a day at the fence’s full rate finds less than 0.01 codes, however many are live', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'bench/guessing.ts')]);
  const page = readFileSync(join(root, 'docs/pairing.md'), 'utf8');
  const rows = rowsOf(stdout);
  expect(rows.map(([live]) => live)).toEqual(['1', '10', '1,000', '10,000', '1', '10', '1,000', '10,000']);
  // docs/pairing.md has the same figures.
  for (const [live, newest, oneIn, found, expected] of rows) {
    expect(Number(expected)).toBeLessThan(0.01);
    expect(found).toBe('0');
    expect(page).toMatch(new RegExp(`^\\| .*\\| ${live} \\| ${newest} \\| ${oneIn} \\| ${expected} \\|$`, 'm'));
  }
  expect(stdout).toContain('The fence lets 600 codes a minute through: 864000 a day');
  expect(stdout).toContain('right codes refused: 0 (0.0 %)');
});

it('the fence would refuse right codes if a saboteur filled it', () => {
  const day = { perMinute: 600, pairings: 5000, mistyped: 0.15, random: randomFrom('full') };
  expect(refusedOn({ ...day, sabotagePerMinute: 600 }).refused).toBeGreaterThan(0);
});
