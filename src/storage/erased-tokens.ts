/**
 * Finds an id token that is to be erased by a keyed digest of it, so that the token itself is stored nowhere, and
 * replaces it in stored JSON. Pure.
 */
import { randomInt } from 'node:crypto';
import { mapIdTokens } from '../charging/mask.ts';
import { bareToken, pseudonymsUnder, tokenHmac } from './token-hmac.ts';

/** Digests under which the token, and what OCPP cuts it to, is recognised; and what stands in its place from now on. */
export type TokenErasure = { readonly digests: readonly string[]; readonly pseudonym: string };

/** What each OCPP version cuts a token to. */
const CUT_TO = [20, 36] as const;
const MAX_PSEUDONYM_LENGTH = 20;
const MIN_PSEUDONYM_LENGTH = 8;
const HEX = '0123456789ABCDEF';
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** The digests of a token, and of the pseudonyms under which it may be stored already. */
export function digestsOf(pepper: string, idToken: string): string[] {
  const cut = CUT_TO.map((length) => idToken.slice(0, length));
  const forms = [idToken, ...cut, ...[idToken, ...cut].map(pseudonymsUnder(pepper))];
  return [...new Set(forms.flatMap((form) => tokenHmac(pepper, form) ?? []))];
}

/**
 * What takes a token's place: drawn at random, so that nobody can compute one from the other. It fits every field that
 * the token fits, and a UID of a card stays one by its looks.
 */
export function drawPseudonym(idToken: string): string {
  const isCard = /^(?:[0-9a-f]{8}|[0-9a-f]{14})$/i.test(idToken);
  const length = Math.min(MAX_PSEUDONYM_LENGTH, Math.max(MIN_PSEUDONYM_LENGTH, idToken.length));
  const letters = isCard ? HEX : ALPHABET;
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}

/** What may be a token in JSON that we wrote: the values under the names of tokens, if they are not too long for one. */
const CANDIDATES =
  /"(?:idTag|parentIdTag|idToken|lateIdToken|groupIdToken|additionalInfo|additional|additionalIdToken|value)":("(?:[^"\\]|\\.){0,600}"|-?\d[\d.eE+-]*)/g;

/** A token of so many characters, not all of them digits, is looked for within other texts too, such as signed data. */
const IS_DISTINCT = /^(?=.*\D).{8,}$/s;

/** Finds and replaces one token in the JSON of one charger or of one letter after the other. */
export class Eraser {
  readonly #pepper: string;
  readonly #digests: ReadonlySet<string>;
  readonly #pseudonym: string;
  readonly #judged = new Map<string, boolean>();
  /** The forms of the token that were found, in small letters. */
  readonly #forms = new Set<string>();

  constructor(pepper: string, { digests, pseudonym }: TokenErasure) {
    this.#pepper = pepper;
    this.#digests = new Set(digests);
    this.#pseudonym = pseudonym;
  }

  /** Whether the token stands in these texts of JSON. */
  isIn(...texts: readonly string[]): boolean {
    const found = texts.map((text) => this.#isInFields(text));
    return found.includes(true) || texts.some((text) => this.#isWithin(text));
  }

  /** The JSON with the pseudonym in place of the token; the same text when it is not in there. */
  replaced(json: string): string {
    return this.isIn(json) ? JSON.stringify(this.replacedIn(JSON.parse(json))) : json;
  }

  /** A copy of a value with the pseudonym in place of the token. */
  replacedIn(value: unknown): unknown {
    return mapIdTokens(
      value,
      (idToken) => (this.#isErased(idToken) ? this.#pseudonym : undefined),
      (text) => this.#withoutForms(text),
    );
  }

  #isInFields(text: string): boolean {
    const values = [...text.matchAll(CANDIDATES)].map(([, value = '']) => value);
    return (
      values.filter((value) => this.#isErased(value.startsWith('"') ? String(JSON.parse(value)) : value)).length > 0
    );
  }

  #isErased(idToken: string): boolean {
    const known = this.#judged.get(idToken);
    if (known !== undefined) return known;
    const isErased = this.#digests.has(tokenHmac(this.#pepper, idToken) ?? '');
    this.#judged.set(idToken, isErased);
    if (isErased && IS_DISTINCT.test(bareToken(idToken))) this.#forms.add(bareToken(idToken));
    return isErased;
  }

  #isWithin(text: string): boolean {
    const lower = this.#forms.size === 0 ? '' : text.toLowerCase();
    return [...this.#forms].some((form) => lower.includes(form));
  }

  #withoutForms(text: string): string {
    if (!this.#isWithin(text)) return text;
    return [...this.#forms].reduce(
      (rest, form) => rest.replaceAll(new RegExp(escaped(form), 'gi'), this.#pseudonym),
      text,
    );
  }
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
