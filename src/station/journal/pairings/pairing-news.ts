/**
 * What a station keeps of each pairing, and how it is told. A generation names one pairing; the registry gives them
 * out. Pure.
 */

/**
 * The newest pairing with a provider that the station has heard of. `evseUid`: of this EVSE only. `pairedAt` (ms since
 * the epoch) is for those who look at it; it decides nothing.
 */
export type KnownPairing = {
  readonly generation: number;
  readonly status: 'paired' | 'ended';
  readonly evseUid?: string;
  readonly pairedAt?: number;
};

/**
 * Who made or ended a pairing, for the record; never holds a credential. `by` is the side that asked: the CSMS, the
 * provider, or the operator with the admin token. `caller` tells its credentials apart by fingerprint. `origin`, of one
 * that was made: whose code it was.
 */
export type Audit = {
  readonly by: 'csms' | 'provider' | 'operator';
  readonly caller: string;
  readonly requestId: string;
  readonly origin?: 'code-from-provider' | 'code-from-us' | undefined;
};

/**
 * A pairing as the registry has it. `isPaused`: nothing is to be sent to the provider yet. `mustTell`: the provider
 * does not know of the end, and is told.
 */
export type PairingNews = {
  readonly pairing: KnownPairing;
  readonly isPaused?: boolean;
  readonly mustTell?: boolean;
  readonly audit?: Audit | undefined;
};

/** Whether a pairing is newer than what is known: of a later generation, or the same one ended. */
export function isNewer({ generation, status }: KnownPairing, known: KnownPairing | undefined): boolean {
  if (known?.generation !== generation) return known === undefined || generation > known.generation;
  return status === 'ended' && known.status === 'paired';
}
