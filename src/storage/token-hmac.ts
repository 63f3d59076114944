/** The form in which an id token can be searched for: nobody can compute the token back without the key. */
import { createHmac } from 'node:crypto';

/** HMAC-SHA-256 of a token under PAIRING_CODE_PEPPER, in hex. Case does not matter, as in OCPP; undefined without a key. */
export function tokenHmac(pepper: string | undefined, token: string | undefined): string | undefined {
  if (pepper === undefined || token === undefined || token === '') return undefined;
  return createHmac('sha256', pepper).update(`id-token:${token.toLowerCase()}`).digest('hex');
}
