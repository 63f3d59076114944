/** Tells a charger's station who is paired and who is not. The registry is told first, and stays the truth; repeating is harmless. */
import type { PairingTarget } from '../charging/pairing-target.ts';
import type { PairingAudit } from '../storage/pairing-audit.ts';
import { stationOf } from '../station/station-of.ts';
import { auditOf, type PairingContext } from './context.ts';

/** Names a pairing: of one EVSE only when the target says so. */
export type PairingKey = {
  readonly chargePointId: string;
  readonly provider: string;
  readonly target: PairingTarget;
};

/** A pairing as the registry has it. `isRetold`: the station may know it already, or know its end. */
export type PairingNews = PairingKey & {
  readonly pairedAt: number;
  readonly isPaused: boolean;
  readonly isRetold: boolean;
  readonly audit: PairingAudit;
};

/** From now on the provider is sent what happens at the charger. */
export async function tellPaired({ env }: Pick<PairingContext, 'env'>, news: PairingNews): Promise<void> {
  const { chargePointId, provider, target, ...note } = news;
  await stationOf(env, chargePointId).pair(provider, { ...note, ...evseUidIn(target) });
}

/**
 * The provider is sent nothing that happens from now on; `isTold`: it is told so, after what came before. Without `pairedAt` there
 * was no pairing, though the provider may believe so.
 */
export async function tellUnpaired(
  context: PairingContext,
  { chargePointId, provider, target, pairedAt }: PairingKey & { readonly pairedAt?: number | undefined },
  isTold: boolean,
): Promise<void> {
  const made = pairedAt === undefined ? {} : { pairedAt };
  const note = { unpairedAt: context.now, isTold, audit: auditOf(context), ...made, ...evseUidIn(target) };
  await stationOf(context.env, chargePointId).unpair(provider, note);
}

/** Whether the provider knows of every unpairing; waits a few seconds for it. `isUrgent`: it is told now, if it can be. */
export function isUnpairingTold(
  { env }: PairingContext,
  { chargePointId, provider }: Pick<PairingKey, 'chargePointId' | 'provider'>,
  isUrgent = false,
): Promise<boolean> {
  return stationOf(env, chargePointId).isUnpairingTold(provider, isUrgent);
}

function evseUidIn(target: PairingTarget): { readonly evseUid?: string } {
  return target.format === 'ocpi' ? { evseUid: target.evseUid } : {};
}
