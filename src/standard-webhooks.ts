/** Standard Webhooks (symmetric signature v1, HMAC-SHA-256 over the raw body): secrets, signing, verifying. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';

/** How many seconds a sender's clock may be wrong (Standard Webhooks: "Verifying webhook authenticity"). */
const TOLERANCE_S = 300;
/** A header has one signature for each secret that is being rotated. Nobody rotates more secrets than this at once. */
const MAX_SIGNATURES = 10;
const PREFIX = 'whsec_';

/** A secret as a setting: `whsec_` and at least 24 bytes in base64, padded or not. */
export const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/)
  .refine((secret) => secret.slice(PREFIX.length).replaceAll('=', '').length % 4 !== 1);

/** What is signed: the sender's id of the message, when it is sent (seconds since the epoch), and the exact body. */
export type Signable = { readonly id: string; readonly timestampS: number; readonly body: string };

/** The three headers of a signed webhook. Synchronous, so that the request can leave before anything is stored. */
export function signedHeaders(secret: string, { id, timestampS, body }: Signable): Record<string, string> {
  const signature = macOf(secret, { id, timestamp: String(timestampS), body }).toString('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(timestampS), 'webhook-signature': `v1,${signature}` };
}

/** The three headers of a signed webhook, as they were received. */
export type SignatureHeaders = { readonly id: string; readonly timestamp: string; readonly signature: string };

/** The signature headers of a request; undefined unless all three are there. */
export function signatureHeadersOf(headers: Headers): SignatureHeaders | undefined {
  const id = headers.get('webhook-id');
  const timestamp = headers.get('webhook-timestamp');
  const signature = headers.get('webhook-signature');
  if (!id || !timestamp || !signature) return undefined;
  return { id, timestamp, signature };
}

/** Whether a signature is recent and matches a secret. Compares in constant time. `now` is in ms since the epoch. */
export function isSignedBy(
  secrets: readonly string[],
  { id, timestamp, signature }: SignatureHeaders,
  body: Uint8Array,
  now: number,
): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(Math.floor(now / 1000) - Number(timestamp)) > TOLERANCE_S) return false;
  const presented = signaturesOf(signature);
  const expected = secrets.map((secret) => macOf(secret, { id, timestamp, body }));
  const checks = expected.flatMap((mac) =>
    presented.map((each) => each.length === mac.length && timingSafeEqual(each, mac)),
  );
  return checks.includes(true);
}

type Signed = { readonly id: string; readonly timestamp: string; readonly body: string | Uint8Array };

function macOf(secret: string, { id, timestamp, body }: Signed): Buffer {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}

/** The header has `version,base64` pairs, separated by spaces. Only version v1 is symmetric. */
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
