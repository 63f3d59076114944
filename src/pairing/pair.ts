/** Pairs a charger by the code that a provider's app showed its user. The user waits: one call, no repeats. Refuses a second provider. */
import type { Charger } from '../charging/charger.ts';
import { problem, type Problem } from '../problem.ts';
import type { PairingTarget } from '../providers/provider.ts';
import { err, ok, type Result } from '../result.ts';
import { claimPairing, completePairing, releaseClaim, type Pairing } from '../storage/pairings.ts';
import { stationOf } from '../storage/stations.ts';
import { alreadyPaired, chooseProvider, chooseTarget, invalidField, type TargetChoice } from './choice.ts';
import type { PairingContext } from './context.ts';

export type PairRequest = TargetChoice & { readonly provider: string; readonly code: string };

/**
 * Claims the charger, asks the provider, and makes the claim a pairing or gives it back. Pairing again with the same provider
 * asks it again and keeps the pairing whatever it says. The provider's own problem is passed on as it is.
 */
export async function pairCharger(
  context: PairingContext,
  charger: Charger,
  request: PairRequest,
): Promise<Result<Pairing, Problem>> {
  const { env, config, now } = context;
  const provider = chooseProvider(config, request.provider);
  if (!provider.ok) return provider;
  if (request.format !== 'ocpp' && !provider.value.issuedCodeFormats.includes(request.format)) {
    return err(invalidField('format', 'is none in which this provider pairs'));
  }
  const target = chooseTarget(charger, request);
  if (!target.ok) return target;
  const claim = { chargePointId: charger.chargePointId, provider: provider.value.name, now };
  const isExclusive = config.isOneProviderPerCharger;
  const claimed = await claimPairing(env.DB, { ...claim, target: target.value, isExclusive });
  if (claimed !== 'claimed') return err(refusalOf(claimed));
  const io = { cache: env.CACHE, timeoutMs: config.providerTimeoutMs, now };
  const answer = await provider.value.pair({ code: request.code, charger, target: target.value }, io);
  if (answer.ok) return conclude(env, claim, target.value);
  await releaseClaim(env.DB, claim);
  return answer;
}

/** The registry first: it is the truth. Should the station not hear of it, pairing again tells it. */
async function conclude(
  env: Env,
  { chargePointId, provider, now }: { chargePointId: string; provider: string; now: number },
  target: PairingTarget,
): Promise<Result<Pairing, Problem>> {
  if (!(await completePairing(env.DB, { chargePointId, provider }, now))) {
    return err(problem('charger-unknown', 'The charger was removed while it was being paired.'));
  }
  await stationOf(env, chargePointId).pair(provider);
  return ok({ chargePointId, provider, status: 'paired', target, pairedAt: now });
}

function refusalOf(claimed: 'held' | 'in-progress'): Problem {
  return claimed === 'held'
    ? alreadyPaired()
    : problem('pairing-in-progress', 'Another request is pairing this charger with this provider.', {
        retryAfterS: 30,
      });
}
