/**
 * Verifies a code that we issued, for the provider that its user typed it into. Refuses wrong codes without saying what
 * is wrong.
 */
import type { Charger } from '../charging/charger.ts';
import { problem, type Problem } from '../problem.ts';
import type { PairingTarget } from '../charging/pairing-target.ts';
import { err, ok, type Result } from '../result.ts';
import { redeemCode, type Redemption } from './redemption.ts';
import { alreadyPaired } from './choice.ts';
import { alertGuessing } from './attempts.ts';
import type { PairingContext } from './context.ts';
import { hashCode } from './hash.ts';
import { tellPaired } from './telling.ts';

/** `caller` tells apart whose failures are counted: the provider and which of its tokens, never the token itself. */
export type Verification = {
  readonly provider: string;
  readonly code: string;
  readonly format: PairingTarget['format'];
  readonly caller: string;
};

/**
 * Pairs the code's charger with the provider, whose user typed a code that we issued. The same
 * code within 10 minutes gives the same answer. 'pairing-code-incorrect' (unknown, expired, revoked, used),
 * 'charger-already-paired' (the code stays good), 'misconfigured'. One D1 round trip, and one call of the station.
 */
export async function verifyCode(
  context: PairingContext,
  { provider, code, format, caller }: Verification,
): Promise<Result<{ readonly charger: Charger; readonly target: PairingTarget }, Problem>> {
  const { env, config, now } = context;
  const codeHash = hashCode(config, provider, code);
  if (!codeHash.ok) return codeHash;
  const audit = { ...context.audit, origin: 'code-from-us' } as const;
  const redemption = await redeemCode(env.DB, {
    codeHash: codeHash.value,
    provider,
    format,
    caller,
    now,
    isExclusive: config.isOneProviderPerCharger,
    audit,
  });
  if (redemption.kind !== 'redeemed') {
    if (redemption.kind === 'incorrect') await alertGuessing(context, { caller, failures: redemption.failures });
    return err(refusalOf(redemption));
  }
  const { charger, pairing } = redemption;
  await tellPaired(env, { ...pairing, audit });
  return ok({ charger, target: pairing.target });
}

function refusalOf({ kind }: Exclude<Redemption, { kind: 'redeemed' }>): Problem {
  return kind === 'incorrect' ? problem('pairing-code-incorrect', 'The code is incorrect.') : alreadyPaired();
}
