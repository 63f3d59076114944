/** Ends a pairing, from our side or the provider's. A provider that cannot be told does not keep us: its failure is logged. */
import type { Charger } from '../charging/charger.ts';
import { writeLog } from '../log.ts';
import { problem, type Problem } from '../problem.ts';
import { err, ok, type Result } from '../result.ts';
import { deletePairing, findPairedByEvse, listPairings, type Pairing } from '../storage/pairings.ts';
import { stationOf } from '../storage/stations.ts';
import type { PairingContext } from './context.ts';

/** Which pairing a provider ends: of a whole charger, or of the EVSE it knows by this uid. */
export type UnpairTarget = { readonly chargePointId: string } | { readonly evseUid: string };

/** Ends the pairing and tells the provider; 'pairing-unknown' when there is none. */
export async function unpairCharger(
  context: PairingContext,
  charger: Charger,
  provider: string,
): Promise<Result<undefined, Problem>> {
  const pairings = await pairedOf(context, charger.chargePointId);
  const pairing = pairings.find((each) => each.provider === provider);
  if (pairing === undefined) return err(pairingUnknown());
  await endAndTell(context, charger, pairing);
  return ok(undefined);
}

/** Ends every pairing of a charger that is about to be removed. */
export async function unpairAll(context: PairingContext, charger: Charger): Promise<void> {
  for (const pairing of await pairedOf(context, charger.chargePointId)) await endAndTell(context, charger, pairing);
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
  for (const pairing of pairings) await end(context, pairing);
  return ok(undefined);
}

async function pairedOf({ env, now }: PairingContext, chargePointId: string): Promise<Pairing[]> {
  const pairings = await listPairings(env.DB, chargePointId, now);
  return pairings.filter(({ status }) => status === 'paired');
}

async function endAndTell(context: PairingContext, charger: Charger, pairing: Pairing): Promise<void> {
  const { env, config, now, requestId } = context;
  const provider = config.providers.get(pairing.provider);
  if (provider?.unpair !== undefined) {
    const io = { cache: env.CACHE, timeoutMs: config.providerTimeoutMs, now };
    const exchange = await provider.unpair(charger, pairing.target, io);
    const outcome = provider.classify(exchange, now);
    if (outcome.kind !== 'delivered') {
      writeLog('warn', 'pairing.unpair-not-told', {
        'scsp.provider': pairing.provider,
        'scsp.charge_point_id': charger.chargePointId,
        'scsp.outcome': outcome.reason,
        'scsp.request_id': requestId,
      });
    }
  }
  await end(context, pairing);
}

/** The station first: should it fail, the pairing is still there to be ended again. */
async function end({ env, now }: PairingContext, { chargePointId, provider }: Pairing): Promise<void> {
  await stationOf(env, chargePointId).unpair(provider);
  await deletePairing(env.DB, { chargePointId, provider, now });
}

function pairingUnknown(): Problem {
  return problem('pairing-unknown', 'The charger is not paired with this provider.');
}
