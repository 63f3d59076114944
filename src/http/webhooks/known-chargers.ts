/** Which charger has an OCPP identity: remembered in memory for a minute, so that a known charger needs no database. */
import { findByIdentities, RegistryUnavailable } from '../../storage/chargers.ts';

const REMEMBERED_MS = 60_000;
const REMEMBERED = 10_000;

/** A charger's key, and whether it was found in memory: then its station checks that the identity is still its own. */
export type KnownCharger = { readonly chargePointId: string; readonly isRemembered: boolean };

/** `failure` is why the registry could not be asked for those that are missing. */
export type Found = {
  readonly known: ReadonlyMap<string, KnownCharger>;
  readonly failure?: RegistryUnavailable;
};

/** Unknown identities are not remembered, or events right after a registration would be lost. */
const remembered = new Map<string, { readonly chargePointId: string; readonly untilMs: number }>();

/** Finds chargers by their identities; makes at most one query. `now` in ms. */
export async function findKnown(db: D1Database, identities: readonly string[], now: number): Promise<Found> {
  const known = new Map<string, KnownCharger>();
  for (const identity of identities) {
    const { chargePointId, untilMs } = remembered.get(identity) ?? {};
    if (chargePointId !== undefined && untilMs !== undefined && untilMs > now)
      known.set(identity, { chargePointId, isRemembered: true });
  }
  try {
    const rest = identities.filter((identity) => !known.has(identity));
    for (const [identity, chargePointId] of await findByIdentities(db, rest)) {
      known.set(identity, { chargePointId, isRemembered: false });
      if (remembered.size >= REMEMBERED) remembered.clear();
      remembered.set(identity, { chargePointId, untilMs: now + REMEMBERED_MS });
    }
    return { known };
  } catch (error) {
    return { known, failure: new RegistryUnavailable('the registry cannot be read', { cause: error }) };
  }
}

/** Forgets identities that turned out to be another charger's, or nobody's. */
export function forgetKnown(identities: readonly string[]): void {
  for (const identity of identities) remembered.delete(identity);
}
