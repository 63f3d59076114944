/** A pairing as our API shows it. Pure. */
import type { Pairing } from '../../storage/pairings.ts';

/** `pairedAt` in RFC 3339 UTC, absent while the pairing is still being made; `evseUid` only when one EVSE was paired. */
export function pairingViewOf({ provider, status, pairedAt, target }: Pairing): Record<string, unknown> {
  return {
    provider,
    status,
    ...(pairedAt === undefined ? {} : { pairedAt: new Date(pairedAt).toISOString() }),
    ...target,
  };
}
