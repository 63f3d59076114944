/** Charger details that come by webhook: registers the chargers, and pairs those whose users typed a code. */
import type { Charger, Evse } from '../../charging/charger.ts';
import { pairCharger } from '../../pairing/pair.ts';
import type { PairingContext } from '../../pairing/context.ts';
import { registerChargers } from '../../pairing/registration.ts';
import { problem, type Problem } from '../../problem.ts';
import { PROVIDERS } from '../../providers/index.ts';
import { err, ok, type Result } from '../../result.ts';
import { findChargers } from '../../storage/chargers.ts';
import { CHARGERS_PER_BATCH } from '../../storage/store-chargers.ts';
import { readCharger } from '../chargers/schema.ts';

/** Details as a webhook brought them, with the code that their user typed. */
export type PostedDetails = {
  readonly chargePointId: string;
  readonly charger: unknown;
  readonly pairingCode?: string;
};

type Registered = Result<undefined, Problem>;
type Read = { readonly posted: PostedDetails; readonly charger: Charger };

/** Each code is a question to a provider, which may take its time. */
const MAX_CODES = 20;
const tooManyCodes = () => problem('batch-too-large', `At most ${MAX_CODES} pairing codes fit in one request.`);

/**
 * Stores the details as `PUT /api/chargers/{id}` does, all together, then redeems the codes one after another. One
 * outcome for each, in the same order. A code that was used changes nothing. Of several details of one charger, the
 * last are stored.
 */
export async function registerByWebhook(
  context: PairingContext,
  posted: readonly PostedDetails[],
): Promise<readonly Registered[]> {
  const read = posted.map(readDetails);
  const stored = await storeAll(context, read.flatMap(valueOf));
  const outcomes: Registered[] = [];
  let codes = 0;
  for (const details of read) {
    if (!details.ok) {
      outcomes.push(details);
      continue;
    }
    const {
      posted: { pairingCode },
      charger,
    } = details.value;
    if (pairingCode !== undefined) codes += 1;
    const registered = stored.get(charger.chargePointId) ?? ok(charger);
    if (!registered.ok) outcomes.push(registered);
    else if (codes > MAX_CODES && pairingCode !== undefined) outcomes.push(err(tooManyCodes()));
    else outcomes.push(await redeem(context, registered.value, pairingCode));
  }
  return outcomes;
}

function readDetails(posted: PostedDetails): Result<Read, Problem> {
  const charger = readCharger(posted.chargePointId, posted.charger);
  return charger.ok ? ok({ posted, charger: charger.value }) : charger;
}

const valueOf = (read: Result<Read, Problem>): Charger[] => (read.ok ? [read.value.charger] : []);

/** Stores each charger once; gives by `chargePointId` what the registry has of it now, or why it was refused. */
async function storeAll(
  context: PairingContext,
  chargers: readonly Charger[],
): Promise<ReadonlyMap<string, Result<Charger, Problem>>> {
  const last = [...new Map(chargers.map((charger) => [charger.chargePointId, charger])).values()];
  const outcomes = new Map<string, Result<Charger, Problem>>();
  for (let from = 0; from < last.length; from += CHARGERS_PER_BATCH) {
    const some = last.slice(from, from + CHARGERS_PER_BATCH);
    const ids = some.map(({ chargePointId }) => chargePointId);
    const known = await findChargers(context.env.DB, ids);
    const whole = some.map((charger) => enriched(charger, known.get(charger.chargePointId)));
    const stored = await registerChargers(context, whole);
    for (const [index, charger] of whole.entries()) {
      const outcome = stored[index];
      if (outcome !== undefined) outcomes.set(charger.chargePointId, outcome.ok ? ok(charger) : outcome);
    }
  }
  return outcomes;
}

async function redeem(context: PairingContext, charger: Charger, pairingCode: string | undefined): Promise<Registered> {
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
