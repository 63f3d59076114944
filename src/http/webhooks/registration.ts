/** Charger details that come by webhook: registers the charger, and pairs it if its user typed a code. */
import type { Charger, Evse } from '../../charging/charger.ts';
import { pairCharger } from '../../pairing/pair.ts';
import type { PairingContext } from '../../pairing/context.ts';
import { registerCharger } from '../../pairing/registration.ts';
import type { Problem } from '../../problem.ts';
import { PROVIDERS } from '../../providers/index.ts';
import { ok, type Result } from '../../result.ts';
import { findCharger } from '../../storage/chargers.ts';
import { readCharger } from '../chargers/schema.ts';

/** Details as a webhook brought them, with the code that their user typed. */
export type PostedDetails = {
  readonly chargePointId: string;
  readonly charger: unknown;
  readonly pairingCode?: string;
};

/** Stores the details as `PUT /api/chargers/{id}` does, then redeems the code. A code that was used changes nothing. */
export async function registerByWebhook(
  context: PairingContext,
  { chargePointId, charger: body, pairingCode }: PostedDetails,
): Promise<Result<undefined, Problem>> {
  const read = readCharger(chargePointId, body);
  if (!read.ok) return read;
  const charger = enriched(read.value, await findCharger(context.env.DB, chargePointId));
  const stored = await registerCharger(context, charger);
  if (!stored.ok) return stored;
  const provider = PROVIDERS.find(({ isPairedByDetails }) => isPairedByDetails);
  if (pairingCode === undefined || provider === undefined) return ok(undefined);
  const paired = await pairCharger(context, charger, { provider: provider.name, code: pairingCode, format: 'ocpp' });
  return paired.ok ? ok(undefined) : paired;
}

/** These details have less than the registry may have, such as the OCPP version. What they lack is kept. */
function enriched(charger: Charger, known: Charger | undefined): Charger {
  const ofKnown = ({ evseId }: Evse) => known?.evses.find((evse) => evse.evseId === evseId);
  const evses = charger.evses.map((evse) => {
    const { uid, emi3Id, capabilities, rateUnit, minAmperage } = ofKnown(evse) ?? evse;
    return { ...evse, uid, emi3Id: emi3Id ?? evse.emi3Id, capabilities, rateUnit, minAmperage };
  });
  return { ...charger, protocol: known?.protocol ?? charger.protocol, evses };
}
