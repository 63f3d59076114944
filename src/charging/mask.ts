/** Masks id tokens anywhere in a message or event, under the names that both OCPP versions give them. Pure. */
import { maskIdToken } from './id-token.ts';

/** Keys whose text is a token, and keys whose object contains one. */
const TOKEN_TEXTS: ReadonlySet<string> = new Set(['idTag', 'parentIdTag']);
const TOKEN_HOLDERS: ReadonlySet<string> = new Set([
  'idToken',
  'lateIdToken',
  'groupIdToken',
  'additionalInfo',
  'additional',
]);
const TOKENS_IN_HOLDERS: ReadonlySet<string> = new Set(['idToken', 'additionalIdToken', 'value']);

/** Every id token in a message or event, in full. */
export function idTokensIn(value: unknown, isInHolder = false): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => idTokensIn(item, isInHolder));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    if (!isText(inner)) return idTokensIn(inner, TOKEN_HOLDERS.has(key));
    return inner !== '' && isToken(key, isInHolder) ? [String(inner)] : [];
  });
}

/** A text with these id tokens masked. It may be an answer that repeats what we sent. */
export function maskTokensInText(text: string, idTokens: readonly string[]): string {
  const longestFirst = idTokens.toSorted((a, b) => b.length - a.length);
  return longestFirst.reduce((masked, idToken) => masked.replaceAll(idToken, () => maskIdToken(idToken)), text);
}

/** A copy of `value` in which only the last characters of each id token are shown. */
export function maskIdTokens(value: unknown): unknown {
  return mapIdTokens(value, maskIdToken);
}

/**
 * A copy of `value` with each id token as `map` makes it, and each other text as `mapText` makes it. A token of which
 * `map` makes nothing stays.
 */
export function mapIdTokens(
  value: unknown,
  map: (idToken: string) => string | undefined,
  mapText: (text: string) => string = (text) => text,
  isInHolder = false,
): unknown {
  if (typeof value === 'string') return mapText(value);
  if (Array.isArray(value)) return value.map((item) => mapIdTokens(item, map, mapText, isInHolder));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      if (isText(inner) && isToken(key, isInHolder)) return [key, map(String(inner)) ?? inner];
      return [key, mapIdTokens(inner, map, mapText, TOKEN_HOLDERS.has(key))];
    }),
  );
}

/** Whether a text under this key is an id token. */
const isToken = (key: string, isInHolder: boolean) =>
  TOKEN_TEXTS.has(key) || TOKEN_HOLDERS.has(key) || (isInHolder && TOKENS_IN_HOLDERS.has(key));

/** Some stations write a token of digits as a number. */
const isText = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';
