/** How Jedlix is told that we unpaired, and what its answer means (Jedlix guide: unpair). Pure. */
import type { Exchange, Outcome, OutgoingMessage } from '../../recipient.ts';
import type { ProviderUnpaired } from '../../charging/charge-event.ts';
import type { Charger } from '../../charging/charger.ts';
import { classifyByHttp } from '../../http-outcome.ts';

const UNPAIR = 'Unpair';

/** A station is unpaired by its uid. An EVSE that was paired alone is unpaired by the EVSE's uid. */
export function unpairMessage({ evseUid }: ProviderUnpaired, { chargePointId }: Charger): OutgoingMessage {
  const path =
    evseUid === undefined
      ? `/v1/scsp/chargingstations/${encodeURIComponent(chargePointId)}/unpair`
      : `/v1/scsp/evse/${encodeURIComponent(evseUid)}/unpair`;
  return { name: UNPAIR, method: 'POST', path, body: {} };
}

/** As HTTP says, except for a 404 to an unpairing: what Jedlix does not know is not paired any more. */
export function classify(exchange: Exchange, now: number, { name }: OutgoingMessage): Outcome {
  const isGone = name === UNPAIR && exchange.kind === 'answer' && exchange.status === 404;
  return isGone ? { kind: 'delivered' } : classifyByHttp(exchange, now);
}
