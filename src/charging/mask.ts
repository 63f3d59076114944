/** Masks id tokens wherever they stand in a message or event, under the names both OCPP versions give them. Pure. */
import { maskIdToken } from './id-token.ts';

/** Keys whose text is a token, and keys whose object holds one. */
const TOKEN_TEXTS: ReadonlySet<string> = new Set(['idTag', 'parentIdTag']);
const TOKEN_HOLDERS: ReadonlySet<string> = new Set(['idToken', 'groupIdToken', 'additionalInfo', 'additional']);
const TOKENS_IN_HOLDERS: ReadonlySet<string> = new Set(['idToken', 'additionalIdToken', 'value']);

/** A copy of `value` in which every id token shows its last characters only. */
export function maskIdTokens(value: unknown, isInHolder = false): unknown {
  if (Array.isArray(value)) return value.map((item) => maskIdTokens(item, isInHolder));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      const isToken = TOKEN_TEXTS.has(key) || TOKEN_HOLDERS.has(key) || (isInHolder && TOKENS_IN_HOLDERS.has(key));
      if (typeof inner === 'string' && isToken) return [key, maskIdToken(inner)];
      return [key, maskIdTokens(inner, TOKEN_HOLDERS.has(key))];
    }),
  );
}
