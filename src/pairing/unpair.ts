/** Ends a pairing, from our side or the provider's. The provider is told by the charger's own lane, after what came before, until it hears. */
import type { Charger } from '../charging/charger.ts';
import { problem, type Problem } from '../problem.ts';
import type { UnpairTarget } from '../providers/inbound.ts';
import { err, ok, type Result } from '../result.ts';
import {
  CLAIM_TTL_MS,
  deletePairing,
  findPairedByEvse,
  listClaims,
  listPairings,
  releaseClaim,
  type Pairing,
} from '../storage/pairings.ts';
import type { PairingContext } from './context.ts';
import { isUnpairingTold, tellUnpaired } from './telling.ts';

/**
 * Ends the pairing; 'pairing-unknown' when there is none. Usually the provider has been told when this ends; one that cannot be
 * told within a few seconds is told later.
 */
export async function unpairCharger(
  context: PairingContext,
  { chargePointId }: Charger,
  provider: string,
): Promise<Result<undefined, Problem>> {
  const pairings = await pairedOf(context, chargePointId);
  const pairing = pairings.find((each) => each.provider === provider);
  if (pairing === undefined) return err(pairingUnknown());
  await end(context, pairing, true);
  await untilTold(context, [pairing]);
  return ok(undefined);
}

/** Ends every pairing of a charger that is about to be removed, and gives them; the providers are told meanwhile. */
export async function unpairAll(context: PairingContext, { chargePointId }: Charger): Promise<readonly Pairing[]> {
  await endClaims(context, chargePointId);
  const pairings = await pairedOf(context, chargePointId);
  for (const pairing of pairings) await end(context, pairing, true);
  return pairings;
}

/** A request that still asks its provider finds its claim gone, and tells it. Of one that died nobody else will. */
async function endClaims(context: PairingContext, chargePointId: string): Promise<void> {
  for (const claim of await listClaims(context.env.DB, chargePointId)) {
    const isAbandoned = claim.claimedAt <= context.now - CLAIM_TTL_MS;
    if (isAbandoned) await tellUnpaired(context, claim, true);
    await releaseClaim(context.env.DB, { ...claim, now: claim.claimedAt });
  }
}

/** Waits until the providers of these pairings have been told of their end, for a few seconds at most. */
export async function untilTold(context: PairingContext, pairings: readonly Pairing[]): Promise<void> {
  await Promise.all(pairings.map((pairing) => isUnpairingTold(context, pairing)));
}

/**
 * Ends a pairing because the provider says so (Jedlix guide: unpair); it is not told back.
 * 'pairing-unknown' when the provider is not paired with it, whoever else is.
 */
export async function unpairByProvider(
  context: PairingContext,
  provider: string,
  target: UnpairTarget,
): Promise<Result<undefined, Problem>> {
  const chargePointIds =
    'evseUid' in target ? await findPairedByEvse(context.env.DB, provider, target.evseUid) : [target.chargePointId];
  const pairings = (await Promise.all(chargePointIds.map((id) => pairedOf(context, id))))
    .flat()
    .filter((pairing) => pairing.provider === provider);
  if (pairings.length === 0) return err(pairingUnknown());
  for (const pairing of pairings) await end(context, pairing, false);
  return ok(undefined);
}

async function pairedOf({ env, now }: PairingContext, chargePointId: string): Promise<Pairing[]> {
  const pairings = await listPairings(env.DB, chargePointId, now);
  return pairings.filter(({ status }) => status === 'paired');
}

/** The station first: should it fail, the pairing is still there to be ended again. */
async function end(context: PairingContext, pairing: Pairing, isTold: boolean): Promise<void> {
  await tellUnpaired(context, pairing, isTold);
  await deletePairing(context.env.DB, { ...pairing, now: context.now });
}

function pairingUnknown(): Problem {
  return problem('pairing-unknown', 'The charger is not paired with this provider.');
}
