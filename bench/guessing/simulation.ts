/** Somebody guesses pairing codes, in simulated time: real codes, the real shapes, the rule of the lock-out. Pure but for its random. */
import type { AttemptPolicy } from '../../src/pairing/attempts.ts';
import { codeShape, drawCode } from '../../src/pairing/code.ts';
import { afterFailure, isLocked, type CallerState } from '../../test/pairing/attempt-model.ts';
import type { Random } from '../random.ts';
import type { Attacker } from './attackers.ts';

export const DAY_MS = 86_400_000;
const QUARTER_HOUR_MS = 900_000;

/** Fewer hits than this are to be expected a day, in the worst 24 hours too. */
export const GOAL = 0.01;

/** A try and its answer take this long at least: ten a second. */
export const TRY_MS = 100;

/** The codes that are live, and how likely the best guess hits one of them. */
export type LiveCodes = {
  readonly codes: ReadonlySet<string>;
  readonly guessLength: number;
  readonly hitsPerGuess: number;
};

/** `tries` are those that were looked at. Times in ms. */
export type Result = {
  readonly tries: number;
  readonly found: number;
  readonly lastedMs: number;
  readonly lockedMs: number;
  readonly mostIn24h: number;
};

/** So many codes, issued one after another as the edge issues them, all of them live at once. */
export function issueCodes(count: number, random: Random): LiveCodes {
  const bytes = (length: number) => Uint8Array.from({ length }, () => random.between(0, 255));
  const codes = new Set<string>();
  while (codes.size < count) codes.add(drawCode(codeShape({ ttlMs: QUARTER_HOUR_MS, liveCodes: codes.size }), bytes));
  const lengths = [...new Set([...codes].map((code) => code.length))];
  const chances = lengths.map((length) => ({
    guessLength: length,
    hitsPerGuess: [...codes].filter((code) => code.length === length).length / 10 ** length,
  }));
  const [best = { guessLength: 6, hitsPerGuess: 0 }] = chances.toSorted((a, b) => b.hitsPerGuess - a.hitsPerGuess);
  return { codes, ...best };
}

export type Siege = {
  readonly attacker: Attacker;
  readonly policy: AttemptPolicy;
  readonly live: LiveCodes;
  readonly random: Random;
  /** It ends after so many tries that were looked at, or after so long, in ms. */
  readonly maxTries: number;
  readonly maxMs: number;
};

/** Guesses until the end; a code that was found is as good as replaced by another. */
export function besiege({ attacker, policy, live, random, maxTries, maxMs }: Siege): Result {
  const triedAt: number[] = [];
  let state: CallerState | undefined;
  let [now, lockedMs, found] = [0, 0, 0];
  while (triedAt.length < maxTries) {
    now = attacker(state, Math.max(now, state?.lockedUntil ?? 0), policy);
    if (now >= maxMs) break;
    triedAt.push(now);
    const guess = String(random.between(0, 10 ** live.guessLength - 1)).padStart(live.guessLength, '0');
    if (live.codes.has(guess)) found += 1;
    else state = afterFailure(state, now, policy);
    if (isLocked(state, now)) lockedMs += Math.min(state?.lockedUntil ?? now, maxMs) - now;
    now += TRY_MS;
  }
  const lastedMs = Math.min(maxMs, Math.max(now, state?.lockedUntil ?? 0));
  return { tries: triedAt.length, found, lastedMs, lockedMs, mostIn24h: mostWithin(DAY_MS, triedAt) };
}

/** The most of these instants, which are in order, within any span of this length. */
function mostWithin(spanMs: number, instants: readonly number[]): number {
  let [from, most] = [0, 0];
  for (const [index, at] of instants.entries()) {
    while ((instants[from] ?? at) <= at - spanMs) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}
