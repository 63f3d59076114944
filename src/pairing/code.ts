/** Pairing codes: how long they must be, how one is drawn, how a typed one is read. Pure: random bytes are an argument. */

const DIGITS = '0123456789';
/** Without 0 O 1 I L, which look alike, and U, which is heard as V: 30 symbols. */
const UNAMBIGUOUS = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/** One guess may hit any of the live codes with at most this probability. */
export const MAX_GUESS_PROBABILITY = 1 / 100_000;
const DAY_MS = 86_400_000;
const MIN_DIGITS = 6;
/** Beyond this many digits, letters are easier to type than more digits. */
const MAX_DIGITS = 8;
const MIN_LONG_LIVED = 8;

export type CodeShape = { readonly alphabet: string; readonly length: number };

/**
 * The shape of a new code beside `liveCodes` others of the same provider: the shortest that keeps guessing hopeless.
 * Digits, six or more, for codes of a day at most; letters and digits, eight or more, for longer lives and crowded times.
 */
export function codeShape({ ttlMs, liveCodes }: { readonly ttlMs: number; readonly liveCodes: number }): CodeShape {
  const digits = lengthFor(DIGITS.length, liveCodes + 1, MIN_DIGITS);
  if (ttlMs <= DAY_MS && digits <= MAX_DIGITS) return { alphabet: DIGITS, length: digits };
  return { alphabet: UNAMBIGUOUS, length: lengthFor(UNAMBIGUOUS.length, liveCodes + 1, MIN_LONG_LIVED) };
}

function lengthFor(symbols: number, codes: number, minimum: number): number {
  let length = minimum;
  while (codes / symbols ** length > MAX_GUESS_PROBABILITY) length += 1;
  return length;
}

/** Draws a code. Bytes that would favour the alphabet's first symbols are thrown away, so every code is equally likely. */
export function drawCode({ alphabet, length }: CodeShape, randomBytes: (count: number) => Uint8Array): string {
  const fairBelow = 256 - (256 % alphabet.length);
  let code = '';
  while (code.length < length) {
    const fair = Array.from(randomBytes(length - code.length)).filter((byte) => byte < fairBelow);
    code += fair.map((byte) => alphabet.charAt(byte % alphabet.length)).join('');
  }
  return code;
}

/** A code as it was meant: capitals, without the spaces and dashes that people put in. */
export function normaliseCode(typed: string): string {
  return typed.replaceAll(/[\s\p{Pd}]/gu, '').toUpperCase();
}
