/** `npm run bench:guessing`: what a day of guessing at the fence's full rate finds, and whom a saboteur keeps out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeAlphabet } from '../src/pairing/code.ts';
import { GOAL, hitsOf, issueCodes, refusedOn } from './guessing/simulation.ts';
import { randomFrom } from './random.ts';
import { tableOf } from './table.ts';

const LIVE = [1, 10, 1000, 10_000];
const MINUTES_A_DAY = 1440;
/** A crowded day: so many pairings, of which this share is mistyped once. */
const [PAIRINGS, MISTYPED] = [5000, 0.15];

const seed = process.argv[2] ?? 'guessing';
const toml = readFileSync(join(import.meta.dirname, '../wrangler.toml'), 'utf8');
const perMinute = Number(/\[ratelimits\.simple\]\nlimit = (\d+)\nperiod = 60\n/.exec(toml)?.[1]);
const perDay = perMinute * MINUTES_A_DAY;

/** One row: a day of guesses against so many live codes. */
function siege(live: number, kind: CodeAlphabet) {
  const random = randomFrom(`${seed} ${kind} ${live}`);
  const codes = issueCodes(live, kind, random);
  const expected = perDay * codes.chance;
  const last = [...codes.codes].at(-1) ?? '';
  const symbols = `${last.length} ${/\D/.test(last) ? 'letters and digits' : 'digits'}`;
  const odds = Math.round(1 / codes.chance);
  return { row: [live, symbols, odds, hitsOf(perDay, codes, random), expected.toFixed(4)], expected };
}

const HEAD = ['live codes', 'newest code', 'one hit in', 'found', 'expected a day'];
console.log(`The fence lets ${perMinute} codes a minute through: ${perDay} a day; seed "${seed}"\n`);
const sieges = (['auto', 'digits'] as const).map((kind) => {
  const rows = LIVE.map((live) => siege(live, kind));
  console.log(
    `PAIRING_CODE_ALPHABET=${kind}\n${tableOf(
      HEAD,
      rows.map(({ row }) => row),
    )}\n`,
  );
  return Math.max(...rows.map(({ expected }) => expected));
});
const sabotagePerMinute = perMinute / 2;
const day = { perMinute, pairings: PAIRINGS, mistyped: MISTYPED, sabotagePerMinute, random: randomFrom(seed) };
const { right, refused } = refusedOn(day);
console.log(
  `A day of ${right} pairings, ${100 * MISTYPED} % of them mistyped, beside ${sabotagePerMinute} wrong codes a minute:`,
);
console.log(`right codes refused: ${refused} (${((100 * refused) / right).toFixed(1)} %)`);
const worst = Math.max(...sieges);
console.log(`The most hits to expect in a day: ${worst.toFixed(4)}; goal: below ${GOAL}`);
process.exitCode = worst < GOAL && refused === 0 ? 0 : 1;
