/** The form in which an id token can be searched for: nobody can compute the token back without the key. */
import { createHmac } from 'node:crypto';

/** The token that a text stands for: stations write blanks and NUL characters around it, and case does not matter. */
export const bareToken = (token: string) => token.replace(/^[\s\0]+|[\s\0]+$/g, '').toLowerCase();

/** HMAC-SHA-256 of a token under PAIRING_CODE_PEPPER, in hex; undefined without a key. */
export function tokenHmac(pepper: string | undefined, token: string | undefined): string | undefined {
  if (pepper === undefined || token === undefined || token === '') return undefined;
  return createHmac('sha256', pepper)
    .update(`id-token:${bareToken(token)}`)
    .digest('hex');
}

/** Begins a pseudonym, so that none is ever taken for a token. */
const MARK = 'h:';

/** What stands for a token where tokens are not kept in clear: 20 characters, the same in the whole deployment. */
export type Pseudonyms = (token: string) => string;

/** The pseudonyms under PAIRING_CODE_PEPPER. */
export function pseudonymsUnder(pepper: string): Pseudonyms {
  return (token) => {
    if (token.startsWith(MARK)) return token;
    const digest = createHmac('sha256', pepper)
      .update(`id-token-pseudonym:${bareToken(token)}`)
      .digest('base64url');
    return `${MARK}${digest.slice(0, 18)}`;
  };
}
