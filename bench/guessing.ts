/** `npm run bench:guessing`: 1,000 live codes, an attacker with a provider's token, a million tries in simulated time. */
import { ATTEMPT_POLICY } from '../src/pairing/attempts.ts';
import { ATTACKERS } from './guessing/attackers.ts';
import { besiege, DAY_MS, GOAL, issueCodes, TRY_MS, type Result, type Siege } from './guessing/simulation.ts';
import { randomFrom } from './random.ts';
import { tableOf, type Row } from './table.ts';

const TRIES = 1_000_000;
const LIVE = 1000;
const FOREVER_MS = Number.POSITIVE_INFINITY;

const seed = process.argv[2] ?? 'guessing';
const live = issueCodes(LIVE, randomFrom(`${seed} codes`));

const perDay = ({ tries, lastedMs }: Result) => (tries / lastedMs) * DAY_MS * live.hitsPerGuess;
const worstDay = ({ mostIn24h }: Result) => mostIn24h * live.hitsPerGuess;

const HEAD = ['attacker', 'tries looked at', 'days', 'locked out', 'found', 'hits/day', 'most in 24 h', 'hits in it'];

function rowOf(name: string, result: Result): Row {
  const { tries, lastedMs, lockedMs, found, mostIn24h } = result;
  const [days, locked] = [(lastedMs / DAY_MS).toFixed(1), `${((100 * lockedMs) / lastedMs).toFixed(1)} %`];
  return [name, tries, days, locked, found, perDay(result).toFixed(4), mostIn24h, worstDay(result).toFixed(4)];
}

/** Lets every attacker try, prints what came of it, and gives the most hits to expect in a day. */
function report(title: string, options: Pick<Siege, 'policy' | 'maxTries' | 'maxMs'>): number {
  const results = Object.entries(ATTACKERS).map(([name, attacker]) => {
    const random = randomFrom(`${seed} ${title} ${name}`);
    return [name, besiege({ ...options, attacker, live, random })] as const;
  });
  const rows = results.map(([name, result]) => rowOf(name, result));
  console.log(`${title}\n${tableOf(HEAD, rows)}\n`);
  return Math.max(...results.map(([, result]) => Math.max(perDay(result), worstDay(result))));
}

console.log(`${LIVE} live codes; the best guess hits one with probability ${live.hitsPerGuess}; seed "${seed}"\n`);
const policy = ATTEMPT_POLICY;
const worst = Math.max(
  report('A million tries that are looked at', { policy, maxTries: TRIES, maxMs: FOREVER_MS }),
  report('A million requests at ten a second, most of them answered 429', {
    policy,
    maxTries: TRIES,
    maxMs: TRIES * TRY_MS,
  }),
);
report("For comparison: 30 days without the day's limit", {
  policy: { ...policy, maxDayFailures: Number.POSITIVE_INFINITY },
  maxTries: TRIES,
  maxMs: 30 * DAY_MS,
});
console.log(`The most hits to expect in a day: ${worst.toFixed(4)}; goal: below ${GOAL}`);
process.exitCode = worst < GOAL ? 0 : 1;
