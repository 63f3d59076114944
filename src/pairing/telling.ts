/**
 * Tells a charger's station who is paired and who is not. The registry gives out generations and is the truth;
 * repeating is harmless.
 */
import { stationOf } from '../station/station-of.ts';
import type { KnownPairing, PairingNews } from '../station/station-rpc.ts';
import { endPairing, raiseGeneration } from './claims.ts';
import type { PairingContext } from './context.ts';
import { catchUp } from './restored.ts';
import { evseUidOf, type Pairing, type PairingKey } from './pairings.ts';

/** From now on the provider is sent what happens at the charger. */
export async function tellPaired(env: Env, pairing: Omit<Pairing, 'status' | 'claimedAt'>): Promise<void> {
  const { chargePointId, provider, generation } = pairing;
  const news = newsOf(pairing);
  const known = await stationOf(env, chargePointId).learnPairing(provider, news);
  if (known > generation) await raise(env, pairing, news, known);
}

/**
 * Tells a station again what it may not have heard. What it knows better counts: the registry, restored from a backup,
 * learns it.
 */
export async function retellPaired(env: Env, pairing: Omit<Pairing, 'status' | 'claimedAt'>): Promise<void> {
  const { chargePointId, provider, generation } = pairing;
  const known = await stationOf(env, chargePointId).learnPairing(provider, newsOf(pairing));
  if (known > generation) await catchUp(env, chargePointId);
}

/** The sweep, which ends what nobody finished, has no audit: nobody asked for it. */
type EndingContext = Pick<PairingContext, 'env' | 'now'> & Partial<Pick<PairingContext, 'audit'>>;

/** A pairing that ends, or a claim of which nobody knows what the provider made. */
export type Ending = PairingKey & Pick<Pairing, 'generation' | 'target'>;

/**
 * The provider is sent nothing that happens from now on; `mustTell`: it is told so, after what came before. Gives the
 * generation that ends by that.
 */
export async function tellUnpaired({ env, audit }: EndingContext, ending: Ending, mustTell: boolean): Promise<number> {
  const { chargePointId, provider, generation } = ending;
  const news = { pairing: knownOf(ending, 'ended'), mustTell, audit };
  const known = await stationOf(env, chargePointId).learnPairing(provider, news);
  if (known <= generation || !(await catchUp(env, chargePointId)).includes(provider)) return generation;
  // The registry was restored from a backup: what ends is the newest pairing, if that has not ended yet.
  const newest = { ...news.pairing, generation: known };
  return stationOf(env, chargePointId).learnPairing(provider, { ...news, pairing: newest });
}

/**
 * Ends a pairing or a claim. The station is told first: should that fail, the pairing is still there to be ended again.
 */
export async function end(context: EndingContext, ending: Ending, mustTell: boolean): Promise<void> {
  const generation = await tellUnpaired(context, ending, mustTell);
  await endPairing(context.env.DB, { ...ending, generation }, context.now);
}

/**
 * Whether the provider knows of every unpairing; waits a few seconds for it. `isUrgent`: it is told now, if it can be.
 */
export function isUnpairingTold(
  { env }: PairingContext,
  { chargePointId, provider }: PairingKey,
  isUrgent = false,
): Promise<boolean> {
  return stationOf(env, chargePointId).isUnpairingTold(provider, isUrgent);
}

/** Waits until the providers of these pairings have been told of their end, for a few seconds at most. */
export async function untilTold(context: PairingContext, pairings: readonly PairingKey[]): Promise<void> {
  await Promise.all(pairings.map((pairing) => isUnpairingTold(context, pairing)));
}

/** When the registry is behind the station, it raises its generation, and the news counts under the new one. */
async function raise(env: Env, key: PairingKey, news: PairingNews, known: number): Promise<void> {
  const generation = await raiseGeneration(env.DB, key, news.pairing, known);
  if (generation === undefined) return;
  const pairing = { ...news.pairing, generation };
  await stationOf(env, key.chargePointId).learnPairing(key.provider, { ...news, pairing });
}

function newsOf({ pairedAt, isPaused, audit, ...pairing }: Omit<Pairing, 'status' | 'claimedAt'>): PairingNews {
  const madeAt = pairedAt === undefined ? {} : { pairedAt };
  return { pairing: { ...knownOf(pairing, 'paired'), ...madeAt }, isPaused, audit };
}

function knownOf(
  { generation, target }: Pick<Ending, 'generation' | 'target'>,
  status: KnownPairing['status'],
): KnownPairing {
  const evseUid = evseUidOf(target);
  return { generation, status, ...(evseUid !== null && { evseUid }) };
}
