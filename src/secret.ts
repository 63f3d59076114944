/** Compares a caller's credential with the secrets that we know, in constant time. Never says which part was wrong. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Whether `candidate` is one of `secrets`. Compares digests, so the time it takes tells no length or position. */
export function isOneOf(candidate: string | undefined, secrets: readonly string[]): boolean {
  return recognise(candidate, secrets) !== undefined;
}

/** The fingerprint of `candidate` when it is one of `secrets`, else undefined; compared as in `isOneOf`. */
export function recognise(candidate: string | undefined, secrets: readonly string[]): string | undefined {
  if (candidate === undefined || candidate === '') return undefined;
  const presented = digestOf(candidate);
  let isKnown = false;
  for (const digest of digestsOf(secrets)) isKnown = timingSafeEqual(presented, digest) || isKnown;
  return isKnown ? presented.toString('hex').slice(0, FINGERPRINT_LENGTH) : undefined;
}

/** The credential of an `Authorization` header of scheme Bearer or Token, in any case; undefined for others. */
export function credentialOf(authorization: string | undefined): string | undefined {
  return /^(?:bearer|token) +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

/** A short name for a secret, for tables and logs: 12 hex digits. It tells callers apart, not what the secret is. */
export function fingerprintOf(secret: string): string {
  return hexDigestOf(secret).slice(0, FINGERPRINT_LENGTH);
}

/** SHA-256 in hex. */
export function hexDigestOf(text: string): string {
  return digestOf(text).toString('hex');
}

/**
 * A text that says by itself that we made it, and for what: `id`, a dot, and its HMAC-SHA-256 over `id` and `purpose`,
 * in hex.
 */
export function signedToken(key: string, purpose: string, id: string): string {
  return `${id}.${createHmac('sha256', key)
    .update(JSON.stringify([purpose, id]))
    .digest('hex')}`;
}

/** Whether `signedToken` made this token, under this key and for this purpose; compared as in `isOneOf`. */
export function isSignedToken(key: string, purpose: string, token: string): boolean {
  return isOneOf(token, [signedToken(key, purpose, token.slice(0, token.indexOf('.')))]);
}

const FINGERPRINT_LENGTH = 12;

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

const known = new WeakMap<readonly string[], readonly Buffer[]>();

/** The digests of a list of secrets, computed once for each list: a list lives as long as the settings. */
function digestsOf(secrets: readonly string[]): readonly Buffer[] {
  const digests = known.get(secrets) ?? secrets.map(digestOf);
  known.set(secrets, digests);
  return digests;
}
