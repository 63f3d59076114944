import { webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashCode } from '../../src/pairing/hash.ts';

const PEPPER = 'pepper-for-tests-0123456789';

/** HMAC-SHA-256 in hex, by the other implementation that Node has. */
async function hmac(key: string, text: string): Promise<string> {
  const bytes = (of: string) => new TextEncoder().encode(of);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await webcrypto.subtle.importKey('raw', bytes(key), algorithm, false, ['sign']);
  return Buffer.from(await webcrypto.subtle.sign('HMAC', imported, bytes(text))).toString('hex');
}

describe('the form in which a code is stored', () => {
  it('is its HMAC-SHA-256 under the pepper, with its provider’s name', async () => {
    const stored = await hmac(PEPPER, 'jedlix:ABCD2345');
    expect(hashCode({ pairingCodePepper: PEPPER }, 'jedlix', 'ABCD2345')).toEqual({ ok: true, value: stored });
    expect(hashCode({ pairingCodePepper: PEPPER }, 'jedlix', ' abcd-2345')).toEqual({ ok: true, value: stored });
  });

  it('is another one under another pepper, and for another provider', () => {
    const forms = [
      hashCode({ pairingCodePepper: PEPPER }, 'jedlix', '362821'),
      hashCode({ pairingCodePepper: `${PEPPER}0` }, 'jedlix', '362821'),
      hashCode({ pairingCodePepper: PEPPER }, 'stekker', '362821'),
    ];
    expect(new Set(forms.map((form) => JSON.stringify(form))).size).toBe(3);
  });

  it('does not exist without a pepper', () => {
    const refused = { ok: false, error: { reason: 'misconfigured' } };
    expect(hashCode({ pairingCodePepper: undefined }, 'jedlix', '362821')).toMatchObject(refused);
  });
});
