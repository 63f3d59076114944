/** What a station knows of its charger, or what the registry says of it. */
import { findRegistration } from './journal/pairings/registration.ts';
import type { Registration } from './journal/pairings/stored-registration.ts';
import type { Ledger } from './journal/ledger.ts';

/**
 * The charger as registered; the registry is asked when the station does not know, so that it can never be left behind.
 * The provider whose pairing is being told is left out: that is news, to be noted as such.
 */
export async function registeredIn(
  ledger: Ledger,
  db: D1Database,
  chargePointId: string | undefined,
  provider?: string,
): Promise<Registration | undefined> {
  const known = ledger.registration;
  if (known?.isRegistered) return known;
  const found = chargePointId === undefined ? undefined : await findRegistration(db, chargePointId);
  // Another call may have learned more while this one asked.
  if (found !== undefined && !ledger.registration?.isRegistered) {
    const others = Object.entries(found.pairings).filter(([name]) => name !== provider);
    ledger.adopt({ ...found, pairings: Object.fromEntries(others) });
  }
  return ledger.registration?.isRegistered ? ledger.registration : undefined;
}
