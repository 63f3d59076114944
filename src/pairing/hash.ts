/** The form in which a pairing code is stored: a keyed hash, useless without the pepper. Refuses to work without one. */
import type { Config } from '../config.ts';
import type { Problem } from '../problem.ts';
import { err, ok, type Result } from '../result.ts';
import { misconfigured } from '../settings.ts';
import { normaliseCode } from './code.ts';

/** HMAC-SHA-256 under PAIRING_CODE_PEPPER over "provider:code" with the code normalised, in hex; 'misconfigured' without the pepper. */
export async function hashCode(
  { pairingCodePepper }: Pick<Config, 'pairingCodePepper'>,
  provider: string,
  code: string,
): Promise<Result<string, Problem>> {
  if (pairingCodePepper === undefined) return err(misconfigured(['PAIRING_CODE_PEPPER']));
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(pairingCodePepper), algorithm, false, ['sign']);
  const digest = await crypto.subtle.sign('HMAC', key, encoder.encode(`${provider}:${normaliseCode(code)}`));
  return ok(Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(''));
}
