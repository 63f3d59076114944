/** Compares what a caller presents with what we know, in constant time. Never says which part was wrong. */

/** Whether `candidate` is one of `secrets`. Compares digests, so neither length nor position shows in the time it takes. */
export async function isOneOf(candidate: string | undefined, secrets: readonly string[]): Promise<boolean> {
  return (await recognise(candidate, secrets)) !== undefined;
}

/** The fingerprint of `candidate` when it is one of `secrets`, else undefined; compared as in `isOneOf`. */
export async function recognise(
  candidate: string | undefined,
  secrets: readonly string[],
): Promise<string | undefined> {
  if (candidate === undefined || candidate === '') return undefined;
  const [presented, known] = await Promise.all([digestOf(candidate), Promise.all(secrets.map(digestOf))]);
  let isKnown = false;
  for (const digest of known) isKnown = crypto.subtle.timingSafeEqual(presented, digest) || isKnown;
  return isKnown ? hexOf(presented).slice(0, FINGERPRINT_LENGTH) : undefined;
}

/** The credential of an `Authorization` header, scheme Bearer or Token in any case; undefined for none or another scheme. */
export function credentialOf(authorization: string | undefined): string | undefined {
  return /^(?:bearer|token) +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

/** A short name of a secret that tells callers apart in tables and logs, and tells nothing of the secret: 12 hex digits. */
export async function fingerprintOf(secret: string): Promise<string> {
  return (await hexDigestOf(secret)).slice(0, FINGERPRINT_LENGTH);
}

/** SHA-256 in hex. */
export async function hexDigestOf(text: string): Promise<string> {
  return hexOf(await digestOf(text));
}

const FINGERPRINT_LENGTH = 12;

function hexOf(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function digestOf(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
}
