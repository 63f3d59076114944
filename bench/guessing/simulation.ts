/** Guessing pairing codes, and a day of pairings beside it: real codes, the real shapes, the fence as deployed. Pure but for its random. */
import { codeShape, drawCode, type CodeAlphabet } from '../../src/pairing/code.ts';
import type { Random } from '../random.ts';

const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** Fewer hits than this are to be expected in a day. */
export const GOAL = 0.01;

/** `chance`: how likely the best guess hits one of the live codes. It is drawn from this alphabet, so many times. */
export type LiveCodes = {
  readonly codes: ReadonlySet<string>;
  readonly guess: { readonly alphabet: string; readonly length: number };
  readonly chance: number;
};

/** So many codes, issued one after another as the edge issues them, all of them live at once. */
export function issueCodes(count: number, kind: CodeAlphabet, random: Random): LiveCodes {
  const codes = new Set<string>();
  const kinds = new Map<string, { alphabet: string; length: number; live: number }>();
  while (codes.size < count) {
    const { alphabet, length } = codeShape(codes.size, kind);
    codes.add(drawCode({ alphabet, length }, bytesOf(random)));
    const live = (kinds.get(`${alphabet} ${length}`)?.live ?? 0) + 1;
    kinds.set(`${alphabet} ${length}`, { alphabet, length, live });
  }
  const chances = [...kinds.values()].map(({ live, ...guess }) => ({ guess, chance: live / spaceOf(guess) }));
  const [best] = chances.toSorted((a, b) => b.chance - a.chance);
  if (best === undefined) throw new Error('there is no code to guess');
  return { codes, ...best };
}

const bytesOf = (random: Random) => (length: number) => Uint8Array.from({ length }, () => random.between(0, 255));

/** A guesser knows that a code with letters has at least one. */
function spaceOf({ alphabet, length }: LiveCodes['guess']): number {
  const digits = alphabet.replaceAll(/\D/g, '').length;
  return alphabet.length ** length - (digits === alphabet.length ? 0 : digits ** length);
}

/** How many of so many guesses hit a live code. */
export function hitsOf(tries: number, { codes, guess }: LiveCodes, random: Random): number {
  let hits = 0;
  for (let n = 0; n < tries; n += 1) if (codes.has(drawCode(guess, bytesOf(random)))) hits += 1;
  return hits;
}

/** A day at one token and place: the fence lets so many requests through in each minute. */
export type Day = {
  readonly perMinute: number;
  readonly pairings: number;
  readonly mistyped: number;
  readonly sabotagePerMinute: number;
  readonly random: Random;
};

/** How many right codes came, and how many of them the fence refused. A user who mistyped a code types it again in half a minute. */
export function refusedOn({ perMinute, pairings, mistyped, sabotagePerMinute, random }: Day) {
  const requests: { readonly at: number; readonly isRight: boolean }[] = [];
  for (let n = 0; n < (sabotagePerMinute * DAY_MS) / MINUTE_MS; n += 1)
    requests.push({ at: random.next() * DAY_MS, isRight: false });
  for (let n = 0; n < pairings; n += 1) {
    const at = random.next() * DAY_MS;
    const isMistyped = random.chance(mistyped);
    if (isMistyped) requests.push({ at, isRight: false });
    requests.push({ at: isMistyped ? at + MINUTE_MS / 2 : at, isRight: true });
  }
  const passed = new Map<number, number>();
  let refused = 0;
  for (const { at, isRight } of requests.toSorted((a, b) => a.at - b.at)) {
    const minute = Math.floor(at / MINUTE_MS);
    const before = passed.get(minute) ?? 0;
    if (before < perMinute) passed.set(minute, before + 1);
    else if (isRight) refused += 1;
  }
  return { right: pairings, refused };
}
