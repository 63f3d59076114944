/** Verifies Standard Webhooks signatures (v1, HMAC-SHA-256) over the raw body. Refuses what is unsigned, stale or from the future. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far a sender's clock may be off, in seconds (Standard Webhooks: "Verifying webhook authenticity"). */
const TOLERANCE_S = 300;
/** A header may hold one signature per secret in rotation; more than this is no rotation. */
const MAX_SIGNATURES = 10;
const PREFIX = 'whsec_';

/** The three headers of a signed webhook, as they came. */
export type SignatureHeaders = { readonly id: string; readonly timestamp: string; readonly signature: string };

/** The signature headers of a request; undefined unless all three are there. */
export function signatureHeadersOf(headers: Headers): SignatureHeaders | undefined {
  const id = headers.get('webhook-id');
  const timestamp = headers.get('webhook-timestamp');
  const signature = headers.get('webhook-signature');
  if (!id || !timestamp || !signature) return undefined;
  return { id, timestamp, signature };
}

/** Whether any of the signatures fits any of the secrets (`whsec_` and base64), in constant time. `now` in ms since the epoch. */
export function isSignedBy(
  secrets: readonly string[],
  { id, timestamp, signature }: SignatureHeaders,
  body: Uint8Array,
  now: number,
): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(Math.floor(now / 1000) - Number(timestamp)) > TOLERANCE_S) return false;
  const presented = signaturesOf(signature);
  const expected = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  });
  const checks = expected.flatMap((mac) =>
    presented.map((each) => each.length === mac.length && timingSafeEqual(each, mac)),
  );
  return checks.includes(true);
}

/** The header holds space-separated `version,base64` pairs; only version v1 is symmetric. */
function signaturesOf(header: string): Uint8Array[] {
  return header
    .split(' ', MAX_SIGNATURES)
    .filter((part) => part.startsWith('v1,'))
    .map((part) => bytesOf(part.slice('v1,'.length)))
    .filter((bytes) => bytes !== undefined);
}

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
