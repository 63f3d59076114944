/**
 * Ends a pairing, from our side or the provider's. The provider is told by the charger's own lane, after what came
 * before, until it hears.
 */
import type { Charger } from '../charging/charger.ts';
import { problem, type Problem } from '../problem.ts';
import type { UnpairTarget } from '../providers/inbound.ts';
import { err, ok, type Result } from '../result.ts';
import type { PairingContext } from './context.ts';
import { findPairedByEvse, listOpenPairings, type Pairing } from './pairings.ts';
import { end, untilTold } from './telling.ts';

/**
 * Ends the pairing; 'pairing-unknown' when there is none. Usually the provider has been told when this ends; one that
 * cannot be told within a few seconds is told later.
 */
export async function unpairCharger(
  context: PairingContext,
  { chargePointId }: Charger,
  provider: string,
): Promise<Result<undefined, Problem>> {
  const pairing = await pairedWith(context, provider, chargePointId);
  if (pairing === undefined) return err(pairingUnknown());
  await end(context, pairing, true);
  await untilTold(context, [pairing]);
  return ok(undefined);
}

/**
 * Ends a pairing because the provider says so; it is not told back.
 * 'pairing-unknown' when the provider is not paired with it, whoever else is.
 */
export async function unpairByProvider(
  context: PairingContext,
  provider: string,
  target: UnpairTarget,
): Promise<Result<undefined, Problem>> {
  const pairing =
    'evseUid' in target
      ? await findPairedByEvse(context.env.DB, provider, target.evseUid)
      : await pairedWith(context, provider, target.chargePointId);
  if (pairing === undefined) return err(pairingUnknown());
  await end(context, pairing, false);
  return ok(undefined);
}

async function pairedWith(
  { env }: PairingContext,
  provider: string,
  chargePointId: string,
): Promise<Pairing | undefined> {
  const open = await listOpenPairings(env.DB, chargePointId);
  return open.find((each) => each.provider === provider && each.status === 'paired');
}

function pairingUnknown(): Problem {
  return problem('pairing-unknown', 'The charger is not paired with this provider.');
}
