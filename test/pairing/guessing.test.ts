import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ATTACKERS } from '../../bench/guessing/attackers.ts';
import { besiege, DAY_MS, GOAL, issueCodes } from '../../bench/guessing/simulation.ts';
import { randomFrom } from '../../bench/random.ts';
import { ATTEMPT_POLICY } from '../../src/pairing/attempts.ts';
import { GUESSES_PER_HIT } from '../../src/pairing/code.ts';

/** The rows of a table that the bench prints, cell by cell. */
const rowsOf = (table: string) =>
  table
    .split('\n')
    .slice(3)
    .filter((line) => line.includes('  '))
    .slice(0, Object.keys(ATTACKERS).length)
    .map((line) => line.trim().split(/ {2,}/));

const live = issueCodes(1000, randomFrom('codes'));

describe('with 1,000 codes live', () => {
  it('no guess hits any of them more often than once in 100,000 times', () => {
    expect(live.codes.size).toBe(1000);
    expect(live.hitsPerGuess).toBeLessThanOrEqual(1 / GUESSES_PER_HIT);
  });

  it.each(Object.entries(ATTACKERS))(
    'a %s attacker finds less than 0.01 codes a day, on the worst day too',
    (name, attacker) => {
      const random = randomFrom(name);
      const siege = { attacker, policy: ATTEMPT_POLICY, live, random, maxTries: 1_000_000 };
      const { tries, lastedMs, mostIn24h } = besiege({ ...siege, maxMs: 60 * DAY_MS });
      expect(tries).toBeGreaterThan(1000);
      expect((tries / lastedMs) * DAY_MS * live.hitsPerGuess).toBeLessThan(GOAL);
      expect(mostIn24h * live.hitsPerGuess).toBeLessThan(GOAL);
    },
  );

  it('the limit of the day is needed: without it, patience would find more', () => {
    const policy = { ...ATTEMPT_POLICY, maxDayFailures: Number.POSITIVE_INFINITY };
    const { patient } = ATTACKERS;
    if (patient === undefined) throw new Error('there is no patient attacker');
    const siege = { attacker: patient, policy, live, random: randomFrom('patient'), maxTries: 100_000 };
    const { lockedMs, mostIn24h } = besiege({ ...siege, maxMs: 7 * DAY_MS });
    expect(lockedMs).toBe(0);
    expect(mostIn24h * live.hitsPerGuess).toBeGreaterThan(GOAL);
  });
});

describe('docs/pairing.md', () => {
  it('has the figures that the simulation prints', async () => {
    const root = join(import.meta.dirname, '../..');
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'bench/guessing.ts')]);
    const page = readFileSync(join(root, 'docs/pairing.md'), 'utf8');
    const [, whole = '', short = '', unlimited = ''] = stdout.split(/\n(?=A million|For comparison)/);
    const rows = rowsOf(whole);
    expect(rows.map(([name]) => name)).toEqual(Object.keys(ATTACKERS));
    for (const [name, , days, locked, found, hits, most, worst] of rows) {
      const told = new RegExp(`^\\| ${name} (.*)$`, 'm').exec(page)?.[1];
      const wholeDays = Math.round(Number(days)).toLocaleString('en');
      expect(told).toBe(`| ${wholeDays} | ${locked} | ${found} | ${hits} | ${most} | ${worst} |`);
    }
    const looked = rowsOf(short).map(([, tries]) => Number(tries));
    expect(page).toContain(`between ${Math.min(...looked)} and ${Math.max(...looked)} of them are looked at`);
    expect(rowsOf(short).map(([, , , , found]) => found)).toEqual(looked.map(() => '0'));
    const patient = rowsOf(unlimited).find(([name]) => name === 'patient');
    expect(page).toContain(`would have ${patient?.[6]} tries and ${patient?.[5]?.slice(0, 5)} expected hits a day`);
  });
});
