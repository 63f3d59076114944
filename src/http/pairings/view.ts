/** A pairing as our API shows it. Pure. */
import type { Pairing } from '../../pairing/pairings.ts';

/** `pairedAt` in RFC 3339 UTC, absent while the pairing is being made; `evseUid` only when one EVSE is paired. */
export function pairingViewOf({ provider, status, pairedAt, target }: Pairing): Record<string, unknown> {
  return {
    provider,
    status: status === 'claimed' ? 'pending' : status,
    ...(pairedAt === undefined ? {} : { pairedAt: new Date(pairedAt).toISOString() }),
    ...target,
  };
}
