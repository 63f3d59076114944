/**
 * The form in which a pairing code is stored: a keyed hash, useless without the pepper. Refuses to work without one.
 */
import { createHmac } from 'node:crypto';
import type { Config } from '../config.ts';
import type { Problem } from '../problem.ts';
import { err, ok, type Result } from '../result.ts';
import { misconfigured } from '../settings.ts';
import { normaliseCode } from './code.ts';

/**
 * HMAC-SHA-256 under PAIRING_CODE_PEPPER over "provider:code" with the code normalised, in hex; 'misconfigured' without
 * the pepper.
 */
export function hashCode(
  { pairingCodePepper }: Pick<Config, 'pairingCodePepper'>,
  provider: string,
  code: string,
): Result<string, Problem> {
  if (pairingCodePepper === undefined) return err(misconfigured(['PAIRING_CODE_PEPPER']));
  return ok(
    createHmac('sha256', pairingCodePepper)
      .update(`${provider}:${normaliseCode(code)}`)
      .digest('hex'),
  );
}
