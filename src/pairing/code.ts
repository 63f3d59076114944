/**
 * Pairing codes: how long they must be, how one is drawn, how a typed one is read. Pure: random bytes are an argument.
 */

const DIGITS = '0123456789';
/** Without 0 O 1 I L, which look alike, and U, which is heard as V: 30 symbols. */
const UNAMBIGUOUS = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/** One guess may hit any of the live codes once in this many times at most. */
export const GUESSES_PER_HIT = 100_000_000;
const MIN_LENGTH = 8;
/** Beyond this many digits, letters are easier to type than more digits. */
const MAX_DIGITS = 9;
const MAX_GROUP = 4;

/** What new codes are drawn from: 'auto' takes letters when digits alone would make long codes. */
export const CODE_ALPHABETS = ['auto', 'digits'] as const;
export type CodeAlphabet = (typeof CODE_ALPHABETS)[number];

/** `maxLive`: with more codes live than this, one guess would hit too often. */
export type CodeShape = { readonly alphabet: string; readonly length: number; readonly maxLive: number };

/**
 * The shape of a new code beside `liveCodes` others of the same provider: the shortest that keeps guessing hopeless.
 */
export function codeShape(liveCodes: number, alphabet: CodeAlphabet): CodeShape {
  const digits = shapeFor(DIGITS, liveCodes);
  return alphabet === 'digits' || digits.length <= MAX_DIGITS ? digits : shapeFor(UNAMBIGUOUS, liveCodes);
}

function shapeFor(alphabet: string, liveCodes: number): CodeShape {
  const maxLive = (length: number) => Math.floor(codesOf(alphabet, length) / GUESSES_PER_HIT);
  let length = MIN_LENGTH;
  while (maxLive(length) <= liveCodes) length += 1;
  return { alphabet, length, maxLive: maxLive(length) };
}

/** A code as a person should see it: in groups of three or four, as even as can be. */
export function displayOf(code: string): string {
  const groups = Math.ceil(code.length / MAX_GROUP);
  const startOf = (group: number) => Math.ceil((code.length * group) / groups);
  return Array.from({ length: groups }, (_, group) => code.slice(startOf(group), startOf(group + 1))).join(' ');
}

/** How many codes there are: with letters in the alphabet, those without a letter are left out. */
function codesOf(alphabet: string, length: number): number {
  const digits = alphabet.replaceAll(/\D/g, '').length;
  return alphabet.length ** length - (alphabet === DIGITS ? 0 : digits ** length);
}

/**
 * Draws a code. Bytes that would favour the alphabet's first symbols are thrown away, so every code is equally likely.
 * A code with letters has at least one: no guess can hit both kinds.
 */
export function drawCode(
  { alphabet, length }: Pick<CodeShape, 'alphabet' | 'length'>,
  randomBytes: (count: number) => Uint8Array,
): string {
  const fairBelow = 256 - (256 % alphabet.length);
  let code = '';
  while (code.length < length) {
    const fair = Array.from(randomBytes(length - code.length)).filter((byte) => byte < fairBelow);
    code += fair.map((byte) => alphabet.charAt(byte % alphabet.length)).join('');
  }
  const isWithoutLetter = alphabet !== DIGITS && /^\d*$/.test(code);
  return isWithoutLetter ? drawCode({ alphabet, length }, randomBytes) : code;
}

/** Spaces, dashes and the minus sign, and what is copied along unseen: soft hyphens, zero-width spaces. */
const DECORATION = /[\s\p{Pd}\p{Cf}\u2212]/gu;

/** A code as it was meant: capitals, without what people and mail programs put in between. */
export function normaliseCode(typed: string): string {
  return typed.replaceAll(DECORATION, '').toUpperCase();
}
