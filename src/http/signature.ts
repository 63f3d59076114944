/** Verifies Standard Webhooks signatures (v1, HMAC-SHA-256) over the raw body. Refuses what is unsigned, stale or from the future. */

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

/** Whether any of the signatures fits any of the secrets (`whsec_` and base64). `now` in ms since the epoch. */
export async function isSignedBy(
  secrets: readonly string[],
  headers: SignatureHeaders,
  body: Uint8Array,
  now: number,
): Promise<boolean> {
  if (!/^\d{1,12}$/.test(headers.timestamp)) return false;
  if (Math.abs(Math.floor(now / 1000) - Number(headers.timestamp)) > TOLERANCE_S) return false;
  const signed = signedContent(headers, body);
  const signatures = signaturesOf(headers.signature);
  const checks = secrets.flatMap((secret) => signatures.map((signature) => verify(secret, signature, signed)));
  return (await Promise.all(checks)).includes(true);
}

function signedContent({ id, timestamp }: SignatureHeaders, body: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const content = new Uint8Array(head.length + body.length);
  content.set(head);
  content.set(body, head.length);
  return content;
}

/** The header holds space-separated `version,base64` pairs; only version v1 is symmetric. */
function signaturesOf(header: string): Uint8Array[] {
  return header
    .split(' ', MAX_SIGNATURES)
    .filter((part) => part.startsWith('v1,'))
    .map((part) => bytesOf(part.slice('v1,'.length)))
    .filter((bytes) => bytes !== undefined);
}

/** `verify` compares in constant time. */
async function verify(secret: string, signature: Uint8Array, content: Uint8Array): Promise<boolean> {
  const key = bytesOf(secret.slice(PREFIX.length));
  if (key === undefined) return false;
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['verify']);
  return crypto.subtle.verify(algorithm, imported, signature, content);
}

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
